//! Tables of every sort: how they are read, and what of them is kept.

use std::collections::BTreeMap;

use assent_domain::custom_field::FieldKind;
use assent_domain::id::SubscriberId;
use assent_domain::import::WithoutEvidence;
use assent_domain::import::{
    Assigned, Delimiter, Holds, ImportField, ImportStatus, Layout, Place, TextEncoding,
};
use assent_entity::custom_field::{self, NewCustomField};
use assent_entity::import::{self, NewImport};
use assent_entity::{StoreError, consent, subscriber};
use assent_tests::house::House;
use assent_tests::on_both;

use super::{counts, known, problems, stage};

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

async fn name_of(house: &House<'_>, email: &str) -> String {
    let id = known(house, email).await.expect(email);
    subscriber::by_id(&house.read().await, id).await.unwrap().name
}

on_both!(a_table_is_read_in_the_encoding_it_is_in, async |db| {
    let (house, new) = stage(db).await;
    // Long enough that it comes in several transactions, with its first sign that is not ASCII late.
    let rows = (0..40_000)
        .map(|number| format!("person{number:06}@example.org;P\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let table = |rows: &str, of: &str| format!("E-Mail;Name\r\n{rows}{of}@example.org;Zoë Müller\r\n");
    let latin: Vec<u8> = table(&rows, "latin")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let dry = NewImport {
        is_dry_run: true,
        ..new.clone()
    };
    let import = house.take_file_in(&dry, &latin).await.unwrap();
    assert_eq!(counts(&import), [40_001, 40_001, 0, 0]);
    for (of, octets, encoding, is_guess) in [
        (
            "latin",
            table("", "latin")
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap())
                .collect(),
            "windows-1252",
            true,
        ),
        ("plain", table("", "plain").into_bytes(), "UTF-8", false),
        (
            "marked",
            [b"\xef\xbb\xbf", table("", "marked").as_bytes()].concat(),
            "UTF-8",
            false,
        ),
        (
            "little",
            [
                b"\xff\xfe",
                utf_16(&table("", "little"), u16::to_le_bytes).as_slice(),
            ]
            .concat(),
            "UTF-16LE",
            false,
        ),
        (
            "big",
            utf_16(&table("", "big"), u16::to_be_bytes),
            "UTF-16BE",
            false,
        ),
    ] {
        let import = house.take_file_in(&new, &octets).await.unwrap();
        assert_eq!(counts(&import), [1, 1, 0, 0], "{of}");
        assert_eq!(
            (import.encoding.as_deref(), import.is_encoding_guess),
            (Some(encoding), is_guess)
        );
        assert_eq!(import.delimiter(), Some(Delimiter::Semicolon));
        assert_eq!(name_of(&house, &format!("{of}@example.org")).await, "Zoë Müller");
    }
    // Whoever knows better says so; what cannot be read then is told line by line.
    let said = NewImport {
        layout: Layout {
            encoding: TextEncoding::labelled("utf-8"),
            ..Layout::default()
        },
        ..new
    };
    let import = house
        .take_file_in(
            &said,
            b"email,name\nann@example.org,Zo\xeb\nbob@example.org,Bob\n",
        )
        .await
        .unwrap();
    assert_eq!(
        problems(&house, import.id).await,
        [(2, "CHARACTERS_UNREADABLE".to_owned())]
    );
    assert_eq!(counts(&import), [2, 1, 0, 1]);
});

async fn field(house: &House<'_>, key: &str, kind: FieldKind, choices: &[&str]) {
    let new = NewCustomField {
        key: key.to_owned(),
        name: key.to_owned(),
        kind,
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    let mut tx = house.write().await;
    custom_field::create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
}

async fn kept(house: &House<'_>, of: SubscriberId) -> BTreeMap<String, String> {
    let all = custom_field::of_subscribers(&house.read().await, &[of])
        .await
        .unwrap()
        .remove(&of);
    let all = all.unwrap_or_default().into_iter();
    all.map(|kept| (kept.field.key.to_string(), kept.value.to_string()))
        .collect()
}

on_both!(columns_are_mapped_and_own_fields_are_kept, async |db| {
    let (house, new) = stage(db).await;
    field(&house, "shoe_size", FieldKind::Number, &[]).await;
    field(&house, "plan", FieldKind::Choice, &["basic", "pro"]).await;
    let holds = |field| Some(Holds::Field(field));
    let new = NewImport {
        layout: Layout {
            columns: vec![
                Assigned {
                    column: Place::Name("kontakt".to_owned()),
                    holds: holds(ImportField::Email),
                },
                Assigned {
                    column: Place::Number(5),
                    holds: Some(Holds::of_code("plan").unwrap()),
                },
            ],
            ..Layout::default()
        },
        ..new
    };
    let csv = "Kontakt,First Name,Last Name,Shoe Size,Tarif,Phone\n\
               ann@example.org,Ann,Lee,38.5,pro,1\nbob@example.org,Bob,,large,pro,2\ncat@example.org,,,39,gold,3\n\
               dan@example.org,,,,basic,4\n";
    let import = house.take_in(&new, csv).await;
    assert_eq!(
        import::problems(&house.read().await, import.id, crate::furnished::FIRST)
            .await
            .unwrap()
            .rows
            .into_iter()
            .map(|(_, problem)| (problem.line, problem.flaw.field.unwrap().code().to_owned()))
            .collect::<Vec<_>>(),
        [(3, "shoe_size".to_owned()), (4, "plan".to_owned())],
        "{:?}",
        problems(&house, import.id).await
    );
    assert_eq!(name_of(&house, "ann@example.org").await, "Ann Lee");
    let ann = known(&house, "ann@example.org").await.unwrap();
    let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    assert_eq!(
        kept(&house, ann).await,
        of(&[("plan", "pro"), ("shoe_size", "38.5")])
    );
    assert_eq!(known(&house, "bob@example.org").await, None);
    // Of whoever is known, a value stands in place of the older one, and an empty cell says nothing.
    house
        .take_in(&new, "Kontakt,a,b,Shoe Size,Tarif\nann@example.org,,,,basic\n")
        .await;
    assert_eq!(
        kept(&house, ann).await,
        of(&[("plan", "basic"), ("shoe_size", "38.5")])
    );
    // Not of whoever wants nothing more.
    house.opt_out_of_all(ann).await;
    house
        .take_in(&new, "Kontakt,a,b,Shoe Size,Tarif\nann@example.org,,,1,pro\n")
        .await;
    assert_eq!(
        kept(&house, ann).await,
        of(&[("plan", "basic"), ("shoe_size", "38.5")])
    );
    let missing = house.bring(&new, "email\nann@example.org\n").await.unwrap_err();
    assert!(
        matches!(&missing, StoreError::Invalid { field: "csv", message } if message.contains("\"kontakt\"")),
        "{missing}"
    );
});

on_both!(
    p01_each_row_may_bring_its_own_evidence_or_is_left_out,
    async |db| {
        let (house, new) = stage(db).await;
        let new = NewImport {
            evidence: None,
            purposes: Some(vec!["news".to_owned()]),
            without_evidence: WithoutEvidence::Refuse,
            ..new
        };
        let csv = "email,source,CONFIRM_TIME,statement\nann@example.org,fair,2026-01-02 03:04:05,I agree.\n\
               bob@example.org,fair,,I agree.\ncat@example.org,,,\n";
        let import = house.take_in(&new, csv).await;
        assert_eq!(counts(&import), [3, 1, 0, 2]);
        let missing = "EVIDENCE_MISSING".to_owned();
        assert_eq!(
            problems(&house, import.id).await,
            [(3, missing.clone()), (4, missing)]
        );
        let ann = known(&house, "ann@example.org").await.unwrap();
        let news = house.purpose("news").await.id;
        let record = consent::newest(&house.read().await, ann, news)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(record.statement.as_deref(), Some("I agree."));
        assert_eq!(record.counts_from.micros(), 1_767_323_045_000_000);
        assert_eq!(
            known(&house, "bob@example.org").await,
            None,
            "nobody is asked either"
        );
    }
);

on_both!(a_table_of_too_many_rows_says_so, async |db| {
    let (house, new) = stage(db).await;
    let few = NewImport { max_rows: 2, ..new };
    let id = house
        .bring(&few, "a@example.org\nb@example.org\nc@example.org\n")
        .await
        .unwrap();
    assert!(house.take_some_in(id, 2).await);
    let piece = import::piece(&house.read().await, id, 1000)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(piece.rows(2, db.store.now()).unwrap_err(), import::Cut::TooMany);
    let import = import::by_id(&house.read().await, id).await.unwrap();
    assert_eq!(import.status, ImportStatus::Running);
});
