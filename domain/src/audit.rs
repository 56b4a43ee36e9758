//! The audit log: who did what, through which door. An entry names acts, ids and codes; what was there before
//! and after lies beside the chain, as evidence that can be erased.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::id::{ApiTokenId, MemberId, SubscriberId};
use crate::tenant::Role;

/// Who acts within a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody who signed in.
    Member {
        /// Who.
        id: MemberId,
        /// What they may do.
        role: Role,
    },
    /// A partner's program, by its token.
    Token {
        /// Which token.
        id: ApiTokenId,
    },
    /// Whoever runs the server.
    Operator,
    /// A person, by a link that only their mailbox was given.
    Person(SubscriberId),
    /// Anybody, on a page that is open to all.
    Visitor,
    /// A worker, for a job.
    Job,
}

impl Actor {
    /// How an entry names them: an id, or one word. Never an address.
    pub fn code(self) -> String {
        match self {
            Self::Member { id, .. } => id.to_string(),
            Self::Token { id } => id.to_string(),
            Self::Operator => "operator".to_owned(),
            Self::Person(id) => id.to_string(),
            Self::Visitor => "visitor".to_owned(),
            Self::Job => "job".to_owned(),
        }
    }

    /// Whether what they change has to be noted with who did it, or is not kept.
    ///
    /// A person's own act stands in the consent ledger and in their requests, in their own name. A visitor is nobody
    /// in particular, and does no more than anybody may. A job carries out what was noted when it was queued, or what
    /// the clock makes due.
    pub fn has_to_answer(self) -> bool {
        match self {
            Self::Member { .. } | Self::Token { .. } | Self::Operator => true,
            Self::Person(_) | Self::Visitor | Self::Job => false,
        }
    }

    /// Through what they act.
    pub fn door(self) -> Door {
        match self {
            Self::Member { .. } | Self::Token { .. } => Door::Api,
            Self::Operator => Door::CommandLine,
            Self::Person(_) | Self::Visitor => Door::Page,
            Self::Job => Door::Queue,
        }
    }
}

/// Through what somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Door {
    /// GraphQL.
    Api,
    /// A hosted page.
    Page,
    /// The `assent` command, or the page that sets the server up.
    CommandLine,
    /// A job that was queued.
    Queue,
}

