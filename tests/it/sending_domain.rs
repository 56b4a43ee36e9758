//! Sending domains: what is to be published, what is found, keys that come and go, and who may send a campaign.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assent_domain::dkim::{self, DkimAlgorithm, DkimKeyState, KEPT_AFTER_ROTATION};
use assent_domain::keys::Keys;
use assent_domain::sending_domain::{RecordKind, RecordState, Surroundings};
use assent_domain::site::HostName;
use assent_entity::sending_domain::{NewKeys, rotate, signing};
use assent_entity::{Store, StoreError, StoreSettings, TenantTx, chore};
use assent_tests::database::SECRET;
use assent_tests::dns::NameServer;
use assent_tests::http::Client;
use assent_tests::{TestStore, on_both};
use assent_worker::settings::SenderSettings;
use serde_json::{Value, json};

mod campaigns;

const CREATE: &str =
    "mutation($input: CreateSendingDomainInput!) { createSendingDomain(input: $input) { sendingDomain {
  id name verified problems checkedAt keys { algorithm state recordState selector }
  records { kind recordType name value strings zoneLine required state reason note } } } }";
const CHECK: &str = "mutation($input: CheckSendingDomainInput!) { checkSendingDomain(input: $input) { sendingDomain {
  verified problems checkedAt keys { algorithm state recordState activatedAt } records { kind state reason } } } }";
const ROTATE: &str =
    "mutation($input: RotateDkimKeysInput!) { rotateDkimKeys(input: $input) { sendingDomain {
  keys { algorithm state retiredAt } } } }";
const REMOVE: &str = "mutation($input: RemoveSendingDomainInput!) { removeSendingDomain(input: $input) { sendingDomain { id } } }";
const ALL: &str = "{ sendingDomains { totalCount edges { node { name verified } } } }";
const LOG: &str = "{ auditLog(first: 10) { edges { node { act } } } }";

async fn create(client: &Client<'_>, name: &str) -> Value {
    let answer = client.data(CREATE, json!({ "input": { "name": name } })).await;
    answer["createSendingDomain"]["sendingDomain"].clone()
}

async fn acts(client: &Client<'_>) -> Vec<String> {
    let log = client.data(LOG, json!({})).await;
    let edges = log["auditLog"]["edges"].as_array().unwrap();
    edges
        .iter()
        .map(|edge| edge["node"]["act"].as_str().unwrap().to_owned())
        .collect()
}

fn publish(dns: &NameServer, domain: &Value) {
    for record in domain["records"].as_array().unwrap() {
        let name = record["name"].as_str().unwrap();
        let value = record["value"].as_str().unwrap_or("v=spf1 mx -all");
        dns.publish_text(name, value);
    }
}

