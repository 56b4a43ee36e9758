use std::collections::BTreeMap;

use super::*;

const SOON: Pass = Pass::Wait(Timestamp::from_micros(1_000_000));
const LATER: Pass = Pass::Wait(Timestamp::from_micros(2_000_000));

fn candidate(of: &'static str, rank: u32, weight: u32, pass: Pass) -> Candidate<&'static str> {
    Candidate {
        of,
        domain: None,
        rank,
        weight,
        pass,
    }
}

fn for_domain(candidate: Candidate<&'static str>, domain: &str) -> Candidate<&'static str> {
    let domain = Some(SendingDomainName::parse(domain).unwrap());
    Candidate { domain, ..candidate }
}

fn chosen(candidates: &[Candidate<&'static str>]) -> Option<&'static str> {
    choose(candidates.to_vec(), "news.acme.example", |_| 0).map(|candidate| candidate.of)
}

/// How often each is chosen, over all that can be drawn.
fn shares(candidates: &[Candidate<&'static str>], below: u32) -> BTreeMap<&'static str, u32> {
    let mut shares = BTreeMap::new();
    for drawn in 0..below {
        let chosen = choose(candidates.to_vec(), "acme.example", |shares| {
            assert_eq!(shares, below);
            drawn
        });
        *shares.entry(chosen.unwrap().of).or_insert(0) += 1;
    }
    shares
}

#[test]
fn the_best_rank_that_lets_something_through_is_taken() {
    let (one, two) = (
        candidate("one", 1, 1, Pass::Free),
        candidate("two", 2, 9, Pass::Free),
    );
    assert_eq!(chosen(&[two.clone(), one.clone()]), Some("one"));
    let resting = candidate("one", 1, 1, SOON);
    assert_eq!(chosen(&[resting, two.clone()]), Some("two"));
    let tried = candidate("one", 1, 1, Pass::Try);
    assert_eq!(chosen(&[two, tried]), Some("one"), "one message finds out");
    assert_eq!(chosen(&[]), None);
}

#[test]
fn where_all_rest_the_one_that_rests_the_shortest_is_waited_for() {
    let all = [candidate("one", 1, 1, LATER), candidate("two", 2, 1, SOON)];
    assert_eq!(chosen(&all), Some("two"));
}

#[test]
fn those_for_the_senders_domain_come_first_and_the_nearest_of_them() {
    let any = candidate("any", 1, 1, Pass::Free);
    let above = for_domain(candidate("above", 5, 1, Pass::Free), "acme.example");
    let own = for_domain(candidate("own", 9, 1, SOON), "news.acme.example");
    let other = for_domain(candidate("other", 1, 1, Pass::Free), "brook.example");
    assert_eq!(
        chosen(&[any.clone(), above.clone(), own.clone(), other.clone()]),
        Some("own")
    );
    assert_eq!(chosen(&[any.clone(), above, other.clone()]), Some("above"));
    assert_eq!(chosen(&[any, other.clone()]), Some("any"));
    assert_eq!(
        chosen(&[other]),
        None,
        "that of another domain is for nobody else"
    );
}

#[test]
fn mail_is_shared_by_weight_and_a_weight_of_nothing_stands_by() {
    let three = candidate("three", 1, 3, Pass::Free);
    let one = candidate("one", 1, 1, Pass::Free);
    let none = candidate("none", 1, 0, Pass::Free);
    let expected = BTreeMap::from([("three", 3), ("one", 1)]);
    assert_eq!(shares(&[none.clone(), three.clone(), one], 4), expected);
    let resting = Candidate { pass: SOON, ..three };
    assert_eq!(shares(&[resting, none.clone()], 1), BTreeMap::from([("none", 1)]));
    let alike = [none, candidate("neither", 1, 0, Pass::Free)];
    assert_eq!(shares(&alike, 2).len(), 2);
}

fn relay() -> Relay {
    Relay {
        name: "Own".to_owned(),
        host: HostName::parse("smtp.acme.example").unwrap(),
        port: 587,
        encryption: Encryption::StartTls,
        user: Some("acme".to_owned()),
        sending_domain: None,
        rank: 1,
        weight: 1,
        connections: None,
        limits: Limits::default(),
        is_enabled: true,
    }
}

#[test]
fn what_cannot_work_is_refused_by_its_name() {
    assert_eq!(relay().check(), Ok(()));
    let refused = |change: fn(&mut Relay)| {
        let mut relay = relay();
        change(&mut relay);
        relay.check().unwrap_err().field
    };
    assert_eq!(refused(|relay| relay.encryption = Encryption::None), "tls");
    assert_eq!(refused(|relay| relay.name = " x".to_owned()), "name");
    assert_eq!(refused(|relay| relay.port = 0), "port");
    assert_eq!(refused(|relay| relay.rank = 0), "rank");
    assert_eq!(refused(|relay| relay.weight = 101), "weight");
    assert_eq!(refused(|relay| relay.connections = Some(0)), "connections");
    assert_eq!(refused(|relay| relay.limits.per_hour = Some(0)), "perHour");
    let login = |user: &str, password: &str| Login::new(user.to_owned(), password.into());
    assert_eq!(login("a\r\nRSET", "b").unwrap_err().field, "user");
    assert_eq!(login("a", "").unwrap_err().field, "password");
    assert_eq!(login("a", "b\0c").unwrap_err().field, "password");
    let known = login("somebody", "geheim").unwrap();
    assert!(!format!("{known:?}").contains("geheim"));
}

#[test]
fn a_password_stays_with_the_server_and_the_user_it_was_given_for() {
    let keeps = |change: fn(&mut Relay)| {
        let mut after = relay();
        change(&mut after);
        after.keeps_password_of(&relay())
    };
    assert!(keeps(|relay| relay.rank = 7));
    assert!(!keeps(
        |relay| relay.host = HostName::parse("evil.example").unwrap()
    ));
    assert!(!keeps(|relay| relay.port = 2525));
    assert!(!keeps(|relay| relay.user = Some("other".to_owned())));
    assert!(!keeps(|relay| relay.encryption = Encryption::Implicit));
}

#[test]
fn what_is_drawn_is_within_its_bounds() {
    assert!((0..100).all(|_| draw(3) < 3));
    assert_eq!(draw(0), 0);
}
