//! How fast a file has to come in: whoever sends an octet now and then would keep a place from others for as long as a file may
//! take.

use std::collections::VecDeque;
use std::future::Future;
use std::time::{Duration, Instant};

/// The least that has to come of a file.
#[derive(Clone, Copy, Debug)]
pub struct LeastPace {
    /// How many octets.
    pub octets: u64,
    /// Within how long, wherever that begins. For as long, nothing at all may come.
    pub within: Duration,
}

impl Default for LeastPace {
    /// A kibibyte a second, over a minute: no line of today is as slow.
    fn default() -> Self {
        Self {
            octets: 60 * 1024,
            within: Duration::from_mins(1),
        }
    }
}

/// A file that comes too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

/// How fast a file comes.
#[derive(Debug)]
pub(crate) struct Pace {
    least: LeastPace,
    /// For how long it was waited for in all. What the server does with it is not the sender's time.
    waited: Duration,
    /// What came within the last while: how long it had been waited for by then, and how many octets.
    came: VecDeque<(Duration, u64)>,
    octets: u64,
}

impl Pace {
    pub(crate) fn new(least: LeastPace) -> Self {
        Self {
            least,
            waited: Duration::ZERO,
            came: VecDeque::new(),
            octets: 0,
        }
    }

    /// Waits for the next piece, if it comes in time.
    pub(crate) async fn next<T, E>(
        &mut self,
        next: impl Future<Output = Option<Result<T, E>>>,
    ) -> Result<Option<Result<T, E>>, TooSlow>
    where
        T: AsRef<[u8]>,
    {
        let began = Instant::now();
        let next = tokio::time::timeout(self.least.within, next).await;
        let next = next.map_err(|_| TooSlow)?;
        if let Some(Ok(piece)) = &next {
            let octets = u64::try_from(piece.as_ref().len()).unwrap_or(u64::MAX);
            self.note(began.elapsed(), octets)?;
        }
        Ok(next)
    }

    fn note(&mut self, waited: Duration, octets: u64) -> Result<(), TooSlow> {
        self.waited += waited;
        self.octets = self.octets.saturating_add(octets);
        // What came at about the same time is one, so that a file in small pieces is not a long list.
        let grain = self.least.within / 60;
        match self.came.back_mut() {
            Some((at, some)) if self.waited.saturating_sub(*at) < grain => {
                *some = some.saturating_add(octets);
            }
            _ => self.came.push_back((self.waited, octets)),
        }
        while let Some((at, some)) = self.came.front()
            && self.waited.saturating_sub(*at) > self.least.within
        {
            self.octets = self.octets.saturating_sub(*some);
            self.came.pop_front();
        }
        if self.waited >= self.least.within && self.octets < self.least.octets {
            return Err(TooSlow);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// For how many seconds a file goes on that comes so, a piece a second; at most for an hour.
    fn lasts(piece: impl Fn(u64) -> u64) -> u64 {
        let mut pace = Pace::new(LeastPace::default());
        let slow = (1..3600).find(|second| pace.note(SECOND, piece(*second)).is_err());
        assert!(pace.came.len() <= 70, "{}", pace.came.len());
        slow.unwrap_or(3600)
    }

    #[test]
    fn a_file_that_trickles_is_too_slow_after_a_minute_however_it_began() {
        assert_eq!(lasts(|_| 1), 60);
        assert_eq!(lasts(|_| 1023), 60);
        assert_eq!(lasts(|_| 1024), 3600);
        let begins_well = lasts(|second| if second <= 10 { 1024 * 1024 } else { 1 });
        assert!((60..=71).contains(&begins_well), "{begins_well}");
        assert_eq!(
            lasts(|second| if second % 30 == 0 { 64 * 1024 } else { 1 }),
            3600,
            "in bursts"
        );
    }

    #[test]
    fn what_the_server_does_with_a_piece_is_not_the_senders_time() {
        let mut pace = Pace::new(LeastPace::default());
        for _ in 0..100_000 {
            pace.note(Duration::from_micros(10), 16).unwrap();
        }
        assert_eq!(pace.came.len(), 1, "it was hardly waited for");
    }
}