on_both!(
    a_domain_is_verified_once_what_was_shown_is_published,
    async |db| {
        db.house("acme").await;
        let dns = NameServer::default();
        let site = db.site_with_sender(dns.settings());
        let owner = site.owner("acme").await;
        let domain = create(&owner, "Acme.EXAMPLE").await;
        assert_eq!(domain["name"], "acme.example");
        assert_eq!(domain["verified"], false);
        assert_eq!(domain["problems"].as_array().unwrap().len(), 3, "{domain:#}");
        let states: Vec<_> = domain["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| &key["state"])
            .collect();
        assert_eq!(states, ["PENDING", "PENDING"]);
        let rsa = &domain["records"][0];
        assert!(
            rsa["name"]
                .as_str()
                .unwrap()
                .ends_with("._domainkey.acme.example")
        );
        assert_eq!(
            rsa["strings"].as_array().unwrap().len(),
            2,
            "an RSA key is longer than 255 octets"
        );
        assert!(
            rsa["zoneLine"]
                .as_str()
                .unwrap()
                .contains("IN TXT \"v=DKIM1; k=rsa; p="),
            "{rsa}"
        );
        let id = json!({ "input": { "id": domain["id"] } });

        let before = client_check(&owner, &id).await;
        assert_eq!(before["verified"], false);
        let reason = before["records"][0]["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("there is no TXT record at assent-"),
            "{reason}"
        );

        publish(&dns, &domain);
        let after = client_check(&owner, &id).await;
        assert_eq!(after["problems"], json!([]));
        assert_eq!(after["verified"], true, "{after:#}");
        for key in after["keys"].as_array().unwrap() {
            assert_eq!(
                (&key["state"], &key["recordState"]),
                (&json!("ACTIVE"), &json!("PUBLISHED"))
            );
            assert!(key["activatedAt"].is_string());
        }
        let all = owner.data(ALL, json!({})).await;
        assert_eq!(
            all["sendingDomains"],
            json!({ "totalCount": 1, "edges": [{ "node": { "name": "acme.example", "verified": true } }] })
        );
        let log = acts(&owner).await;
        for act in [
            "SENDING_DOMAIN_CREATED",
            "SENDING_DOMAIN_CHECKED",
            "DKIM_KEY_ACTIVATED",
        ] {
            assert!(log.contains(&act.to_owned()), "{log:?}");
        }

        let again = owner
            .refused(CREATE, json!({ "input": { "name": "acme.example." } }))
            .await;
        assert_eq!((again.code.as_str(), again.field.as_str()), ("CONFLICT", "name"));
        owner.data(REMOVE, id.clone()).await;
        assert_eq!(
            owner.data(ALL, json!({})).await["sendingDomains"]["totalCount"],
            0
        );
        assert_eq!(owner.refused(CHECK, id).await.code, "NOT_FOUND");
        assert_eq!(db.count("dkim_key", "1 = 1").await, 0);
        site.close().await;
    }
);

async fn client_check(client: &Client<'_>, id: &Value) -> Value {
    client.data(CHECK, id.clone()).await["checkSendingDomain"]["sendingDomain"].clone()
}

on_both!(what_is_no_domain_is_refused_and_changes_nothing, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    for name in [
        "",
        "localhost",
        "192.0.2.7",
        "ann@acme.example",
        "https://acme.example",
        "a b.example",
    ] {
        let refused = owner.refused(CREATE, json!({ "input": { "name": name } })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "name"),
            "{name}"
        );
    }
    let only = json!({ "input": { "name": "acme.example", "algorithms": ["ED25519"] } });
    let refused = owner.refused(CREATE, only).await;
    assert_eq!(refused.field, "algorithms", "{refused:?}");
    assert_eq!(db.count("sending_domain", "1 = 1").await, 0);
    site.close().await;
});

/// The state of a record, and the reason that is given.
fn told(domain: &assent_entity::sending_domain::SendingDomain, kind: RecordKind) -> (RecordState, String) {
    let records = domain.records(&Surroundings::default());
    let record = records
        .into_iter()
        .find(|record| record.kind == kind)
        .expect("a record");
    (record.finding.state, record.finding.reason)
}

on_both!(
    a_name_server_that_says_nothing_is_waited_for_once_and_told_of,
    async |db| {
        let house = db.house("acme").await;
        let id = house.sending_domain("mail.acme.example").await;
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let settings = SenderSettings {
            dns_server: Some(silent.local_addr().unwrap()),
            around: Surroundings {
                bounce_domain: Some(HostName::parse("bounces.example").unwrap()),
                ..Surroundings::default()
            },
            ..SenderSettings::default()
        };
        let began = Instant::now();
        let checked = house.check(id, &settings).await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        for kind in [RecordKind::Dkim, RecordKind::Spf, RecordKind::Dmarc] {
            let (state, reason) = told(&checked, kind);
            assert_eq!(state, RecordState::Unreachable);
            assert!(
                reason.contains("the name servers that are asked here were silent"),
                "{reason}"
            );
        }
    }
);

