//! A stream from which a server can send only so much that nobody asked for.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most octets that are read between two writes. A reply line has 512 octets at most (RFC 5321, 4.5.3.1.5) and a reply
/// few lines; a handshake brings certificates.
const MAX_OCTETS: usize = 128 * 1024;

/// A stream that fails where the other side sends on and on: lettre looks for the end of a line however long it is.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    inner: S,
    read: usize,
}

impl<S> Bounded<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, read: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.read += buffer.filled().len() - before;
        if self.read > MAX_OCTETS {
            let reason = format!("the mail server sent more than {MAX_OCTETS} octets in place of a reply");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.read = 0;
        Pin::new(&mut self.inner).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: AsyncTokioStream> AsyncTokioStream for Bounded<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::{Bounded, MAX_OCTETS};

    #[tokio::test]
    async fn a_server_that_sends_on_and_on_is_cut_off_and_one_that_answers_is_not() {
        let (near, mut far) = duplex(1024);
        let mut near = Bounded::new(near);
        let talks = tokio::spawn(async move {
            let mut asked = [0; 1];
            for _ in 0..5 {
                far.read_exact(&mut asked).await.unwrap();
                far.write_all(&vec![b'x'; MAX_OCTETS]).await.unwrap();
            }
            while far.write_all(b"on and on").await.is_ok() {}
        });
        let mut reply = vec![0; MAX_OCTETS];
        for _ in 0..5 {
            near.write_all(b"?").await.unwrap();
            near.read_exact(&mut reply).await.unwrap();
        }
        let error = near.read_exact(&mut reply).await.unwrap_err();
        assert!(error.to_string().contains("in place of a reply"), "{error}");
        drop(near);
        talks.await.unwrap();
    }
}
