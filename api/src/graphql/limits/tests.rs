//! What is refused, and what passes.

use std::time::{Duration, Instant};

use super::*;
use crate::graphql::schema::SCHEMA;

fn refusal(query: &str) -> Option<String> {
    admit(query, true).err().map(|error| error.message)
}

fn assert_refused(query: &str, because: &str) {
    let message = refusal(query).unwrap_or_default();
    assert!(message.contains(because), "{because:?} expected, not {message:?}");
}

#[test]
fn ordinary_operations_pass() {
    for query in [
        "{ viewer { member { id } } }",
        "query A { a: viewer { member { ...M } } } query B { viewer { member { ...M } } } fragment M on Member { id }",
        "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }",
    ] {
        assert_eq!(refusal(query), None, "{query}");
    }
}

#[test]
fn a_type_name_is_checked_as_any_field() {
    for query in [
        "{ __typename @include(if: 7) }",
        "{ __typename @foo }",
        "{ __typename @skip }",
        "{ __typename(a: 1) }",
        "{ __typename { x } }",
        "{ __typename @include(if: true) @include(if: true) }",
        "{ viewer { member { __typename @deprecated } } }",
    ] {
        assert_refused(query, "`__typename`");
    }
    for query in [
        "{ t: __typename }",
        "query ($a: Boolean!) { __typename @skip(if: $a) @include(if: true) }",
    ] {
        assert_eq!(refusal(query), None, "{query}");
    }
}

/// As short as the text is, it would expand to 2^40 fields.
fn bomb(levels: usize) -> String {
    let fragments = (0..levels).map(|level| {
        format!(
            "fragment f{level} on Query {{ ...f{next} ...f{next} }} ",
            next = level + 1
        )
    });
    format!(
        "{{ ...f0 }} {} fragment f{levels} on Query {{ viewer {{ __typename }} }}",
        fragments.collect::<String>()
    )
}

#[test]
fn fragment_bombs_are_refused_at_once() {
    let before = Instant::now();
    assert_refused(&bomb(40), "selections");
    let nested = (0..30).map(|level| {
        format!(
            "fragment f{level} on Member {{ id ...f{0} email ...f{0} }} ",
            level + 1
        )
    });
    let nested = format!(
        "{{ ...f0 }} {} fragment f30 on Member {{ id }}",
        nested.collect::<String>()
    );
    assert_refused(&nested, "selections");
    assert!(before.elapsed() < Duration::from_millis(200));
}

#[test]
fn a_bomb_in_a_fragment_that_nobody_uses_is_refused() {
    assert_refused(
        &format!(
            "{{ viewer {{ __typename }} }} {}",
            bomb(20).replacen("{ ...f0 }", "", 1)
        ),
        "selections",
    );
}

#[test]
fn fragments_that_contain_themselves_are_refused() {
    assert_refused("{ ...a } fragment a on Query { ...a }", "contains itself");
    assert_refused(
        "{ ...a } fragment a on Query { ...b } fragment b on Query { viewer { ...a } }",
        "contains itself",
    );
}

#[test]
fn depth_is_limited_through_fragments() {
    let deep = |levels: usize| format!("{}a{}", "{ a ".repeat(levels - 1) + "{ ", " }".repeat(levels));
    assert_eq!(refusal(&deep(12)), None);
    assert_refused(&deep(13), "levels");
    let half = "{ a ".repeat(6) + "{ ...f" + &" }".repeat(7);
    let through = format!("{half} fragment f on A {}", deep(7));
    assert_refused(&through, "levels");
}

#[test]
fn deep_inline_fragments_do_not_overflow_the_stack() {
    let inline = format!("{{ {} a {} }}", "... { ".repeat(50), "} ".repeat(50));
    assert_eq!(refusal(&inline), None);
    let chain = (0..30).map(|level| {
        format!(
            "fragment f{level} on A {{ {} ...f{} {} }} ",
            "... { ".repeat(50),
            level + 1,
            "} ".repeat(50)
        )
    });
    let chain = format!(
        "{{ ...f0 }} {} fragment f30 on A {{ a }}",
        chain.collect::<String>()
    );
    assert_refused(&chain, "too deep");
    assert_refused(&"{a".repeat(20_000), "deep");
    assert_refused(&format!("{{ a(b: {}", "[".repeat(60_000)), "deep");
    assert_refused(&format!("{{ a(b: {}", "{c:".repeat(20_000)), "deep");
}

