//! What every page has: a language. A page that is not named here cannot be answered with.

use askama::Template;
use assent_worker::words::Words;

use super::tongue::Tongue;
use super::{
    AddressAskPage, AddressBackPage, AddressConfirmPage, ChoicesPage, ConfirmDonePage, ConfirmPage, HomePage,
    InvitationPage, JoinDonePage, JoinOptedOutPage, JoinPage, JoinPartiesPage, LeavingPage,
    MailboxMessagePage, MailboxPage, MessagePage, PasswordForgottenPage, PasswordResetPage,
    PolicyComparisonPage, PolicyPage, PolicyVersionPage, PreferencesPage, PrivacyCopyPage, PrivacyFormPage,
    PrivacyLinkPage, PrivacyPage, PrivacySentPage, ReceiptPage, RenewPage, SetupDonePage, SetupPage,
    SharingPage, SignInCodePage, SignInPage, UnsubscribeDonePage, UnsubscribePage,
};

/// A whole page, which says in which language it is.
pub trait Page: Template {
    /// The language.
    fn words(&self) -> Words;
}

/// Gives pages the functions by which templates get at their texts.
macro_rules! pages {
    ($of:ident.$field:ident: $($page:ty),* $(,)?) => { $(
        impl $page {
            /// The language, with the way to others.
            pub fn tongue(&self) -> &Tongue {
                let $of = self;
                &pages!(@tongue $of $field)
            }

            /// The texts.
            pub fn words(&self) -> Words {
                self.tongue().words
            }
        }

        impl Page for $page {
            fn words(&self) -> Words {
                self.tongue().words
            }
        }
    )* };
    (@tongue $of:ident chrome) => { $of.chrome.tongue };
    (@tongue $of:ident tongue) => { $of.tongue };
}

pages!(it.chrome: AddressAskPage, AddressBackPage, AddressConfirmPage, ChoicesPage, ConfirmDonePage, ConfirmPage, InvitationPage, JoinDonePage,
    JoinOptedOutPage, JoinPage, JoinPartiesPage, LeavingPage, PolicyComparisonPage, PolicyPage, PolicyVersionPage,
    PasswordForgottenPage, PasswordResetPage, PreferencesPage, PrivacyCopyPage, PrivacyFormPage, PrivacyLinkPage, PrivacyPage, PrivacySentPage,
    ReceiptPage, RenewPage, SharingPage, SignInCodePage, SignInPage,
    UnsubscribeDonePage, UnsubscribePage);

pages!(it.tongue: HomePage, MailboxMessagePage, MailboxPage, MessagePage, SetupDonePage, SetupPage);
