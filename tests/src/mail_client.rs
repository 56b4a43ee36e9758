//! A mail client of few words, which also says what no client should.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection to a server that has greeted.
#[derive(Debug)]
pub struct MailClient {
    stream: BufReader<TcpStream>,
}

impl MailClient {
    /// Connects; gives the code of the greeting, too.
    pub async fn connect(to: SocketAddr) -> (Self, u16) {
        let stream = TcpStream::connect(to).await.expect("a server that listens");
        let mut client = Self {
            stream: BufReader::new(stream),
        };
        let code = client.answer().await;
        (client, code)
    }

    /// Connects and says hello, `EHLO` or `LHLO`.
    pub async fn greet(to: SocketAddr, hello: &str) -> Self {
        let (mut client, code) = Self::connect(to).await;
        assert_eq!(code, 220);
        assert_eq!(client.say(&format!("{hello} client.example")).await, 250);
        client
    }

    /// The code of the next answer; 0 where the server has left.
    pub async fn answer(&mut self) -> u16 {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return 0;
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            }
        }
    }

    /// Says a line; gives the code of the answer.
    pub async fn say(&mut self, line: &str) -> u16 {
        self.write(format!("{line}\r\n").as_bytes()).await;
        self.answer().await
    }

    /// Sends octets; whether the server still reads them does not matter.
    pub async fn write(&mut self, octets: &[u8]) {
        let _ = self.stream.get_mut().write_all(octets).await;
    }

    /// Announces a message to these; gives the codes of the answers, that of `DATA` last.
    pub async fn announce(&mut self, to: &[&str]) -> Vec<u16> {
        let mut codes = vec![self.say("MAIL FROM:<>").await];
        for recipient in to {
            codes.push(self.say(&format!("RCPT TO:<{recipient}>")).await);
        }
        codes.push(self.say("DATA").await);
        codes
    }

    /// Sends a message to one recipient; gives the code of the last answer.
    pub async fn send(&mut self, to: &str, mail: &str) -> u16 {
        let codes = self.announce(&[to]).await;
        if codes.last() != Some(&354) {
            return codes.last().copied().unwrap_or(0);
        }
        self.write(mail.replace("\r\n.", "\r\n..").as_bytes()).await;
        self.say(if mail.ends_with("\r\n") { "." } else { "\r\n." }).await
    }
}