#[test]
fn aliases_directives_and_texts_are_limited() {
    let aliases = |count: usize| {
        let fields = (0..count).map(|number| format!("a{number}: viewer {{ __typename }} "));
        format!("{{ {} }}", fields.collect::<String>())
    };
    assert_eq!(refusal(&aliases(50)), None);
    assert_refused(&aliases(51), "aliases");
    let directives = |count: usize| format!("{{ a {} }}", "@skip(if: false) ".repeat(count));
    assert_eq!(refusal(&directives(50)), None);
    assert_refused(&directives(51), "directives");
    assert_refused(&format!("{{ a }} #{}", " ".repeat(MAX_OCTETS)), "longer");
    assert_refused(&format!("{{ a }} {}", "! ".repeat(10_001)), "tokens");
    let fields = |count: usize| format!("{{ {} }}", "a ".repeat(count));
    assert_eq!(refusal(&fields(1000)), None);
    assert_refused(&fields(1001), "selections");
    let mutation = format!("mutation {{ {} }}", "signOut { signedOut } ".repeat(11));
    assert_refused(&mutation, "changes");
    let many: Vec<_> = (0..101)
        .map(|number| format!("query q{number} {{ a }} "))
        .collect();
    assert_refused(&many.concat(), "operations");
}

#[test]
fn introspection_is_refused_where_it_is_switched_off_and_bounded_where_not() {
    let asks = "{ ...q } fragment q on Query { __schema { queryType { name } } }";
    assert_eq!(refusal(asks), None);
    let off = admit(asks, false).unwrap_err().message;
    assert!(off.contains("switched off"), "{off}");
    assert!(admit("{ __typename viewer { __typename } }", false).is_ok());
    let nested = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_refused(nested, "introspection");
}

async fn run(query: String) -> Result<(), String> {
    let mut request = async_graphql::Request::new(query.clone());
    request.set_parsed_query(admit(&query, true).map_err(|error| error.message)?);
    let response = SCHEMA.execute(request).await;
    match response.errors.first() {
        Some(error) => Err(too_costly(error).unwrap_or_else(|| error.clone()).message),
        None => Ok(()),
    }
}

#[tokio::test]
async fn the_introspection_of_explorers_passes() {
    let query = include_str!("introspection.graphql");
    assert_eq!(run(query.to_owned()).await, Ok(()));
}

#[tokio::test]
async fn pages_within_pages_cost_what_they_multiply_to() {
    let nested = |first: u32| {
        format!(
            "{{ campaigns(first: {first}) {{ edges {{ node {{ deliveries(first: {first}) {{ edges {{ node {{ id status }} }} }} }} }} }} }}"
        )
    };
    let refused = run(nested(100)).await.unwrap_err();
    assert!(refused.contains("points"), "{refused}");
    let in_node = format!(
        "{{ node(id: \"x\") {{ ... on Campaign {} }} }}",
        &nested(100)[2..]
    );
    assert!(run(in_node).await.is_err());
    let signed_out = run(nested(20)).await.unwrap_err();
    assert!(signed_out.contains("sign in"), "{signed_out}");
}

#[tokio::test]
async fn one_request_tries_one_password() {
    let sign_in = |name: &str| {
        format!(
            "{name}: signIn(input: {{ tenant: \"a\", email: \"a\", password: \"a\" }}) {{ accessToken }} "
        )
    };
    let refused = run(format!("mutation {{ {} {} }}", sign_in("a"), sign_in("b")))
        .await
        .unwrap_err();
    assert!(refused.contains("points"), "{refused}");
}

#[tokio::test]
async fn what_is_admitted_is_validated_in_no_time() {
    let fragments: Vec<_> = (0..8)
        .map(|level| format!("fragment f{level} on Member {{ id ...f{0} ...f{0} }} ", level + 1))
        .collect();
    let fragments = fragments.concat();
    let worst = [
        format!(
            "{{ viewer {{ member {{ ...f0 }} }} }} {fragments} fragment f8 on Member {{ id email role }}"
        ),
        format!("{{ viewer {{ member {{ {} }} }} }}", "id email role ".repeat(330)),
        format!("{{ {} }}", "viewer { member { id } tenant { id } } ".repeat(190)),
    ];
    for query in worst {
        let before = Instant::now();
        let outcome = run(query).await;
        let took = before.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?} {outcome:?}");
    }
}
