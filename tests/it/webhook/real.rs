//! Webhooks as the program sends them: over TLS, by the clock of the machine, to a receiver that was written by others; and with the
//! process killed in the middle.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use assent_domain::webhook::EndpointUrl;
use assent_domain::webhook::event::EventType;
use assent_entity::webhook::endpoint::{self, EndpointDraft};
use assent_tests::certificate::Certificate;
use assent_tests::hook::{Hook, Reply};
use assent_tests::process::{Assent, until};
use assent_tests::{House, on_both};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{LIMIT, joins};
use crate::dkim::python;

const HERE: &[(&str, &str)] = &[("ASSENT_WEBHOOK_NETWORKS", "127.0.0.0/8")];

/// A receiver in Python.
struct Foreign {
    port: u16,
    child: Child,
    told: Receiver<Value>,
}

impl Foreign {
    fn start(certificate: &Certificate, secret: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/mail/hook.py");
        let mut child = Command::new(python())
            .arg(script)
            .args([certificate.file(), certificate.key()])
            .arg(secret)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let port = lines.next().expect("a port").parse().unwrap();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in lines {
                let _ = tell.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self { port, child, told }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn told_at(house: &House<'_>, url: &str) -> (assent_domain::id::WebhookEndpointId, String) {
    let draft = EndpointDraft {
        url: EndpointUrl::parse(url).unwrap(),
        description: String::new(),
        event_types: [EventType::ConsentGiven].into(),
    };
    let mut tx = house.write().await;
    let (id, secret) = endpoint::create(&mut tx, draft).await.unwrap();
    tx.commit().await.unwrap();
    (id, secret.expose_secret().to_owned())
}

on_both!(
    a_receiver_by_others_believes_what_it_is_told_over_tls,
    async |db| {
        let house = db.house("acme").await;
        let certificate = Certificate::valid();
        let (id, secret) = told_at(&house, "https://localhost/").await;
        let foreign = Foreign::start(&certificate, &secret);
        let mut tx = house.write().await;
        let url = EndpointUrl::parse(&format!("https://localhost:{}/hooks", foreign.port)).unwrap();
        endpoint::update(&mut tx, id, |draft| draft.url = url)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        joins(&house, "ann@example.org").await;
        let root = certificate.file().display().to_string();
        let settings = [HERE[0], ("ASSENT_WEBHOOK_ROOT_CERTIFICATE", &root)];
        let assent = Assent::serve_through(db, 1, &settings);
        let told = tokio::task::block_in_place(|| foreign.told.recv_timeout(LIMIT)).expect("an event");
        assert_eq!(told, serde_json::json!({ "type": "consent.given" }));
        until("it is recorded", LIMIT, || async {
            db.count("webhook_attempt", "status_code = 204 AND failure IS NULL")
                .await
                == 1
        })
        .await;
        drop(assent);
        // Without that certificate among the roots, nothing is said to whoever shows it.
        let mut tx = house.write().await;
        endpoint::test(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        let assent = Assent::serve_through(db, 1, HERE);
        until("it is recorded", LIMIT, || async {
            db.count("webhook_attempt", "failure = 'TLS'").await == 1
        })
        .await;
        assert!(foreign.told.try_recv().is_err());
        drop(assent);
    }
);

on_both!(
    an_event_whose_worker_is_killed_comes_again_under_the_same_id,
    async |db| {
        let house = db.house("acme").await;
        let hook = Hook::start(|before, _| match before {
            0 => Reply::Silence(Duration::from_secs(30)),
            _ => Reply::Status(204),
        });
        told_at(&house, &hook.url()).await;
        joins(&house, "ann@example.org").await;
        let assent = Assent::serve_through(db, 1, HERE);
        until("it is under way", LIMIT, || async { hook.count() == 1 }).await;
        assent.kill();
        // Its time is over, and so is that of the job.
        let past = "UPDATE webhook_delivery SET next_attempt_at = 0, taken_until = 0";
        assert_eq!(db.exec(past).await.unwrap(), 1);
        db.exec("UPDATE outbox SET due_at = 0, taken_until = 0")
            .await
            .unwrap();
        let assent = Assent::serve_through(db, 1, HERE);
        until("it comes again", LIMIT, || async {
            db.count("webhook_delivery", "state = 'DELIVERED' AND attempts = 2")
                .await
                == 1
        })
        .await;
        drop(assent);
        let calls = hook.calls();
        assert_eq!(calls.len(), 2);
        assert_eq!((calls[0].id(), &calls[0].body), (calls[1].id(), &calls[1].body));
    }
);
