//! `/preferences/{token}`: everything a person has agreed to, and the way to change it.

use askama::Template;
use assent_entity::preferences::Taken;

use super::chrome::Chrome;
use super::terms::{ListName, PolicyRef, PurposeText};
use super::when::When;

/// The preferences of one person at one tenant.
///
/// It posts to its own address: `act=save` or `act=come_back`, one `purpose={code}` and one `list={id}` for each
/// ticked box, `no_mail=1`, and `shown`. Only `come_back` may lift "no mail of any sort", so a page left open in
/// another window cannot.
#[derive(Template)]
#[template(path = "pages/preferences.html", whitespace = "minimize")]
pub struct PreferencesPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the mail may have been forwarded.
    pub masked_address: String,
    /// The version in force, if there is one.
    pub policy: Option<PolicyRef>,
    /// Whether any mail may come at all.
    pub state: PreferencesState,
    /// What became of a change that was just sent.
    pub outcome: Option<Taken>,
    /// Purposes that need no consent; stated, not asked.
    pub essential: Vec<PurposeText>,
    /// All other purposes of the version in force.
    pub purposes: Vec<PurposeStanding>,
    /// Purposes that the person once answered to and that are used no more.
    pub earlier: Vec<PurposeStanding>,
    /// The lists the person may be on.
    pub lists: Vec<ListChoice>,
    /// Names what this page says; comes back as `shown`.
    pub shown: String,
    /// Where to ask for the link to all that is held (P17), and to where the person changes their address. The link itself goes by mail: this page may have been opened
    /// by whoever a campaign was passed on to.
    pub privacy_link_path: String,
    /// Where the person sees and settles who else gets their information.
    pub sharing_path: String,
}

/// Whether any mail may come at all.
#[derive(Debug, Clone, Copy)]
pub enum PreferencesState {
    /// Mail may come, by the choices below.
    Open,
    /// The person chose "no mail of any sort".
    NoMail {
        /// Since when.
        since: When,
    },
    /// The person's provider reported that they took a mail for spam.
    Complained {
        /// When.
        since: When,
    },
}

impl PreferencesState {
    /// Whether no mail of any sort is sent.
    pub fn is_silent(&self) -> bool {
        !matches!(self, Self::Open)
    }
}

impl PreferencesPage {
    /// Whether a change was just saved.
    pub fn is_saved(&self) -> bool {
        self.outcome == Some(Taken::All)
    }

    /// Whether only the noes of a change were saved because the page was out of date.
    pub fn is_out_of_date(&self) -> bool {
        self.outcome == Some(Taken::OnlyNoes)
    }
}

/// A purpose, and where the person stands.
#[derive(Debug, Clone)]
pub struct PurposeStanding {
    /// The value that is posted.
    pub code: String,
    /// Name and today's wording.
    pub text: PurposeText,
    /// The answer so far.
    pub standing: Standing,
    /// How it came about; none where the person was never asked.
    pub said: Option<Said>,
}

/// How an answer came about.
#[derive(Debug, Clone)]
pub struct Said {
    /// Through what.
    pub how: String,
    /// The name of the form, if it was one.
    pub place: Option<String>,
    /// The policy version in force at the time.
    pub policy_version: i32,
    /// When a yes runs out, if it does.
    pub expires_at: Option<When>,
    /// Where its receipt is.
    pub receipt_path: String,
}

impl PurposeStanding {
    /// The words agreed to, where they are not today's.
    pub fn earlier_wording(&self) -> Option<&str> {
        match &self.standing {
            Standing::Given { wording, .. } if *wording != self.text.statement => Some(wording),
            _ => None,
        }
    }
}

/// The answer to a purpose. Everything but `Given` counts as no.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Yes.
    Given {
        /// Since when.
        at: When,
        /// The exact words agreed to.
        wording: String,
    },
    /// No, when asked.
    Refused {
        /// Since when.
        at: When,
    },
    /// Yes once, taken back later.
    Withdrawn {
        /// Since when.
        at: When,
    },
    /// Asked, and not answered.
    Requested {
        /// When it was asked.
        at: When,
    },
    /// Yes once, but too long ago.
    Expired {
        /// When it ran out.
        at: When,
    },
    /// Never asked.
    NeverAsked,
}

impl Standing {
    /// Whether mail for this purpose may come.
    pub fn is_given(&self) -> bool {
        matches!(self, Self::Given { .. })
    }
}

/// A list, and whether the person is on it.
#[derive(Debug, Clone)]
pub struct ListChoice {
    /// The value that is posted.
    pub id: String,
    /// Name and description.
    pub text: ListName,
    /// Names of the purposes its mail is sent for; without a yes to one of them nothing comes.
    pub purposes: Vec<String>,
    /// Whether the person is on it.
    pub subscription: Subscription,
}

/// Whether a person is on a list.
#[derive(Debug, Clone, Copy)]
pub enum Subscription {
    /// On it.
    Active {
        /// Since when.
        since: When,
    },
    /// Asked for, and not confirmed yet.
    Unconfirmed {
        /// When it was asked for.
        since: When,
    },
    /// Once on it.
    Ended {
        /// Since when no more.
        at: When,
    },
    /// Never on it.
    Never,
}

impl Subscription {
    /// Whether the box is ticked.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }
}
