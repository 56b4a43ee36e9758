//! Every catalogue says all that the English one does, with the same values and the same elements, and nothing is said
//! that nobody uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{TimeZone, Utc};
use fluent_syntax::ast::Entry;
use fluent_syntax::parser::parse;
use fluent_syntax::serializer::serialize;

use super::*;

/// What a text is made of: its variables and its elements, each as often as it occurs.
type Parts = BTreeMap<String, usize>;

fn texts(files: &[&str]) -> BTreeMap<String, Parts> {
    let mut texts = BTreeMap::new();
    for file in files {
        let resource = parse(*file).expect("build.rs has read it");
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let id = message.id.name.to_owned();
            let alone = fluent_syntax::ast::Resource {
                body: vec![Entry::Message(message)],
            };
            let before = texts.insert(id.clone(), parts(&serialize(&alone)));
            assert_eq!(before, None, "{id} is there twice");
        }
    }
    texts
}

/// A variable that is counted by stands in as many branches as the language has, so it counts once.
fn parts(text: &str) -> Parts {
    let mut parts = Parts::new();
    for variable in text.split('$').skip(1) {
        let name: String = variable
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '-')
            .collect();
        parts.insert(name, 1);
    }
    for element in text.split('<').skip(1) {
        let (element, _) = element.split_once('>').expect("an element that ends");
        *parts.entry(format!("<{element}>")).or_default() += 1;
    }
    parts
}

#[test]
fn every_language_says_all_that_english_does() {
    let catalogues: BTreeMap<_, _> = CATALOGUES
        .iter()
        .map(|(tag, files)| (*tag, texts(files)))
        .collect();
    let english = &catalogues["en"];
    let known: BTreeSet<_> = ["en", "de", "es", "fr"].into();
    assert!(known.iter().all(|tag| catalogues.contains_key(tag)));
    for (tag, texts) in &catalogues {
        assert_eq!(
            Language::parse(tag).map(|language| language.to_string()),
            Ok((*tag).to_owned()),
            "locales/{tag}: name the folder by the language's tag"
        );
        for (id, parts) in english {
            let said = texts.get(id);
            let said = said.unwrap_or_else(|| panic!("locales/{tag} has no text for {id}"));
            assert_eq!(said, parts, "{id} in locales/{tag}");
        }
        let extra: Vec<_> = texts.keys().filter(|id| !english.contains_key(*id)).collect();
        assert!(
            extra.is_empty(),
            "locales/{tag} says what English does not: {extra:?}"
        );
    }
}

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "html")
        {
            text.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn every_text_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut code = String::new();
    for folder in ["api/src", "api/templates", "worker/src"] {
        sources(&root.join(folder), &mut code);
    }
    let (_, files) = CATALOGUES.iter().find(|(tag, _)| *tag == "en").expect("English");
    let idle: Vec<_> = texts(files)
        .into_keys()
        .filter(|id| !code.contains(&format!(".{}(", id.replace('-', "_"))))
        .collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn a_language_that_is_not_there_falls_back() {
    let tag = |wanted: &[&str]| Words::best(wanted.iter().copied()).language().to_string();
    assert_eq!(tag(&["de-AT"]), "de");
    assert_eq!(tag(&["tlh", "fr-CA"]), "fr");
    assert_eq!(tag(&["<script>", "", "x"]), "en");
    assert_eq!(tag(&[]), "en");
}

#[test]
fn dates_are_written_as_the_language_does() {
    let at = Utc
        .with_ymd_and_hms(2026, 3, 1, 8, 5, 9)
        .single()
        .expect("exists");
    let minute = |tag| Words::best([tag]).minute(at);
    assert_eq!(minute("en"), "1 March 2026, 08:05 UTC");
    assert_eq!(minute("de"), "1. März 2026, 08:05 Uhr UTC");
    assert_eq!(minute("es"), "1 de marzo de 2026, 08:05 UTC");
    assert_eq!(minute("fr"), "1 mars 2026 à 08:05 UTC");
    assert_eq!(Words::english().second(at), "1 March 2026, 08:05:09 UTC");
}

#[test]
fn a_value_is_text_and_never_markup() {
    let hostile = "<script>alert(1)</script>\" onload=\"x";
    let html = Words::english().footer_questions(hostile).to_string();
    assert!(!html.contains("<script") && !html.contains("\" onload"), "{html}");
    assert_eq!(Words::english().form_errors(1), "One thing to put right");
    assert_eq!(Words::english().form_errors(2), "2 things to put right");
}
