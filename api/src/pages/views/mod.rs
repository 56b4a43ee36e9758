//! What the hosted pages look like: one struct a page, filled by a handler and rendered by askama.
//!
//! A view holds finished facts and decides nothing: who may see what, and what a click does, is settled before
//! a view is made. Nothing here reads the clock, the database or the settings. Views and fields that can hold
//! an address do not implement `Debug`, so that they cannot be logged.

pub mod account;
pub mod address;
pub mod assets;
pub mod choices;
pub mod chrome;
pub mod colour;
pub mod confirm;
pub mod form;
pub mod home;
pub mod html;
pub mod join;
pub mod leaving;
pub mod mailbox;
pub mod message;
pub mod page;
pub mod parties;
pub mod policy;
pub mod policy_comparison;
pub mod preferences;
pub mod privacy;
pub mod receipt;
pub mod renew;
pub mod setup;
pub mod sharing;
pub mod sign_in;
pub mod terms;
pub mod tongue;
pub mod unsubscribe;
pub mod when;

pub use account::{InvitationPage, PasswordForgottenPage, PasswordResetPage};
pub use address::{AddressAskPage, AddressBackPage, AddressConfirmPage};
pub use choices::{ChoicesPage, Question};
pub use chrome::{Chrome, Closed};
pub use colour::{Rgb, TenantStyle};
pub use confirm::{ConfirmDonePage, ConfirmPage};
pub use form::Field;
pub use home::{HomePage, JoinLink, TenantLink};
pub use html::SafeHtml;
pub use join::{JoinDonePage, JoinOptedOutPage, JoinPage, JoinPartiesPage, PurposeChoice, Snippet};
pub use leaving::LeavingPage;
pub use mailbox::{MailboxMessagePage, MailboxPage, MailboxRow};
pub use message::{Around, MessageLink, MessagePage, Tone};
pub use page::Page;
pub use parties::{FieldQuestion, PartyQuestion};
pub use policy::{PolicyPage, PolicyStatus, PolicyVersionPage, UpcomingVersion, VersionLink, VersionText};
pub use policy_comparison::{ComparedItem, ComparedText, Fate, PolicyComparisonPage};
pub use preferences::{
    ListChoice, PreferencesPage, PreferencesState, PurposeStanding, Said, Standing, Subscription,
};
pub use privacy::{
    PrivacyCopyPage, PrivacyFormPage, PrivacyLinkPage, PrivacyNotice, PrivacyPage, PrivacySentPage,
    RequestRow, Table,
};
pub use receipt::ReceiptPage;
pub use renew::{RenewPage, Renewal};
pub use setup::{OperatorPolicyRef, SetupDonePage, SetupPage};
pub use sharing::{SentOut, SharingPage};
pub use sign_in::{SignInCodePage, SignInPage};
pub use terms::{ListName, OutsideParty, PolicyPurpose, PolicyRef, PurposeText};
pub use tongue::{LanguageLink, PARAMETER as LANGUAGE_PARAMETER, Tongue};
pub use unsubscribe::{UnsubscribeDonePage, UnsubscribePage};
pub use when::When;