on_both!(
    what_is_wrong_is_told_and_a_silent_name_server_takes_nothing_away,
    async |db| {
        let house = db.house("acme").await;
        let dns = NameServer::default();
        let id = house.sending_domain("acme.example").await;
        let records = house.sender(id).await.records(&Surroundings::default());
        dns.set_broken(true);
        let unreachable = house.check(id, &dns.settings()).await;
        assert_eq!(told(&unreachable, RecordKind::Spf).0, RecordState::Unreachable);
        dns.set_broken(false);

        dns.publish_text(&records[0].name, "v=DKIM1; p=");
        dns.publish_text("acme.example", "v=spf1 mx -all");
        dns.publish_text("acme.example", "v=spf1 a -all");
        dns.publish_text("_dmarc.acme.example", "v=DMARC1; rua=mailto:a@acme.example");
        let wrong = house.check(id, &dns.settings()).await;
        for (kind, words) in [
            (RecordKind::Dkim, "revoked"),
            (RecordKind::Spf, "make them one"),
            (RecordKind::Dmarc, "names no policy"),
        ] {
            let (state, reason) = told(&wrong, kind);
            assert_eq!(state, RecordState::Wrong, "{reason}");
            assert!(reason.contains(words), "{reason}");
        }
        assert!(
            wrong.keys_in(DkimKeyState::Active).next().is_none(),
            "nobody could check it"
        );

        for name in [records[0].name.as_str(), "acme.example", "_dmarc.acme.example"] {
            dns.take_away(name);
        }
        dns.publish(&records);
        let right = house.check(id, &dns.settings()).await;
        assert!(
            right.standing().is_verified(),
            "{:?}",
            right.standing().problems()
        );
        dns.set_broken(true);
        db.clock.forward(Duration::from_hours(1));
        let still = house.check(id, &dns.settings()).await;
        assert!(still.standing().is_verified(), "no answer is no news");
        assert!(still.next_check_at > db.store.now());
        dns.set_broken(false);
        dns.take_away("_dmarc.acme.example");
        assert!(!house.check(id, &dns.settings()).await.standing().is_verified());
    }
);

on_both!(
    spf_and_return_paths_are_asked_for_where_mail_comes_back,
    async |db| {
        let house = db.house("acme").await;
        let dns = NameServer::default();
        let id = house.sending_domain("acme.example").await;
        let settings = SenderSettings {
            around: Surroundings {
                bounce_domain: HostName::parse("bounces.platform.example").ok(),
                spf_include: HostName::parse("_spf.platform.example").ok(),
            },
            ..dns.settings()
        };
        dns.publish_text(
            "bounces.platform.example",
            "v=spf1 include:_spf.platform.example -all",
        );
        let before = house.check(id, &settings).await;
        assert!(
            before.spf.is_published(),
            "the platform's own domain is asked: {}",
            before.spf.reason
        );
        assert_eq!(before.return_path.state, RecordState::Missing);
        dns.publish(&before.records(&settings.around));
        let after = house.check(id, &settings).await;
        assert!(after.return_path.is_published(), "{}", after.return_path.reason);
        assert!(
            after.standing().is_verified(),
            "{:?}",
            after.standing().problems()
        );
    }
);

