//! Sending over real sockets: to a scripted server, to Postfix's smtp-sink, and over TLS.

mod connecting;
mod scripted;
mod sending;
mod sink;
mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use super::*;

const FROM: &str = "bounce@acme.example";
const TO: &str = "ada@example.com";
const MESSAGE: &[u8] = b"Subject: x\r\n\r\n.dot\r\n..\r\nbody\r\n";

fn settings(address: SocketAddr) -> SmtpSettings {
    SmtpSettings {
        host: address.ip().to_string(),
        port: address.port(),
        tls: TlsMode::None,
        credentials: None,
        hello_name: "client.example".to_owned(),
        connect_timeout: Duration::from_secs(5),
        command_timeout: Duration::from_secs(5),
        root_certificate: None,
        reach: Reach::Anywhere,
    }
}

fn rejected(outcome: &SendOutcome) -> (Permanence, Stage, u16, Option<&str>) {
    match outcome {
        SendOutcome::Rejected {
            permanence,
            stage,
            reply,
        } => (*permanence, *stage, reply.code, reply.enhanced.as_deref()),
        other => panic!("not rejected: {other:?}"),
    }
}

fn is_accepted(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Accepted { .. })
}
