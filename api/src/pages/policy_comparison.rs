//! `/t/{tenant}/policy/{a}/compare/{b}`: what one version of the policy says that another does not (P09).

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_entity::TenantTx;
use assent_entity::policy::{self, PolicyVersion};
use similar::{ChangeTag, TextDiff};
use tokio::sync::Semaphore;

use super::error::PageError;
use super::policy::posted;
use super::policy_words::words_of;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::terms::number;
use super::views::{ComparedItem, ComparedText, Fate, PolicyComparisonPage};
use crate::app::App;

/// How long looking for the shortest description of the changes may take. After that a longer one is shown: every
/// word that is marked has changed all the same.
const PATIENCE: Duration = Duration::from_millis(500);

/// Texts that are longer together, in octets, are compared line by line.
const MAX_BY_WORD: usize = 256 * 1024;

/// Comparing takes a core for a while, and anybody may ask for it: one at a time.
static COMPARING: Semaphore = Semaphore::const_new(1);

/// How long somebody waits for their turn.
const WAIT: Duration = Duration::from_secs(5);

/// The comparison.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    address: web::Path<(String, String, String)>,
) -> Result<HttpResponse, PageError> {
    let (slug, from, to) = address.into_inner();
    let ctx = tenant::find(&app.store, &slug).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let posted = posted(&tx).await?;
    let find = |wanted: &str| {
        let found = posted
            .iter()
            .find(|version| version.times.number.to_string() == wanted);
        found.ok_or_else(PageError::not_found)
    };
    let (from, to) = (find(&from)?, find(&to)?);
    let (from_number, to_number) = (number(&from.times), number(&to.times));
    let purposes = compared(purposes_of(&tx, from).await?, purposes_of(&tx, to).await?);
    let parties = compared(parties_of(&tx, from).await?, parties_of(&tx, to).await?);
    let chrome = tenant::chrome(&tx, reader.tongue()).await?;
    drop(tx);
    let (old, new) = (from.body.clone(), to.body.clone());
    drop(posted);
    let turn = tokio::time::timeout(WAIT, COMPARING.acquire()).await;
    let _turn = turn.map_err(|_| PageError::busy("somebody else's comparison takes long"))?;
    let text = tokio::task::spawn_blocking(move || compare(&words_of(&old), &words_of(&new))).await;
    let page = PolicyComparisonPage {
        chrome,
        from: from_number,
        to: to_number,
        text: text.map_err(PageError::internal)?,
        purposes,
        parties,
    };
    respond::page(StatusCode::OK, Keep::Ask, &page)
}

/// The text word by word, with stretches of the same fate put together.
fn compare(old: &str, new: &str) -> Vec<ComparedText> {
    let mut config = TextDiff::configure();
    config.timeout(PATIENCE);
    let diff = if old.len() + new.len() > MAX_BY_WORD {
        config.diff_lines(old, new)
    } else {
        config.diff_words(old, new)
    };
    let mut stretches: Vec<ComparedText> = Vec::new();
    for change in diff.iter_all_changes() {
        let fate = match change.tag() {
            ChangeTag::Equal => Fate::Kept,
            ChangeTag::Delete => Fate::Removed,
            ChangeTag::Insert => Fate::Added,
        };
        match stretches.last_mut() {
            Some(last) if last.fate == fate => last.text.push_str(change.value()),
            _ => stretches.push(ComparedText {
                fate,
                text: change.value().to_owned(),
            }),
        }
    }
    stretches
}

async fn purposes_of<M>(
    tx: &TenantTx<M>,
    version: &PolicyVersion,
) -> Result<Vec<(String, String)>, PageError> {
    let named = policy::purposes_of(tx, version.id).await?;
    Ok(named.into_iter().map(|of| (of.name, of.description)).collect())
}

async fn parties_of<M>(
    tx: &TenantTx<M>,
    version: &PolicyVersion,
) -> Result<Vec<(String, String)>, PageError> {
    let named = policy::parties_of(tx, version.id).await?;
    let said = named
        .into_iter()
        .map(|of| (of.name, format!("What they get: {}\nWhy: {}", of.what, of.why)));
    Ok(said.collect())
}

/// What was added, removed or said otherwise; what stayed as it was is left out.
fn compared(old: Vec<(String, String)>, new: Vec<(String, String)>) -> Vec<ComparedItem> {
    let removed = old.iter().filter(|of_old| !new.contains(of_old));
    let added = new.iter().filter(|of_new| !old.contains(of_new));
    let item = |fate, (name, words): &(String, String)| ComparedItem {
        fate,
        name: name.clone(),
        words: words.clone(),
    };
    removed
        .map(|of| item(Fate::Removed, of))
        .chain(added.map(|of| item(Fate::Added, of)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p09_each_changed_word_is_marked_and_no_other() {
        let marked = compare("We ask before we write.", "We ask twice before we send.");
        let of = |fate| -> String {
            let texts = marked.iter().filter(|text| text.fate == fate);
            texts.map(|text| text.text.as_str()).collect()
        };
        assert_eq!(of(Fate::Removed).trim(), "write.");
        assert_eq!(
            of(Fate::Added).split_whitespace().collect::<Vec<_>>(),
            ["twice", "send."]
        );
        let old: String = marked
            .iter()
            .filter(|text| text.fate != Fate::Added)
            .map(|text| text.text.as_str())
            .collect();
        assert_eq!(old, "We ask before we write.");
    }

    #[test]
    fn two_long_texts_without_a_word_in_common_are_compared_in_time() {
        let long = |word: &str| {
            let words: Vec<_> = (0..60_000).map(|number| format!("{word}{number}")).collect();
            words.join(" ")
        };
        assert!(!compare(&long("a"), &long("b")).is_empty());
    }
}
