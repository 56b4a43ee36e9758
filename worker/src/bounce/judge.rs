//! From what was said to a class: the words first, the codes where the words are not known.

use assent_domain::bounce::BounceClass;

use super::codes::Status;
use super::delivery_status::Reported;
use super::entity::Mail;
use super::evidence::{Evidence, Stage};
use super::notice;
use super::report::Failure;
use super::rules::{self, Saying, UNDETERMINED};

/// What a report says beside the words.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    /// The field `Status`.
    pub(super) status: Option<Status>,
    /// The server goes on trying.
    pub(super) is_delayed: bool,
    /// How far the conversation had come, where the words themselves do not say.
    pub(super) stage: Option<Stage>,
}

/// A class, with its reason.
type Verdict = (BounceClass, &'static str);

/// What the words amount to.
fn by_words(evidence: &Evidence, context: Context, vague: bool) -> Option<Verdict> {
    let Saying { class, reason, .. } =
        rules::by_words(&evidence.text).filter(|said| said.is_vague == vague)?;
    if class != BounceClass::Hard {
        return Some((class, reason));
    }
    Some(match evidence.stage.or(context.stage) {
        // Nobody had been named yet: whoever is unknown, it is not the recipient.
        Some(Stage::Sender) => (BounceClass::Block, "sender_refused"),
        _ if is_temporary(evidence, context) => (BounceClass::Soft, reason),
        // Every address had been taken, so a filter speaks, unless the status insists that it is the address.
        Some(Stage::Message) if !is_about_address(evidence, context) => (BounceClass::Soft, "filtered"),
        _ => (class, reason),
    })
}

/// What one telling amounts to by itself: its words, or its codes, or words that may mean many things and here say that
/// nobody is there.
fn by_itself(evidence: &Evidence, context: Context) -> Option<Verdict> {
    let vague = || by_words(evidence, context, true).filter(|(class, _)| *class == BounceClass::Hard);
    let specific = evidence.codes.status.filter(|status| !status.is_generic());
    by_words(evidence, context, false)
        .or_else(|| Some(weighed(specific?.verdict()?, evidence, context)))
        .or_else(vague)
}

/// What the report's own status amounts to: often it is a guess.
fn by_status(context: Context) -> Option<Verdict> {
    Some(weighed(context.status?.verdict()?, &Evidence::none(), context))
}

/// A status means the recipient only where nobody else can be meant, and for good only where nobody goes on trying.
fn weighed((class, reason): Verdict, evidence: &Evidence, context: Context) -> Verdict {
    match class {
        BounceClass::Hard if is_temporary(evidence, context) => (BounceClass::Soft, reason),
        BounceClass::Hard if evidence.stage.or(context.stage) == Some(Stage::Sender) => {
            (BounceClass::Block, "sender_refused")
        }
        _ => (class, reason),
    }
}

fn is_temporary(evidence: &Evidence, context: Context) -> bool {
    let by_status = || context.status.is_some_and(Status::is_temporary);
    context.is_delayed || evidence.codes.is_temporary().unwrap_or_else(by_status)
}

fn is_about_address(evidence: &Evidence, context: Context) -> bool {
    let said = evidence.codes.status.filter(|status| !status.is_generic());
    said.or(context.status).is_some_and(Status::is_about_address)
}

/// The failure that follows from several tellings of it, the most trustworthy first. Words count before codes whoever
/// said them: a report's status often is its own guess.
pub(super) fn failure(recipient: Option<&str>, told: &[Evidence], context: Context) -> Failure {
    let context = Context {
        stage: told.iter().find_map(|said| said.stage),
        ..context
    };
    let found = told
        .iter()
        .find_map(|said| Some((by_itself(said, context)?, said)));
    let coded = || Some((by_status(context)?, told.first()?));
    let vague = || {
        told.iter()
            .find_map(|said| Some((by_words(said, context, true)?, said)))
    };
    let first = told.iter().find(|said| !said.is_empty()).or(told.first());
    let ((class, reason), said) = match found.or_else(coded).or_else(vague) {
        Some((verdict, said)) => (verdict, Some(said)),
        None => ((BounceClass::Soft, UNDETERMINED), first),
    };
    let status = said.and_then(|said| said.codes.status).or(context.status);
    Failure {
        recipient: recipient.map(str::to_owned),
        class,
        status: status.map(|status| status.to_string()),
        reason: reason.to_owned(),
        text: said.map(Evidence::said).unwrap_or_default(),
    }
}

/// The failures of a delivery report. What its text for people says is asked where its fields say nothing known.
pub(super) fn reported(mail: &Mail, reported: &[Reported]) -> Vec<Failure> {
    let failed: Vec<_> = reported.iter().filter(|one| !one.has_arrived).collect();
    if failed.is_empty() {
        return reported.iter().map(arrived).collect();
    }
    let text = notice::text(mail);
    let mut failures: Vec<Failure> = Vec::new();
    for one in &failed {
        let mut told: Vec<_> = one.said.iter().map(|words| Evidence::of(words)).collect();
        if let Some(recipient) = &one.recipient {
            told.extend(notice::about(&text, recipient).map(|block| Evidence::of(&block)));
        }
        if failed.len() == 1 || failures.is_empty() && all_about_one(&failed) {
            told.extend(notice::whole(&text));
        }
        let context = Context {
            status: one.status,
            is_delayed: one.is_delayed,
            stage: None,
        };
        add(&mut failures, failure(one.recipient.as_deref(), &told, context));
    }
    failures
}

fn all_about_one(reported: &[&Reported]) -> bool {
    let mut names = reported.iter().map(|one| one.recipient.as_deref());
    let first = names.next().flatten();
    names.all(|name| name == first)
}

/// Adds what is said of one more recipient. What is said again of the same one counts if nothing was known before.
pub(super) fn add(failures: &mut Vec<Failure>, failure: Failure) {
    let known = failures
        .iter_mut()
        .find(|known| known.recipient == failure.recipient);
    match known {
        None => failures.push(failure),
        Some(known) if known.reason == UNDETERMINED => *known = failure,
        Some(_) => {}
    }
}

fn arrived(one: &Reported) -> Failure {
    Failure {
        recipient: one.recipient.clone(),
        class: BounceClass::Delivered,
        status: one.status.map(|status| status.to_string()),
        reason: "arrived".to_owned(),
        text: String::new(),
    }
}
