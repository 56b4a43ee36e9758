//! `/t/{slug}/join/{collection-point}`: the form that asks, and the two answers to it.

use askama::Template;
use assent_worker::words::Words;

use super::chrome::Chrome;
use super::form::{self, Field, FieldError};
use super::terms::{ListName, OutsideParty, PolicyRef, PurposeText};

/// The form of a collection point (P03, P12, P13).
///
/// It posts to its own address: `email`, `name`, `company`, one `purpose={code}` for each ticked box,
/// `no_mail=1`, `shown`, and `go_on=1` where it brings outside parties in.
#[derive(Template)]
#[template(path = "pages/join.html", whitespace = "minimize")]
pub struct JoinPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The collection point's public name; the page's heading.
    pub title: String,
    /// The language of title and choices, which the tenant wrote.
    pub language: String,
    /// A sentence or two of the tenant's own.
    pub intro: Option<String>,
    /// The version under which the answers will be held.
    pub policy: PolicyRef,
    /// Outside parties who get what is entered; shown before any field. Empty for most.
    pub outside_parties: Vec<OutsideParty>,
    /// Where to go for who would rather not, with outside parties.
    pub leave_path: String,
    /// The lists that this form leads to.
    pub lists: Vec<ListName>,
    /// The address; always asked for.
    pub email: Field,
    /// The name, if the collection point asks for it.
    pub name: Option<Field>,
    /// The company, if the collection point asks for it.
    pub company: Option<Field>,
    /// Purposes that need no consent; stated, not asked.
    pub essential: Vec<PurposeText>,
    /// All other purposes, each its own choice.
    pub choices: Vec<PurposeChoice>,
    /// What is wrong with the choices as a whole.
    pub choices_error: Option<String>,
    /// Whether "no mail of any sort" is ticked; on first show it is not.
    pub no_mail: bool,
    /// Whether a mail has to be confirmed before anything else is sent (P04).
    pub needs_confirmation: bool,
    /// Names the wording on this page; comes back as `shown`, so that consent is recorded to these words and
    /// not to later ones.
    pub shown: String,
}

/// A form for a tenant's own pages, which sends to the hosted one. Nothing in it is ticked.
#[derive(Template)]
#[template(path = "pages/snippet.html", whitespace = "minimize")]
pub struct Snippet {
    /// Where it sends to.
    pub url: String,
    /// Where the policy version is.
    pub policy_url: String,
    /// The form, as it is shown first.
    pub form: JoinPage,
}

impl Snippet {
    /// The texts.
    fn words(&self) -> Words {
        self.form.words()
    }
}

/// The page before a form that brings outside parties in: who they are, and whether to go on (P13).
#[derive(Template)]
#[template(path = "pages/join_parties.html", whitespace = "minimize")]
pub struct JoinPartiesPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The collection point's public name; the page's heading.
    pub title: String,
    /// The language of the title.
    pub language: String,
    /// Who gets what is entered.
    pub outside_parties: Vec<OutsideParty>,
    /// To the form.
    pub go_on_path: String,
    /// Away.
    pub leave_path: String,
}

/// One purpose on the form.
#[derive(Debug, Clone)]
pub struct PurposeChoice {
    /// The value that is posted.
    pub code: String,
    /// Name and exact wording.
    pub text: PurposeText,
    /// Whether the person ticked it in a form that is shown again; on first show it is not.
    pub ticked: bool,
}

impl JoinPage {
    /// All errors, in the order of the fields.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        let mut errors = form::summary([
            ("email", Some(&self.email)),
            ("name", self.name.as_ref()),
            ("company", self.company.as_ref()),
        ]);
        let id = if self.choices.is_empty() {
            "form"
        } else {
            "choices"
        };
        errors.extend(
            self.choices_error
                .as_deref()
                .map(|message| FieldError { id, message }),
        );
        errors
    }
}

/// The answer to a form that was accepted.
///
/// It is the same whether or not the address was known, so nobody can ask us who is subscribed.
#[derive(Template)]
#[template(path = "pages/join_done.html", whitespace = "minimize")]
pub struct JoinDonePage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address as it was typed, so that a slip is seen; `None` after a redirect.
    pub typed_address: Option<String>,
    /// Whether a mail has to be confirmed first.
    pub needs_confirmation: bool,
    /// How long the link in that mail works.
    pub link_valid_days: u32,
    /// Back to the form.
    pub join_path: String,
}

/// The answer to "no mail of any sort".
#[derive(Template)]
#[template(path = "pages/join_opted_out.html", whitespace = "minimize")]
pub struct JoinOptedOutPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address as it was typed, so that a slip is seen; `None` after a redirect.
    pub typed_address: Option<String>,
    /// Back to the form.
    pub join_path: String,
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::colour::Rgb;
    use super::super::tongue::Tongue;
    use super::*;

    fn page() -> JoinPage {
        let hostile = "<script>alert(1)</script>\" onload=\"x";
        let purpose = PurposeText {
            name: hostile.to_owned(),
            statement: hostile.to_owned(),
        };
        JoinPage {
            chrome: Chrome {
                tongue: Tongue::of(Words::english()),
                tenant_name: hostile.to_owned(),
                slug: "acme".to_owned(),
                accent: Rgb::DEFAULT_ACCENT,
                postal_address: hostile.to_owned(),
                privacy_contact: hostile.to_owned(),
                closed: None,
            },
            title: hostile.to_owned(),
            language: "de".to_owned(),
            leave_path: "/t/acme/join/news?leave=1".to_owned(),
            intro: Some(hostile.to_owned()),
            policy: PolicyRef {
                number: 1,
                in_force_since: DateTime::<Utc>::UNIX_EPOCH.into(),
            },
            outside_parties: vec![OutsideParty {
                name: hostile.to_owned(),
                receives: hostile.to_owned(),
                reason: hostile.to_owned(),
                policy_url: Some("javascript:alert(1)".to_owned()),
            }],
            lists: vec![ListName {
                name: hostile.to_owned(),
                description: None,
            }],
            email: Field::required().with_value(hostile),
            name: Some(Field::optional().with_error(hostile)),
            company: None,
            essential: vec![purpose.clone()],
            choices: vec![PurposeChoice {
                code: hostile.to_owned(),
                text: purpose,
                ticked: false,
            }],
            choices_error: None,
            no_mail: false,
            needs_confirmation: true,
            shown: hostile.to_owned(),
        }
    }

    #[test]
    fn p12_a_form_shown_first_has_nothing_ticked() -> Result<(), askama::Error> {
        let html = page().render()?;
        assert!(!html.contains(" checked"));
        assert_eq!(html.matches("type=\"checkbox\"").count(), 2);
        Ok(())
    }

    #[test]
    fn p13_outside_parties_stand_before_any_field() -> Result<(), askama::Error> {
        let html = page().render()?;
        assert!(html.find("What they get") < html.find("<input"));
        Ok(())
    }

    #[test]
    fn what_tenants_and_visitors_write_is_text_and_never_markup() -> Result<(), askama::Error> {
        let html = page().render()?;
        for forbidden in ["<script", "\" onload=", "javascript:", " style="] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        Ok(())
    }
}
