//! A message that comes in: its beginning is kept, the rest is let go, however long it is.

use std::slice::Iter;

use assent_worker::bounce::READ_OCTETS;
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver};

/// What takes the octets.
enum Receiver {
    Keeping(DataReceiver),
    LettingGo(DummyDataReceiver),
}

/// A message of which not all has come.
pub(super) struct Incoming {
    receiver: Receiver,
    start: Vec<u8>,
    octets: usize,
}

impl Incoming {
    pub(super) fn new() -> Self {
        let mut receiver = DataReceiver::new();
        // The end of the command is the end of a line, so that a message may consist of its final dot (RFC 5321, 4.1.1.4).
        receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
        Self {
            receiver: Receiver::Keeping(receiver),
            start: Vec::new(),
            octets: 0,
        }
    }

    /// Takes octets up to the end of the message; says whether it has come.
    pub(super) fn take(&mut self, octets: &mut Iter<'_, u8>) -> bool {
        let before = octets.len();
        let has_ended = match &mut self.receiver {
            Receiver::Keeping(receiver) => receiver.ingest(octets, &mut self.start),
            Receiver::LettingGo(receiver) => receiver.ingest(octets),
        };
        self.octets = self.octets.saturating_add(before - octets.len());
        if let Receiver::Keeping(receiver) = &self.receiver
            && self.start.len() >= READ_OCTETS
        {
            self.receiver = Receiver::LettingGo(DummyDataReceiver::new_data(receiver));
        }
        has_ended
    }

    /// How many octets have come.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// The beginning of the message.
    pub(super) fn into_start(self) -> Vec<u8> {
        self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pieces: &[&str]) -> Option<(String, usize)> {
        let mut incoming = Incoming::new();
        for piece in pieces {
            let mut octets = piece.as_bytes().iter();
            if incoming.take(&mut octets) {
                let rest = octets.len();
                return Some((String::from_utf8(incoming.into_start()).unwrap(), rest));
            }
        }
        None
    }

    #[test]
    fn a_message_ends_with_a_dot_on_a_line_of_its_own_and_nowhere_else() {
        assert_eq!(taken(&[".\r\n"]), Some((String::new(), 0)));
        assert_eq!(
            taken(&["a\r\n..b\r\n.\r\nQUIT\r\n"]),
            Some(("a\r\n.b\r\n".to_owned(), 6))
        );
        assert_eq!(taken(&["a\r", "\n.", "\r\n"]), Some(("a\r\n".to_owned(), 0)));
        for smuggled in ["a\n.\n", "a\r.\r", "a\n.\r\n", "a\r\n.\n", "a\r\n.\r"] {
            assert_eq!(taken(&[smuggled]), None, "{smuggled:?}");
        }
    }

    #[test]
    fn of_a_long_message_the_beginning_is_kept() {
        let mut incoming = Incoming::new();
        let piece = [b'x'; 8192];
        for _ in 0..1000 {
            assert!(!incoming.take(&mut piece.iter()));
        }
        assert!(incoming.start.capacity() < 3 * READ_OCTETS);
        assert!(incoming.take(&mut b"\r\n.\r\n".iter()));
        assert_eq!(incoming.octets(), 8192 * 1000 + 5);
        assert_eq!(incoming.into_start().len(), READ_OCTETS);
    }
}
