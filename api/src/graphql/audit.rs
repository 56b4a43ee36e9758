//! The audit log, as those who answer for the policy see it.

use assent_domain::audit::{AuditAct as DomainAct, Door as DomainDoor};
use assent_entity::audit::{self, AuditEntry as Row};
use async_graphql::{Context, Description, Enum, ID, Json, Object};
use serde_json::Value;

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::time::Time;
use super::{id, person};

/// Through what somebody acted.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainDoor")]
pub(crate) enum Door {
    /// This interface.
    Api,
    /// A hosted page.
    Page,
    /// The command line, or the page that sets the server up.
    CommandLine,
    /// A job that was queued.
    Queue,
}

/// What was done.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainAct")]
pub(crate) enum AuditAct {
    /// A tenant was created.
    TenantCreated,
    /// A tenant was stopped, or may send again.
    TenantStatusSet,
    /// The tenant was closed, to be deleted some days later.
    TenantClosed,
    /// The tenant, which was closed, is open again.
    TenantReopened,
    /// All that the tenant has was written into a file for it.
    TenantExported,
    /// The tenant is the operator's own: its policy is towards the members of all others.
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
    /// The sites that may send the tenant's forms were set.
    AllowedOriginsSet,
    /// An integration asked for somebody to join.
    JoinRequested,
    /// A tenant said how it would bring a list of people along, before the list came.
    ImportPrepared,
    /// A tenant brought a list of people along.
    PeopleImported,
    /// The taking in of such a list was stopped.
    ImportCancelled,
    /// A custom field was made.
    CustomFieldCreated,
    /// A custom field was called otherwise, or got more choices.
    CustomFieldChanged,
    /// A custom field went, with all its values.
    CustomFieldDeleted,
    /// What is kept of somebody in custom fields was changed.
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
    /// A campaign was sent to members, to see how it looks.
    CampaignTested,
    /// A message to one person was asked for.
    TransactionalMailRequested,
    /// The links of a campaign are measured, for those who agreed.
    LinkTrackingBegun,
    /// How much the tenant sends in which time was limited, or is not any more.
    SendingLimitSet,
    /// The tenant's share of the workers was set.
    SendingWeightSet,
    /// By which clocks the tenant works, and when none of its campaigns goes out, was set.
    QuietHoursSet,
    /// A sending domain is being warmed up, or is not any more.
    WarmUpSet,
    /// Whether a page comes before a link of a mail leaves the site was set.
    LeavingPageSet,
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
    /// Personal data was read in clear.
    PersonalDataRead,
    /// An outside party asked for what it may not have.
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
    /// Somebody asked something about their data.
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

/// One entry of the audit log. Entries are never changed, and stand in one hash chain with the consent records.
#[derive(Description)]
pub(crate) struct AuditEntry(pub(crate) Row);

#[Object(use_type_description)]
impl AuditEntry {
    /// The entry's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its number in the tenant's ledger, from 1. Consent records stand between.
    async fn number(&self) -> i64 {
        self.0.seq
    }

    /// What was done.
    async fn act(&self) -> AuditAct {
        self.0.act.into()
    }

    /// Who did it: the id of a member or a subscriber, or `operator`, `visitor` or `job`.
    async fn by(&self) -> &str {
        &self.0.by
    }

    /// Through what.
    async fn door(&self) -> Door {
        self.0.door.into()
    }

    /// What it was done to: an id, if there is one.
    async fn object(&self) -> Option<&str> {
        self.0.object.as_deref()
    }

    /// When.
    async fn recorded_at(&self) -> Time {
        self.0.recorded_at.into()
    }

    /// As it was before, as JSON; null where there was nothing, where it was erased, and for roles that see people masked
    /// where it tells who somebody is: reading that is noted in the audit log.
    async fn before(&self, ctx: &Context<'_>) -> Result<Option<Json<Value>>> {
        let before = self.0.change.as_ref().map(|change| &change.before);
        self.show(ctx, "before", before).await
    }

    /// As it is since, as JSON; null where there is nothing to say, where it was erased, and for roles that see people
    /// masked where it tells who somebody is: reading that is noted in the audit log.
    async fn after(&self, ctx: &Context<'_>) -> Result<Option<Json<Value>>> {
        let after = self.0.change.as_ref().map(|change| &change.after);
        self.show(ctx, "after", after).await
    }
}

impl AuditEntry {
    async fn show(
        &self,
        ctx: &Context<'_>,
        field: &'static str,
        value: Option<&Value>,
    ) -> Result<Option<Json<Value>>> {
        let value = value.filter(|value| !value.is_null()).cloned().map(Json);
        if !tells_who(self.0.act) {
            return Ok(value);
        }
        let about = self.0.object.as_deref().and_then(|id| id.parse().ok());
        person::words(ctx, about, field, value).await
    }
}

/// Whether before and after of such an act hold what somebody is known by.
fn tells_who(act: DomainAct) -> bool {
    matches!(
        act,
        DomainAct::AddressChanged | DomainAct::SubscribersMerged | DomainAct::PersonCorrected
    )
}

/// What can be asked of the audit log.
#[derive(Default)]
pub(crate) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Every change by a member or the operator, and every reading of personal data in clear; newest first. For
    /// owners and privacy officers.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
        let list = List::named("auditLog");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = audit::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, AuditEntry))
    }
}
