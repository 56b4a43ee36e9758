//! Where a member signs in by their tenant's identity provider.

use askama::Template;
use assent_domain::identity_provider::NotLetIn;

use super::chrome::Chrome;
use super::form::{self, Field, FieldError};
use super::message::{Around, MessagePage};

/// Offers to go on to the provider. It posts nothing to its own address.
#[derive(Template)]
#[template(path = "pages/sign_in.html", whitespace = "minimize")]
pub struct SignInPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The provider's host.
    pub provider: String,
}

/// Asks for a code of a second factor. It posts `code` to its own address.
#[derive(Template)]
#[template(path = "pages/sign_in_code.html", whitespace = "minimize")]
pub struct SignInCodePage {
    /// The tenant.
    pub chrome: Chrome,
    /// The provider's host.
    pub provider: String,
    /// The member's address with its middle hidden.
    pub masked_address: String,
    /// The code. Never filled in again.
    pub code: Field,
}

impl SignInCodePage {
    /// All errors.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        form::summary([("code", Some(&self.code))])
    }
}

impl MessagePage {
    /// 200: a member is signed in.
    pub fn sign_in_done(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        let happened = words.sign_in_done_happened(&chrome.tenant_name);
        Around::from(chrome).information(words.sign_in_done_title(), happened, words.sign_in_done_next())
    }

    /// 410: a sign-in that is not under way, or not in this browser.
    pub fn sign_in_over(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        let (title, happened) = (words.sign_in_over_title(), words.sign_in_over_happened());
        begin_again(chrome, title, happened, words.sign_in_over_next())
    }

    /// 403: the provider said no.
    pub fn sign_in_denied(chrome: Chrome, provider: &str) -> Self {
        let words = chrome.tongue.words;
        let happened = words.sign_in_denied_happened(provider);
        let next = words.sign_in_denied_next(provider, &chrome.tenant_name);
        begin_again(chrome, words.sign_in_denied_title(), happened, next)
    }

    /// 502: the provider did not say who it is.
    pub fn sign_in_failed(chrome: Chrome, provider: &str) -> Self {
        let words = chrome.tongue.words;
        let happened = words.sign_in_failed_happened(provider);
        let next = words.sign_in_failed_next(&chrome.tenant_name);
        begin_again(chrome, words.sign_in_failed_title(), happened, next)
    }

    /// 403: somebody for whom the provider vouches is not let in.
    pub fn sign_in_refused(chrome: Chrome, provider: &str, why: NotLetIn) -> Self {
        let words = chrome.tongue.words;
        let tenant = &chrome.tenant_name;
        let (happened, next) = match why {
            NotLetIn::Unverified => (
                words.sign_in_unverified_happened(provider, tenant),
                words.sign_in_unverified_next(provider),
            ),
            NotLetIn::Stranger => (
                words.sign_in_stranger_happened(provider, tenant),
                words.sign_in_stranger_next(tenant),
            ),
            NotLetIn::OtherAccount => (
                words.sign_in_other_account_happened(provider),
                words.sign_in_other_account_next(tenant),
            ),
        };
        begin_again(chrome, words.sign_in_refused_title(), happened, next)
    }
}

fn begin_again(chrome: Chrome, title: String, happened: String, next: String) -> MessagePage {
    let (words, path) = (chrome.tongue.words, chrome.sign_in_path());
    let page = Around::from(chrome).problem(title, happened, next);
    page.with_link(words.sign_in_again(), path)
}
