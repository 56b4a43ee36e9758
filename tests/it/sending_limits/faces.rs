//! Who sets limits, and how: the operator by the command line, owners by the API.

use assent_tests::process;
use assent_tests::sink::Sink;
use serde_json::json;

use super::*;

const SEEN: &str = "{ sendingLimits { timeZone weight quietHours { from until endsAt }
    allMail { receivingDomain effective { perSecond perHour perDay } operator { perDay } own { perDay }
              sentToday leftToday nextAt }
    receivingDomains { receivingDomain effective { perSecond } nextAt } } }";
const LIMIT: &str = "mutation($input: SetSendingLimitInput!) { setSendingLimit(input: $input) {
    sendingLimits { allMail { effective { perDay } leftToday } receivingDomains { receivingDomain } } } }";
const QUIET: &str = "mutation($input: SetQuietHoursInput!) { setQuietHours(input: $input) {
    sendingLimits { timeZone quietHours { from until endsAt } } } }";
const WARM_UP: &str = "mutation($input: SetWarmUpInput!) { setWarmUp(input: $input) {
    sendingDomain { warmUp { schedule day allowedToday leftToday } } } }";

on_both!(
    owners_limit_their_tenant_within_the_operators_limits,
    async |db| {
        let (house, _, id) = due_campaign(db, 3).await;
        let sink = Sink::default();
        let run = |arguments: &[&str]| {
            let mut command = process::command(db, &sink, "127.0.0.1:0");
            let output = command.args(arguments).output().unwrap();
            let text = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8(text).unwrap())
        };
        let site = db.site();
        let owner = site.owner("acme").await;
        let (ok, said) = run(&[
            "limits",
            "set",
            "acme",
            "--per-day",
            "5",
            "--per-hour",
            "600",
            "--weight",
            "2",
        ]);
        assert!(
            ok && said.contains("all mail: 600 an hour, 5 a day; 0 today"),
            "{said}"
        );
        assert_eq!(
            db.count("ledger", "facts LIKE '%SENDING_LIMIT_SET%COMMAND_LINE%'")
                .await,
            1
        );

        let refused = owner.refused(LIMIT, json!({ "input": { "perDay": 6 } })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "perDay")
        );
        assert!(refused.message.contains("at most 5"), "{refused:?}");
        for (input, field) in [
            (json!({ "perSecond": 0 }), "perSecond"),
            (json!({ "receivingDomain": "big.example", "perDay": 3 }), "perDay"),
            (
                json!({ "receivingDomain": "*.example", "perHour": 3 }),
                "receivingDomain",
            ),
        ] {
            let refused = owner.refused(LIMIT, json!({ "input": input })).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", field)
            );
        }
        assert_eq!(db.count("sending_limit", "own_per_day IS NOT NULL").await, 0);

        let set = owner.data(LIMIT, json!({ "input": { "perDay": 2 } })).await;
        let set = &set["setSendingLimit"]["sendingLimits"];
        assert_eq!(
            set["allMail"],
            json!({ "effective": { "perDay": 2 }, "leftToday": 2 })
        );
        let by_domain = json!({ "input": { "receivingDomain": "example.org", "perSecond": 50 } });
        owner.data(LIMIT, by_domain).await;
        assert_eq!(house.send(id, Outcome::Sent).await.len(), 2);
        let seen = owner.data(SEEN, json!({})).await;
        let all = &seen["sendingLimits"]["allMail"];
        assert_eq!(
            (
                &all["operator"]["perDay"],
                &all["own"]["perDay"],
                &all["effective"]["perHour"]
            ),
            (&json!(5), &json!(2), &json!(600))
        );
        assert_eq!((&all["sentToday"], &all["leftToday"]), (&json!(2), &json!(0)));
        assert_eq!(all["nextAt"], "2026-03-03T00:00:00Z");
        assert_eq!(seen["sendingLimits"]["weight"], 2);
        assert_eq!(
            seen["sendingLimits"]["receivingDomains"][0]["receivingDomain"],
            "example.org"
        );

        let (ok, said) = run(&["limits", "show", "acme"]);
        assert!(ok && said.contains("example.org: 50 a second"), "{said}");
        assert!(said.contains("of which the tenant set: 2 a day"), "{said}");
        let (ok, said) = run(&["limits", "set", "acme"]);
        assert!(!ok && said.contains("say what to set"), "{said}");
        let (ok, said) = run(&["limits", "set", "acme", "--per-day", "none", "--per-hour", "none"]);
        assert!(ok && said.contains("all mail: 2 a day"), "{said}");
        let (ok, said) = run(&["limits", "show", "nobody"]);
        assert!(!ok && said.contains("there is no tenant"), "{said}");
        site.close().await;
    }
);

on_both!(owners_set_quiet_hours_and_warm_domains_up, async |db| {
    let house = db.house("acme").await;
    let domain = house.sending_domain("acme.example").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let input = json!({ "input": { "from": "22:00", "until": "10:30", "timeZone": "Europe/Berlin" } });
    let set = owner.data(QUIET, input).await;
    let set = &set["setQuietHours"]["sendingLimits"];
    assert_eq!(set["timeZone"], "Europe/Berlin");
    assert_eq!(
        set["quietHours"],
        json!({ "from": "22:00", "until": "10:30", "endsAt": "2026-03-02T09:30:00Z" })
    );
    for (input, field) in [
        (json!({ "from": "22:00" }), "until"),
        (json!({ "from": "22:00", "until": "22:00" }), "from"),
        (json!({ "timeZone": "Berlin" }), "timeZone"),
    ] {
        let refused = owner.refused(QUIET, json!({ "input": input })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", field)
        );
    }
    let set = owner.data(QUIET, json!({ "input": {} })).await;
    assert_eq!(
        set["setQuietHours"]["sendingLimits"],
        json!({ "timeZone": "Europe/Berlin", "quietHours": null })
    );

    let id = domain.to_string();
    let set = owner
        .data(
            WARM_UP,
            json!({ "input": { "id": id, "enabled": true, "schedule": [5, 9] } }),
        )
        .await;
    let of = |schedule: serde_json::Value| json!({ "schedule": schedule, "day": 1, "allowedToday": 5, "leftToday": 5 });
    assert_eq!(set["setWarmUp"]["sendingDomain"]["warmUp"], of(json!([5, 9])));
    let shrinks = json!({ "input": { "id": id, "enabled": true, "schedule": [5, 5] } });
    let refused = owner.refused(WARM_UP, shrinks).await;
    assert!(
        refused.message.starts_with("day 2: each day allows more"),
        "{refused:?}"
    );
    let set = owner
        .data(WARM_UP, json!({ "input": { "id": id, "enabled": false } }))
        .await;
    assert_eq!(set["setWarmUp"]["sendingDomain"]["warmUp"], json!(null));
    site.close().await;
});
