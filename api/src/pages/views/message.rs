//! The page for everything that did not work: what happened, and what to do next.
//!
//! The texts live here so that every handler says the same thing in the same words.

use askama::Template;

use super::chrome::Chrome;

/// A page that only says something.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/message.html", whitespace = "minimize")]
pub struct MessagePage {
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

impl MessagePage {
    /// A problem with the given texts.
    pub fn problem(
        chrome: Option<Chrome>,
        title: impl Into<String>,
        happened: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            chrome,
            tone: Tone::Problem,
            title: title.into(),
            happened: happened.into(),
            next: next.into(),
            link: None,
        }
    }

    /// A message about something that went as it should.
    pub fn information(
        chrome: Option<Chrome>,
        title: impl Into<String>,
        happened: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            tone: Tone::Information,
            ..Self::problem(chrome, title, happened, next)
        }
    }

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
    pub fn not_found(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "There is no page here",
            "The address may have been mistyped, or the page may have been taken down.",
            "Check the address. If you followed a link in a mail, open it once more from there.",
        )
    }

    /// 200: somebody would rather not fill in a form.
    pub fn left(chrome: Option<Chrome>) -> Self {
        Self::information(
            chrome,
            "You have left the form",
            "Nothing was entered, nothing was kept, and nothing was passed on to anybody.",
            "You can close this page. If you change your mind, the form is still there.",
        )
    }

    /// 410: a signed link past its time.
    pub fn link_expired(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "This link has run out",
            "Links like this one work for a limited time, and this one's is over. Nothing was changed.",
            "If you were signing up, fill in the form again and we will send you a new link. For anything else, \
             use the link in a newer mail.",
        )
    }

    /// 404: a signed link that fails its check.
    pub fn link_altered(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "We cannot read this link",
            "Part of it is missing or was changed; some mail programs break long links in two. Nothing was \
             changed.",
            "Open the link from the mail itself, or copy all of it, from “https” to its last letter, into the \
             address bar.",
        )
    }

    /// 409 or 422: what was asked for does not go, for a reason in the words of the rule.
    pub fn refused(chrome: Option<Chrome>, reason: impl Into<String>) -> Self {
        Self::problem(
            chrome,
            "This does not work as things stand",
            format!("We did not do what you asked for. The reason: {}.", reason.into()),
            "Nothing was changed. If it should have worked, write to the company that sent you here.",
        )
    }

    /// 400 or 415: what was sent is no form.
    pub fn unreadable(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "We cannot read what was sent",
            "It is not a form as a browser sends it, or holds characters that are no text. Nothing was changed.",
            "Go back, check what you entered, and send it again.",
        )
    }

    /// 409: a form of a tenant without a policy, or for purposes that its policy has given up.
    pub fn form_closed(chrome: Chrome) -> Self {
        let policy = chrome.policy_path();
        Self::problem(
            Some(chrome),
            "This form is closed",
            "It asks for information that is collected only under a privacy policy, and none that covers it is in \
             force now.",
            "Come back later, or read which policy is in force.",
        )
        .with_link("Privacy policy", policy)
    }

    /// 409: a tenant that is closed takes nobody in, and no yes.
    pub fn tenant_closed(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "This company is closed here",
            "It sends no mail any more and takes nobody in, so we did not do what you asked for. Everything it holds \
             will be deleted before long.",
            "There is nothing you have to do. A no is still taken: links for opting out and for your data go on to \
             work until then.",
        )
    }

    /// 410: a tenant that is deleted. Whoever comes by an old link learns that it is over.
    pub fn tenant_gone() -> Self {
        Self::information(
            None,
            "Nothing is held here any more",
            "The company that this address belonged to has closed, and everything it held here was deleted: whom it \
             wrote to, what they agreed to, and what they did not. Nobody is written to from here in its name.",
            "There is nothing you have to do, nothing to opt out of, and nothing about you to show or to erase.",
        )
    }

    /// 409: a confirmation by somebody who has asked for no mail of any sort since.
    pub fn opted_out(chrome: Chrome) -> Self {
        Self::information(
            Some(chrome),
            "We keep to sending you nothing",
            "This address is on record as one that wants no mail of any sort, and that counts for more than this \
             link. Nothing was changed.",
            "If you want mail again, use the preferences link in an earlier mail from us, and press “Come back” \
             there.",
        )
    }

    /// 200: the unsubscribe link of a mail that no subscription stands behind.
    pub fn no_subscription(chrome: Chrome) -> Self {
        Self::information(
            Some(chrome),
            "This mail belongs to no list",
            "It was sent because it cannot be left out, such as news of the privacy policy. There is no \
             subscription to end, and nothing was changed.",
            "To get no mail of any sort, use the preferences link in a mail from us.",
        )
    }

    /// 200: all that was held about somebody was erased.
    pub fn erased(chrome: Chrome) -> Self {
        Self::information(
            Some(chrome),
            "Your data is erased",
            "All that told who you are has been deleted. What is left is a number that nobody can turn back into your \
             address; by it we know not to write to you again.",
            "There is nothing more to do. If you ever want to hear from us again, sign up anew and confirm.",
        )
    }

    /// 410: a link about the data of somebody who was erased.
    pub fn nothing_held(chrome: Chrome) -> Self {
        Self::information(
            Some(chrome),
            "We hold nothing about you",
            "What this link was about has been erased, so there is nothing to show and nothing to change.",
            "There is nothing to do. To ask something all the same, write to the address below.",
        )
    }

    /// 200: somebody asked to be reached at another address.
    pub fn address_asked(chrome: Chrome, typed: &str) -> Self {
        Self::information(
            Some(chrome),
            "Look into your mailbox",
            format!(
                "If we may write to {typed}, a mail with a link is on its way there. Nothing has changed yet."
            ),
            "Open that mail and confirm that the address is yours. Until you do, we write to the address we have.",
        )
    }

    /// 200: a person is reached at another address.
    pub fn address_changed(chrome: Chrome) -> Self {
        Self::information(
            Some(chrome),
            "Your address is changed",
            "From now on we write to the address from which you have just confirmed. In earlier mails, the links to opt \
             out go on to work, and no others. Every no that was said at either address counts.",
            "Look through your preferences, if you like.",
        )
    }

    /// 200: somebody asked for the link to all that is held about them. It is the same whether or not they are known.
    pub fn privacy_link_asked(chrome: Chrome, address: &str) -> Self {
        Self::information(
            Some(chrome),
            "Look into your mailbox",
            format!(
                "If we hold anything about {address}, a mail with a link is on its way there, unless one was sent a few \
                 minutes ago or several were today."
            ),
            "Open that mail, and follow the link to the page about your data. It is good for 30 days.",
        )
    }

    /// 413: more was sent than a form can hold.
    pub fn too_large(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "That was too much",
            "What was sent is larger than this form can hold, so we did not keep any of it.",
            "Go back, shorten what you entered, and send it again.",
        )
    }

    /// 429: too many attempts in a short time.
    pub fn too_many_requests(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "Please wait a moment",
            "Many forms were sent from your network in a short time, so we did not take this one.",
            "Go back, wait ten minutes, and send it again. To get no mail of any sort you need not wait: that is \
             always taken.",
        )
    }

    /// 405: a way of asking that this address does not know.
    pub fn method_not_allowed(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "This address cannot do that",
            "Your program asked in a way that this page does not answer. Nothing was changed.",
            "Open the page in a browser and use the button on it.",
        )
    }

    /// 500: our own fault, with the id under which it is in the log.
    pub fn internal(chrome: Option<Chrome>, log_id: &str) -> Self {
        Self::problem(
            chrome,
            "This did not work, and it is our fault",
            format!("The server could not finish what you asked for. It is on record as {log_id}."),
            "Please try again in a few minutes. If it fails again, write to us and name that record.",
        )
    }

    /// 503: the server is starting or stopping.
    pub fn unavailable(chrome: Option<Chrome>) -> Self {
        Self::problem(
            chrome,
            "Back in a moment",
            "The server is restarting or very busy, so it did not carry out what you asked for.",
            "Please try again in a minute.",
        )
    }
}
