//! The page for everything that did not work: what happened, and what to do next.
//!
//! The pages are made here so that every handler says the same thing in the same words.

use askama::Template;
use assent_worker::words::Words;

use super::chrome::Chrome;
use super::tongue::Tongue;

/// A page that only says something.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/message.html", whitespace = "minimize")]
pub struct MessagePage {
    /// The language.
    pub tongue: Tongue,
    /// The tenant, where it is known; a link that cannot be read names none.
    pub chrome: Option<Chrome>,
    /// Whether something went wrong.
    pub tone: Tone,
    /// The heading.
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What to do next.
    pub next: String,
    /// A link that helps with it.
    pub link: Option<MessageLink>,
}

/// Whether something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Information,
    /// Something did not work.
    Problem,
}

/// A link below the message.
#[derive(Debug, Clone)]
pub struct MessageLink {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub path: String,
}

/// What surrounds a message: a tenant's page, or the server's own.
#[derive(Debug, Clone)]
pub enum Around {
    /// The page of a tenant.
    Tenant(Box<Chrome>),
    /// The page of the server, in a language.
    Server(Tongue),
}

impl From<Chrome> for Around {
    fn from(chrome: Chrome) -> Self {
        Self::Tenant(Box::new(chrome))
    }
}

impl From<Tongue> for Around {
    fn from(tongue: Tongue) -> Self {
        Self::Server(tongue)
    }
}

impl Around {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Tenant(chrome) => chrome.tongue.words,
            Self::Server(tongue) => tongue.words,
        }
    }

    /// The problem that it surrounds.
    pub(super) fn problem(self, title: String, happened: String, next: String) -> MessagePage {
        let (tongue, chrome) = match self {
            Self::Tenant(chrome) => (chrome.tongue.clone(), Some(*chrome)),
            Self::Server(tongue) => (tongue, None),
        };
        MessagePage {
            tongue,
            chrome,
            tone: Tone::Problem,
            title,
            happened,
            next,
            link: None,
        }
    }

    /// The message that it surrounds, about something that went as it should.
    pub(super) fn information(self, title: String, happened: String, next: String) -> MessagePage {
        MessagePage {
            tone: Tone::Information,
            ..self.problem(title, happened, next)
        }
    }
}

impl MessagePage {
    /// The same message with a link below it.
    #[must_use]
    pub fn with_link(mut self, label: impl Into<String>, path: impl Into<String>) -> Self {
        self.link = Some(MessageLink {
            label: label.into(),
            path: path.into(),
        });
        self
    }

    /// 404: no page at this address.
    pub fn not_found(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.not_found_title(),
            words.not_found_happened(),
            words.not_found_next(),
        )
    }

    /// 200: somebody would rather not fill in a form.
    pub fn left(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(words.left_title(), words.left_happened(), words.left_next())
    }

    /// 410: a signed link past its time.
    pub fn link_expired(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.link_expired_title(),
            words.link_expired_happened(),
            words.link_expired_next(),
        )
    }

    /// 404: a signed link that fails its check.
    pub fn link_altered(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.link_altered_title(),
            words.link_altered_happened(),
            words.link_altered_next(),
        )
    }

    /// 409 or 422: what was asked for does not go, for a reason in the words of the rule.
    pub fn refused(around: impl Into<Around>, reason: &str) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.refused_title(),
            words.refused_happened(reason),
            words.refused_next(),
        )
    }

    /// 400 or 415: what was sent is no form.
    pub fn unreadable(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.unreadable_title(),
            words.unreadable_happened(),
            words.unreadable_next(),
        )
    }

    /// 409: a form of a tenant without a policy, or for purposes that its policy has given up.
    pub fn form_closed(chrome: Chrome) -> Self {
        let policy = chrome.policy_path();
        let words = chrome.tongue.words;
        let page = Around::from(chrome).problem(
            words.form_closed_title(),
            words.form_closed_happened(),
            words.form_closed_next(),
        );
        page.with_link(words.footer_policy(), policy)
    }

    /// 409: a tenant that is closed takes nobody in, and no yes.
    pub fn tenant_closed(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.tenant_closed_title(),
            words.tenant_closed_happened(),
            words.tenant_closed_next(),
        )
    }

    /// 410: a tenant that is deleted. Whoever comes by an old link learns that it is over.
    pub fn tenant_gone(tongue: Tongue) -> Self {
        let words = tongue.words;
        Around::from(tongue).information(
            words.tenant_gone_title(),
            words.tenant_gone_happened(),
            words.tenant_gone_next(),
        )
    }

    /// 409: a confirmation by somebody who has asked for no mail of any sort since.
    pub fn opted_out(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.kept_silent_title(),
            words.kept_silent_happened(),
            words.kept_silent_next(),
        )
    }

    /// 200: the unsubscribe link of a mail that no subscription stands behind.
    pub fn no_subscription(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.no_subscription_title(),
            words.no_subscription_happened(),
            words.no_subscription_next(),
        )
    }

    /// 200: all that was held about somebody was erased.
    pub fn erased(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(words.erased_title(), words.erased_happened(), words.erased_next())
    }

    /// 410: a link about the data of somebody who was erased.
    pub fn nothing_held(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.nothing_held_title(),
            words.nothing_held_happened(),
            words.nothing_held_next(),
        )
    }

    /// 200: somebody asked to be reached at another address.
    pub fn address_asked(chrome: Chrome, typed: &str) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.address_asked_title(),
            words.address_asked_happened(typed),
            words.address_asked_next(),
        )
    }

    /// 200: a person is reached at another address.
    pub fn address_changed(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.address_changed_title(),
            words.address_changed_happened(),
            words.address_changed_next(),
        )
    }

    /// 200: somebody asked for the link to all that is held about them. It is the same whether or not they are known.
    pub fn privacy_link_asked(chrome: Chrome, address: &str) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.privacy_link_asked_title(),
            words.privacy_link_asked_happened(address),
            words.privacy_link_asked_next(),
        )
    }

    /// 413: more was sent than a form can hold.
    pub fn too_large(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.too_large_title(),
            words.too_large_happened(),
            words.too_large_next(),
        )
    }

    /// 429: too many attempts in a short time.
    pub fn too_many_requests(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.too_many_title(),
            words.too_many_happened(),
            words.too_many_next(),
        )
    }

    /// 405: a way of asking that this address does not know.
    pub fn method_not_allowed(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(words.method_title(), words.method_happened(), words.method_next())
    }

    /// 500: our own fault, with the id under which it is in the log.
    pub fn internal(around: impl Into<Around>, log_id: &str) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.internal_title(),
            words.internal_happened(log_id),
            words.internal_next(),
        )
    }

    /// 503: the server is starting or stopping.
    pub fn unavailable(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.unavailable_title(),
            words.unavailable_happened(),
            words.unavailable_next(),
        )
    }
}
