//! Real mails that came back, read and compared with what people say of them. They are no part of the project: the
//! folder is named in `ASSENT_BOUNCE_CORPUS`, with a `labels.csv` and a folder `mail`. Without it there is nothing to do.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the figures are for people, and the folder is named in the environment"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assent_domain::bounce::BounceClass;
use assent_worker::bounce::classify;

/// The least share of mails of which the right is said.
const RIGHT: f64 = 0.97;

/// The most mails that would cut somebody off who should not be, of all.
const WRONGLY_CUT_OFF: f64 = 0.005;

/// What a class makes us do, in the words of the labels.
fn action(class: BounceClass) -> &'static str {
    match class {
        BounceClass::Hard => "SUPPRESS",
        BounceClass::Complaint | BounceClass::Optout => "COMPLAINT",
        BounceClass::Soft | BounceClass::Block => "RETRY",
        BounceClass::NotBounce
        | BounceClass::Delivered
        | BounceClass::AutoReply
        | BounceClass::AuthReport => "NONE",
    }
}

/// What people say of a mail.
struct Label {
    file: String,
    /// What they would do, where they were sure.
    expected: BTreeSet<String>,
    /// What is right, for each recipient.
    acceptable: Vec<BTreeSet<String>>,
}

impl Label {
    fn read(line: &str) -> Self {
        let mut cells = line.split(',');
        let mut cell = || cells.next().unwrap_or_default();
        let set = |text: &str, mark: char| {
            text.split(mark)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Self {
            file: cell().to_owned(),
            expected: set(cell(), '+'),
            acceptable: cell().split('+').map(|part| set(part, '|')).collect(),
        }
    }

    fn accepts(&self, action: &str) -> bool {
        self.acceptable.iter().any(|of_one| of_one.contains(action))
    }

    /// Everything that is done is right, and everybody is dealt with.
    fn is_met_by(&self, done: &BTreeSet<String>) -> bool {
        done.iter().all(|action| self.accepts(action))
            && self.acceptable.iter().all(|of_one| !of_one.is_disjoint(done))
    }
}

#[derive(Default)]
struct Figures {
    all: u32,
    right: u32,
    exact: u32,
    wrongly_cut_off: Vec<String>,
    other: Vec<String>,
}

impl Figures {
    fn add(&mut self, label: &Label, done: &BTreeSet<String>) {
        self.all += 1;
        let is_right = label.is_met_by(done);
        self.right += u32::from(is_right);
        self.exact += u32::from(if label.expected.is_empty() {
            is_right
        } else {
            *done == label.expected
        });
        let cuts = ["SUPPRESS", "COMPLAINT"];
        if done
            .iter()
            .any(|action| cuts.contains(&action.as_str()) && !label.accepts(action))
        {
            self.wrongly_cut_off.push(label.file.clone());
        } else if !is_right {
            self.other.push(label.file.clone());
        }
    }
}

fn share(part: u32, all: u32) -> f64 {
    f64::from(part) / f64::from(all.max(1))
}

fn measure(folder: &Path) -> Figures {
    let labels = std::fs::read_to_string(folder.join("labels.csv")).expect("labels.csv");
    let mut figures = Figures::default();
    for label in labels.lines().skip(1).map(Label::read) {
        let raw = std::fs::read(folder.join("mail").join(&label.file)).expect("a mail");
        let report = classify(&raw);
        let done = report
            .failures
            .iter()
            .map(|failure| action(failure.class).to_owned())
            .collect();
        figures.add(&label, &done);
        // The same mail with the line ends of other systems says the same.
        let text: Vec<u8> = raw.into_iter().filter(|octet| *octet != b'\r').collect();
        let with = |end: &[u8]| text.split(|octet| *octet == b'\n').collect::<Vec<_>>().join(end);
        for end in [&b"\r\n"[..], b"\r"] {
            assert_eq!(
                classify(&with(end)).failures,
                classify(&text).failures,
                "{}",
                label.file
            );
        }
    }
    figures
}

#[test]
fn real_bounces_are_read_rightly_and_hardly_anybody_is_cut_off_wrongly() {
    let Some(folder) = std::env::var_os("ASSENT_BOUNCE_CORPUS").map(PathBuf::from) else {
        return;
    };
    let figures = measure(&folder);
    let cut_off = u32::try_from(figures.wrongly_cut_off.len()).expect("few");
    println!(
        "{} mails: right {:.1} %, exactly as labelled {:.1} %, wrongly cut off {:?}, otherwise wrong {:?}",
        figures.all,
        100.0 * share(figures.right, figures.all),
        100.0 * share(figures.exact, figures.all),
        figures.wrongly_cut_off,
        figures.other,
    );
    assert!(share(figures.right, figures.all) >= RIGHT);
    assert!(share(cut_off, figures.all) <= WRONGLY_CUT_OFF);
}
