//! A tenant's data as a whole, for it to take along: every table that the catalogue knows, and no secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use assent_domain::clock::{Clock, SystemClock};
use assent_entity::tenant_export::{self, ExportError, LEFT_OUT};
use assent_entity::{checkpoint, tenant, verify};
use assent_tests::house::House;
use assent_tests::process::command;
use assent_tests::sink::Sink;
use assent_tests::{TestStore, on_both};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::catalogue::{columns, tables};
use crate::furnished::furnished;

/// The files of an archive, by name.
pub(crate) fn unpack(path: &Path) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

/// Columns that are called like secrets and are none.
const NO_SECRETS: &[(&str, &str)] = &[
    ("tenant", "last_hash"),
    ("address_change", "address_hash"),
    ("bounce", "report_hash"),
    ("custom_field", "key"),
    ("dkim_key", "public_key"),
    ("people_import", "idempotency_key"),
    ("ledger", "hash"),
    ("ledger_head", "hash"),
    ("member_identity", "subject_hash"),
    ("membership", "address_hash"),
    ("privacy_request", "address_hash"),
    ("subscriber", "address_hash"),
    ("suppression", "address_hash"),
    ("transactional_mail", "key"),
    ("wording", "hash"),
    ("collection_point_choice", "wording_hash"),
];

on_both!(
    p06_an_export_holds_every_row_of_every_table_of_the_tenant_and_no_secret,
    async |db| {
        let acme = furnished(db, "acme").await;
        let brook = furnished(db, "brook").await;
        let many = format!(
            "WITH RECURSIVE n (day) AS (SELECT 1 UNION ALL SELECT day + 1 FROM n WHERE day < 2500)
             INSERT INTO browser_share (tenant_id, day, family, views)
             SELECT {}, day, family, 1 FROM n CROSS JOIN (SELECT 'CHROME' AS family UNION ALL SELECT 'SAFARI') f",
            db.id(acme.ctx.tenant())
        );
        db.exec(&many).await.unwrap();
        let file = db.data_dir().join("acme.zip");
        let ctx = tenant::for_operator(&db.store, "acme").await.unwrap().unwrap();
        let written = tenant_export::write(&db.store, ctx, &file).await.unwrap();
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let again = tenant_export::write(&db.store, ctx, &file).await;
        assert!(matches!(again, Err(ExportError::Exists(_))), "{again:?}");

        let files = unpack(&file);
        let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
        let whole: Vec<_> = LEFT_OUT.iter().filter(|of| of.column.is_none()).collect();
        for table in tables(db).await {
            let all = columns(db, &table).await;
            let condition = match table.as_str() {
                "tenant" => format!("id = {}", db.id(acme.ctx.tenant())),
                _ if all.contains(&"tenant_id".to_owned()) => {
                    format!("tenant_id = {}", db.id(acme.ctx.tenant()))
                }
                _ => continue,
            };
            if whole.iter().any(|of| of.table == table) {
                assert!(!files.contains_key(&format!("{table}.jsonl")), "{table}");
                continue;
            }
            let text = &files[&format!("{table}.jsonl")];
            let rows: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            let stored = db.count(&table, &condition).await;
            assert_eq!(i64::try_from(rows.len()).unwrap(), stored, "{table}");
            assert!(stored > 0, "{table} is empty: nothing is proven");
            let distinct: BTreeSet<_> = text.lines().collect();
            assert_eq!(distinct.len(), rows.len(), "{table} has no row twice");
            let kept: BTreeSet<_> = rows[0].as_object().unwrap().keys().cloned().collect();
            let left_out: BTreeSet<_> = all.into_iter().filter(|column| !kept.contains(column)).collect();
            let named = LEFT_OUT.iter().filter(|of| of.table == table);
            let named: BTreeSet<_> = named.filter_map(|of| of.column).map(str::to_owned).collect();
            assert_eq!(left_out, named, "{table}");
            for column in kept {
                let words: Vec<_> = column.split('_').collect();
                let secret = ["hash", "password", "secret", "token", "key"]
                    .iter()
                    .any(|word| words.contains(word));
                let is_id = column.ends_with("_id") || column == "email_key";
                let known = NO_SECRETS.contains(&(table.as_str(), column.as_str()));
                assert!(
                    !secret || is_id || known,
                    "{table}.{column}: is it a secret? Leave it out, or name it"
                );
            }
            let about = manifest["files"].as_array().unwrap();
            let about = about.iter().find(|of| of["table"] == table.as_str()).unwrap();
            assert_eq!(about["rows"], rows.len());
            assert_eq!(about["sha256"], HEXLOWER.encode(&Sha256::digest(text)));
        }
        assert_eq!(written.files.len() + 1, files.len(), "there is nothing else");
        let all: String = files.values().map(String::as_str).collect();
        assert!(all.contains("ann@example.org") && all.contains(&acme.ann.uuid().to_string()));
        assert!(!all.contains("$argon2"), "a password's hash");
        for id in [brook.ctx.tenant().uuid(), brook.ann.uuid(), brook.policy.uuid()] {
            assert!(!all.contains(&id.to_string()) && !all.contains(&id.simple().to_string()));
        }
        let marks = manifest["checkpoint"].as_str().unwrap();
        let checkpoint = checkpoint::open(&db.store, marks).unwrap();
        let verified = verify::against(&db.store, Some(&checkpoint), |_, _| {})
            .await
            .unwrap();
        assert!(verified.reports.iter().all(|report| report.fault.is_none()));
        let noted = "kind = 'AUDIT' AND facts LIKE '%TENANT_EXPORTED%' AND facts LIKE '%operator%'";
        assert_eq!(db.count("ledger", noted).await, 1);
        assert!(
            files["ledger.jsonl"].contains("TENANT_EXPORTED"),
            "the export is on its own record"
        );
    }
);