on_both!(
    keys_are_changed_without_a_message_that_nobody_can_check,
    async |db| {
        let house = db.house("acme").await;
        let dns = NameServer::default();
        let site = db.site_with_sender(dns.settings());
        let owner = site.owner("acme").await;
        let domain = house
            .verified_domain("acme.example", &dns, &Surroundings::default())
            .await;
        let old: Vec<_> = domain.keys.iter().map(|key| key.id).collect();
        let id = json!({ "input": { "id": domain.id.to_string() } });

        owner.data(ROTATE, id.clone()).await;
        let rotated = house.sender(domain.id).await;
        let active: Vec<_> = rotated.keys_in(DkimKeyState::Active).map(|key| key.id).collect();
        assert_eq!(active, old, "the old keys sign until the new ones are seen");
        assert_eq!(owner.refused(ROTATE, id.clone()).await.code, "CONFLICT");
        house.check(domain.id, &dns.settings()).await;
        assert_eq!(
            house
                .sender(domain.id)
                .await
                .keys_in(DkimKeyState::Pending)
                .count(),
            2
        );

        for key in rotated.keys_in(DkimKeyState::Pending) {
            let said = dkim::record(key.algorithm, &key.public_key);
            dns.publish_text(&key.selector.record_name("acme.example"), &said);
        }
        let changed = house.check(domain.id, &dns.settings()).await;
        let states = |state| changed.keys_in(state).map(|key| key.id).collect::<Vec<_>>();
        assert_eq!(states(DkimKeyState::Retiring), old);
        assert_eq!(states(DkimKeyState::Active).len(), 2);
        assert!(changed.standing().is_verified());

        db.clock
            .forward(KEPT_AFTER_ROTATION.checked_sub(Duration::from_secs(1)).unwrap());
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(
            house.sender(domain.id).await.keys.len(),
            4,
            "what they signed may be on its way"
        );
        db.clock.forward(Duration::from_secs(1));
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(house.sender(domain.id).await.keys.len(), 2);

        let owner = site.owner("acme").await;
        let at_once = json!({ "input": { "id": domain.id.to_string(), "atOnce": true } });
        owner.data(ROTATE, at_once).await;
        let forced = house.sender(domain.id).await;
        assert_eq!(forced.keys_in(DkimKeyState::Retiring).count(), 2);
        assert!(!forced.standing().is_verified(), "nobody has seen these keys");
        site.close().await;
    }
);

on_both!(
    p06_private_keys_are_sealed_in_their_place_and_outlive_a_change_of_the_secret,
    async |db| {
        let house = db.house("acme").await;
        let dns = NameServer::default();
        let domain = house
            .verified_domain("acme.example", &dns, &Surroundings::default())
            .await;
        let mut tx = house.write().await;
        let new = NewKeys::generate([DkimAlgorithm::Rsa2048].into()).await.unwrap();
        rotate(&mut tx, domain.id, new, true).await.unwrap();
        tx.commit().await.unwrap();
        for (table, rows) in db.dump().await {
            // What a private key in PKCS #8 holds in the clear: the identifier of its algorithm, behind a version of 0.
            let text = rows.join("\n").to_lowercase();
            assert!(!text.contains("020100300d06092a864886f70d010101"), "{table}");
        }

        let changed = Keys::new("another secret, of thirty-two and more octets".into()).unwrap();
        let lost = reopened(db, changed.clone()).await;
        let tx = TenantTx::read(&lost, house.ctx).await.unwrap();
        let error = signing(&tx, "acme.example").await.unwrap_err();
        assert!(error.to_string().contains("ASSENT_SECRET_PREVIOUS"), "{error}");
        drop(tx);
        let both = changed.clone().with_previous(vec![SECRET.into()]).unwrap();
        let during = reopened(db, both).await;
        chore::of_tenant(&during, house.ctx).await.unwrap();
        let tx = TenantTx::read(&lost, house.ctx).await.unwrap();
        let signing_now = signing(&tx, "news.acme.example").await.unwrap().expect("keys");
        assert_eq!(
            signing_now.keys.len(),
            2,
            "sealed anew: the old secret may be forgotten"
        );
        drop(tx);

        let moved = "UPDATE dkim_key SET sealed_private_key = (SELECT k.sealed_private_key FROM dkim_key k
                     WHERE k.state = 'RETIRING' LIMIT 1) WHERE state = 'ACTIVE' AND algorithm = 'RSA_2048'";
        db.exec(moved).await.unwrap();
        let tx = TenantTx::read(&lost, house.ctx).await.unwrap();
        let error = signing(&tx, "acme.example").await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    }
);

async fn reopened(db: &TestStore, keys: Keys) -> Store {
    let settings = StoreSettings {
        url: db.url.clone(),
        max_connections: 2,
        allow_rls_bypass: false,
    };
    Store::open(&settings, keys, Arc::clone(&db.clock) as _)
        .await
        .unwrap()
}