/// What was done. The codes are stable: they stand in ledgers.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditAct {
    /// A tenant was created.
    TenantCreated,
    /// A tenant was stopped, or may send again.
    TenantStatusSet,
    /// A tenant was closed, to be deleted some days later.
    TenantClosed,
    /// A closed tenant is open again.
    TenantReopened,
    /// All that a tenant has was written into a file for it.
    TenantExported,
    /// A tenant is the operator's own: its policy is towards the members of all others.
    OperatorTenantSet,
    /// Somebody became a member.
    MemberCreated,
    /// A member signed in.
    SignedIn,
    /// A member signed out.
    SignedOut,
    /// A member ended another of their own sessions.
    SessionEnded,
    /// Sessions of a member were ended: all of them, or all but one.
    SessionsEnded,
    /// A refresh token that had been used was shown again, so its session was ended: one of the two who had it has stolen it.
    RefreshTokenReused,
    /// A member made a secret for an authenticator.
    SecondFactorBegun,
    /// The sign-in of a member takes a code as well, from now on.
    SecondFactorConfirmed,
    /// A member took their second factor away.
    SecondFactorRemoved,
    /// An owner, or whoever runs the server, took the second factor of a member away.
    SecondFactorReset,
    /// A member changed their password.
    PasswordChanged,
    /// Somebody asked for the link by which a member chooses a new password.
    PasswordResetRequested,
    /// A member chose a new password by that link.
    PasswordReset,
    /// Somebody was invited to become a member.
    MemberInvited,
    /// An invitation was sent once more.
    InvitationResent,
    /// An invitation was taken back.
    InvitationRevoked,
    /// Somebody who was invited became a member.
    InvitationAccepted,
    /// Whether every member needs a second factor was set.
    SecondFactorDemandSet,
    /// Where members may sign in beside their password was set.
    IdentityProviderSet,
    /// Members sign in by their password alone again.
    IdentityProviderRemoved,
    /// An account at the identity provider is a member's from now on.
    MemberIdentityLinked,
    /// An owner let a member sign in by another account at the identity provider.
    MemberIdentityUnlinked,
    /// Within an hour, so many attempts to sign in failed.
    SignInsFailed,
    /// A policy version was drafted.
    PolicyDrafted,
    /// A policy version was posted.
    PolicyPosted,
    /// A policy version was taken back before it counted.
    PolicyWithdrawn,
    /// A policy version was put off.
    PolicyPostponed,
    /// A policy version need not wait for its notices.
    PolicyNoticesOverridden,
    /// Those who could not be told of a policy version got another chance.
    PolicyNoticesRetried,
    /// A list was created.
    MailingListCreated,
    /// A list is used for one more purpose.
    MailingListPurposeAdded,
    /// A form was opened.
    CollectionPointCreated,
    /// A form was given new words, fields, choices or lists.
    CollectionPointUpdated,
    /// The sites that may send a tenant's forms were set.
    AllowedOriginsSet,
    /// A tenant's integration asked for somebody to join.
    JoinRequested,
    /// A tenant said how it would bring a list of people along, before the list came.
    ImportPrepared,
    /// A tenant brought a list of people along.
    PeopleImported,
    /// The taking in of such a list was stopped.
    ImportCancelled,
    /// A field of the tenant's own was made.
    CustomFieldCreated,
    /// A field of the tenant's own was called otherwise, or got more choices.
    CustomFieldChanged,
    /// A field of the tenant's own went, with all its values.
    CustomFieldDeleted,
    /// What the tenant keeps of somebody in fields of its own was changed.
    CustomValuesSet,
    /// An export of people was asked for.
    SubscribersExported,
    /// A segment was saved.
    SegmentCreated,
    /// A segment was changed.
    SegmentChanged,
    /// A segment went.
    SegmentDeleted,
    /// A campaign was drafted.
    CampaignDrafted,
    /// The links of a campaign are measured, for those who agreed.
    LinkTrackingBegun,
    /// How much a tenant sends in which time was limited, or is not any more.
    SendingLimitSet,
    /// How many places among the workers a tenant gets was set.
    SendingWeightSet,
    /// By which clocks a tenant works, and when none of its campaigns goes out, was set.
    QuietHoursSet,
    /// A sending domain is being warmed up, or is not any more.
    WarmUpSet,
    /// Whether a page comes before a link of a mail leaves the site was set.
    LeavingPageSet,
    /// A campaign was sent to members, to see how it looks.
    CampaignTested,
    /// A message to one person was asked for.
    TransactionalMailRequested,
    /// A campaign got its time.
    CampaignScheduled,
    /// A campaign was stopped for now.
    CampaignPaused,
    /// A campaign goes on.
    CampaignResumed,
    /// A campaign was stopped for good.
    CampaignCancelled,
    /// How a campaign is sent was changed.
    CampaignSendingChanged,
    /// Those whom a campaign failed to reach got another chance.
    CampaignRetried,
    /// Mail to an address is held back.
    Suppressed,
    /// Mail to an address may go again.
    SuppressionLifted,
    /// A yes to a purpose runs out after some time, or does not any more.
    ConsentExpirySet,
    /// A person is reached at another address.
    AddressChanged,
    /// Two people turned out to be one.
    SubscribersMerged,
    /// A member left.
    MemberRemoved,
    /// Somebody became a member of another tenant, and so somebody whom the operator's tenant tells of its policy.
    MembershipBegan,
    /// Somebody is not a member of another tenant any more.
    MembershipEnded,
    /// Personal data was read in clear (P15).
    PersonalDataRead,
    /// An outside party asked for what it may not have (P14).
    DisclosureRefused,
    /// A legal order was entered.
    LegalOrderEntered,
    /// Another member approved a legal order.
    LegalOrderApproved,
    /// A legal order was taken back.
    LegalOrderRevoked,
    /// A partner got a token.
    ApiTokenCreated,
    /// A token got another secret.
    ApiTokenRotated,
    /// What a token is called, from where it counts, or until when, was changed.
    ApiTokenUpdated,
    /// A token is worth nothing any more.
    ApiTokenRevoked,
    /// A domain that mail comes from was added.
    SendingDomainCreated,
    /// Somebody had a domain's records looked for in DNS.
    SendingDomainChecked,
    /// A domain was taken away, with its keys.
    SendingDomainRemoved,
    /// A mail server of the tenant's own was added.
    TransportCreated,
    /// How such a server is used, or how it is reached, was changed.
    TransportUpdated,
    /// Such a server was taken away, with its password.
    TransportDeleted,
    /// Somebody tried whether such a server works.
    TransportTested,
    /// An endpoint was added that is told what happens.
    WebhookEndpointCreated,
    /// Where it is, or what it is told, was changed.
    WebhookEndpointUpdated,
    /// It was taken away, with its secret.
    WebhookEndpointDeleted,
    /// It is told what happens again.
    WebhookEndpointEnabled,
    /// It is not told any more what happens.
    WebhookEndpointDisabled,
    /// It has a new secret.
    WebhookSecretRotated,
    /// Somebody tried it out.
    WebhookTested,
    /// Somebody had events sent once more.
    WebhookReplayed,
    /// New keys were made for a domain.
    DkimKeysRotated,
    /// A key signs mail from now on.
    DkimKeyActivated,
    /// A key that signed once is no more.
    DkimKeyRemoved,
    /// Somebody asked something about their data (P17).
    PrivacyRequestReceived,
    /// The answer to such a request was put off.
    PrivacyRequestExtended,
    /// Such a request was answered.
    PrivacyRequestAnswered,
    /// What such a request asks for was done by a member.
    PrivacyRequestCarriedOut,
    /// A person put right what they are known by.
    PersonCorrected,
    /// A person's data may be kept and not used.
    UseRestricted,
    /// A person's data may be used again.
    RestrictionLifted,
    /// A person left a list.
    SubscriptionEnded,
    /// A person who had left a list is on it again.
    SubscriptionResumed,
    /// A person's data was erased.
    PersonErased,
    /// The database was restored from a backup.
    Restored,
    /// Noes said after that backup were entered again.
    NoesReapplied,
}

/// What an entry says for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFacts {
    /// What was done.
    pub act: AuditAct,
    /// Who did it, see [`Actor::code`].
    pub by: String,
    /// Through what.
    pub door: Door,
    /// What it was done to: an id with its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}
