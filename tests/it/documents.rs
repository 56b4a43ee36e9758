//! Operations that a server knows beforehand.

use assent_api::graphql::documents::Documents;
use assent_tests::http::json_of;
use assent_tests::on_both;
use serde_json::json;

const POLICY: &str = "query Policy { policyInForce { number } }";
const WATCH: &str = "subscription Watch($id: ID!) { campaignProgress(id: $id) { total } }";

on_both!(a_server_may_run_only_the_operations_that_it_knows, async |db| {
    db.house("acme").await;
    let file = db.data_dir().join("documents.json");
    let sign_in =
        "mutation($input: SignInInput!) { signIn(input: $input) { accessToken viewer { member { id } } } }";
    let known = json!({ "policy": POLICY, "watch": WATCH, "in": sign_in });
    std::fs::write(&file, known.to_string()).unwrap();
    let documents = |only| Documents::read(Some(&file), only).unwrap();
    let open = db.site_with_documents(documents(false));
    let owner = open.owner("acme").await;
    let by_id = async |client: &assent_tests::http::Client<'_>, body: serde_json::Value| {
        let answer = client.post("application/json", body.to_string()).await;
        (answer.status.as_u16(), json_of(&answer))
    };
    let number = json!({ "data": { "policyInForce": { "number": 1 } } });
    assert_eq!(
        by_id(&owner, json!({ "documentId": "policy" })).await,
        (200, number.clone())
    );
    assert_eq!(by_id(&owner, json!({ "query": POLICY })).await.1, number);
    for bad in [
        json!({ "documentId": "none" }),
        json!({ "documentId": 7 }),
        json!({ "documentId": "policy", "query": POLICY }),
        json!({}),
    ] {
        let (status, answer) = by_id(&owner, bad.clone()).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (400, &json!("BAD_USER_INPUT")),
            "{bad}"
        );
    }
    let by_get = owner.get(&[("documentId", "policy")]).await;
    assert_eq!(json_of(&by_get), number);
    let other = "{ purposes { code } }";
    assert_eq!(by_id(&owner, json!({ "query": other })).await.0, 200);
    open.close().await;

    let strict = db.site_with_documents(documents(true));
    let mut owner = strict.anybody();
    let input = json!({ "input": { "tenant": "acme", "email": "owner@acme.example", "password": assent_tests::house::PASSWORD } });
    let signed_in = by_id(
        &strict.anybody(),
        json!({ "documentId": "in", "variables": input }),
    )
    .await
    .1;
    owner.token = signed_in["data"]["signIn"]["accessToken"]
        .as_str()
        .map(str::to_owned);
    assert_eq!(by_id(&owner, json!({ "query": POLICY })).await.1, number);
    assert_eq!(by_id(&owner, json!({ "query": other })).await.0, 400);
    assert_eq!(owner.get(&[("query", "{ __typename }")]).await.status, 400);
    let mut watcher = strict.watch(owner.token.as_deref().unwrap()).await;
    watcher
        .subscribe(
            "no",
            "subscription { campaignProgress(id: \"x\") { sent } }",
            json!({}),
        )
        .await;
    assert_eq!(
        watcher.refused("no").await[0]["extensions"]["code"],
        "BAD_USER_INPUT"
    );
    watcher
        .subscribe(
            "known",
            WATCH,
            json!({ "id": "campaign_01h455vb4pex5vsknk084sn02q" }),
        )
        .await;
    assert_eq!(
        watcher.refused("known").await[0]["extensions"]["code"],
        "NOT_FOUND"
    );
    drop(watcher);
    strict.close().await;
});