/// Runs the program on the database; what it said, or its complaint.
fn assent(db: &TestStore, sink: &Sink, arguments: &[&str]) -> Result<String, String> {
    let command: &mut Command = &mut command(db, sink, "127.0.0.1:0");
    let output = command.args(arguments).output().expect("assent starts");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

on_both!(
    the_operator_closes_exports_reopens_and_lists_by_the_command_line,
    async |db| {
        db.clock.set(SystemClock.now());
        let house: House<'_> = db.house("acme").await;
        db.bare_house("brook").await;
        let sink = Sink::start(&[]);
        let close = |name: &str| {
            let arguments = [
                "tenant",
                "close",
                "acme",
                "--name",
                name,
                "--reason",
                "they asked for it",
            ];
            assent(db, &sink, &arguments)
        };
        let wrong = close("Acme").unwrap_err();
        assert!(wrong.contains("not the name of the tenant"), "{wrong}");
        let closed = close("House acme").unwrap();
        assert!(closed.contains("to be deleted on"), "{closed}");
        let listed = assent(db, &sink, &["tenant", "list"]).unwrap();
        let lines: Vec<_> = listed.lines().collect();
        assert!(
            lines[0].starts_with("acme") && lines[0].contains("closed on"),
            "{listed}"
        );
        assert!(
            lines[1].starts_with("brook") && lines[1].ends_with(" open"),
            "{listed}"
        );

        let file = db.data_dir().join("export.zip");
        let path = file.to_str().unwrap();
        let exported = assent(db, &sink, &["tenant", "export", "acme", path]).unwrap();
        assert!(exported.contains("It holds personal data"), "{exported}");
        let files = unpack(&file);
        assert!(files["member.jsonl"].contains("owner@acme.example"));
        assert!(!files["tenant.jsonl"].contains("brook"));
        let refused = assent(db, &sink, &["tenant", "export", "acme", path]).unwrap_err();
        assert!(refused.contains("exists already"), "{refused}");

        let reopened = ["tenant", "reopen", "acme", "--reason", "they changed their mind"];
        assent(db, &sink, &reopened).unwrap();
        let open = assent(db, &sink, &reopened).unwrap_err();
        assert!(open.contains("nothing to reopen"), "{open}");
        let site = db.site();
        assert!(!site.get("/t/acme/policy").await.body.contains("is closed here"));
        let unknown = assent(db, &sink, &["tenant", "export", "nobody", "/dev/null"]).unwrap_err();
        assert!(unknown.contains("there is no tenant"), "{unknown}");
        assert!(house.ledger_rows().await > 3);
        site.close().await;
    }
);
