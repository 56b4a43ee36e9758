//! Word to the owners of a tenant that an endpoint of webhooks was disabled because it failed.

use assent_domain::permit::{Recipient, Refusal};
use assent_domain::webhook::{AttemptFailure, DisabledReason};
use assent_entity::TenantTx;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::webhook::notice::{self, Notice};

use super::Letter;
use super::known::Known;
use super::letter::{Body, Letters, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::words::Words;

/// Where it is: host and port. The rest of its address may hold a secret of the receiver's.
const HOST: &str = "{{ endpoint_host }}";
const DESCRIPTION: &str = "{{ endpoint_description }}";
const ID: &str = "{{ endpoint_id }}";
const API: &str = "{{ api_url }}";

const VARIABLES: &[&str] = &["endpoint_host", "endpoint_description", "endpoint_id", "api_url"];

fn write(words: Words, notice: &Notice) -> (String, Body) {
    let at = words.minute(notice.at.to_utc());
    let lead = match (notice.reason, notice.endpoint.failing_since) {
        (DisabledReason::Failing, Some(since)) => {
            words.webhook_disabled_failing(HOST, words.minute(since.to_utc()), at)
        }
        _ => words.webhook_disabled_gone(HOST, at),
    };
    let mut body = Body::headed(words.webhook_disabled_heading())
        .says(lead)
        .given("endpoint_description", |body| {
            body.says(words.webhook_disabled_description(DESCRIPTION))
        });
    if let Some(failure) = notice.last_failure {
        body = body.says(last(words, failure, notice.last_status));
    }
    let body = body
        .says(words.webhook_disabled_meanwhile())
        .says(words.webhook_disabled_next(ID, API));
    (words.webhook_disabled_subject(TENANT), body)
}

/// What the last attempt met.
fn last(words: Words, failure: AttemptFailure, status: Option<u16>) -> String {
    match (failure, status) {
        (AttemptFailure::NotFound, _) => words.webhook_last_not_found(),
        (AttemptFailure::NotAllowed, _) => words.webhook_last_not_allowed(),
        (AttemptFailure::Connection, _) => words.webhook_last_connection(),
        (AttemptFailure::Tls, _) => words.webhook_last_tls(),
        (AttemptFailure::Timeout, _) => words.webhook_last_timeout(),
        (AttemptFailure::Redirect, _) => words.webhook_last_redirect(),
        (AttemptFailure::Status, Some(status)) => words.webhook_last_status(status),
        (AttemptFailure::Protocol | AttemptFailure::Status, _) => words.webhook_last_protocol(),
    }
}

pub(super) struct Content {
    letters: Letters,
    links: Links,
    notice: Notice,
}

impl Content {
    /// None where it is so no more: then the mail goes to nobody, as the claim says.
    pub(super) async fn load<M>(
        tx: &TenantTx<M>,
        mailing: &Mailing,
        links: Links,
    ) -> Result<Option<Self>, JobError> {
        let found = notice::of_mailing(tx, mailing.id).await?;
        Ok(found.map(|notice| {
            let of_it = notice.clone();
            Self {
                letters: Letters::ours(VARIABLES, move |words| write(words, &of_it)),
                links,
                notice,
            }
        }))
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim) -> Result<Letter, Unfit> {
        if !matches!(claim.permit.addressee().recipient, Recipient::Member(_)) {
            let reason = "it is about what members look after".to_owned();
            return Err((Refusal::NotAMember, reason));
        }
        let endpoint = &self.notice.endpoint;
        let own = [
            ("endpoint_host", endpoint.url.authority()),
            ("endpoint_description", endpoint.description.clone()),
            ("endpoint_id", endpoint.id.to_string()),
            ("api_url", self.links.api()),
        ];
        let known = Known::of(tenant, claim, &self.links);
        let variables = known.and(own.iter().map(|(name, value)| (*name, value.as_str())));
        Letter::ours(&self.letters, Words::of(claim.language.as_ref()), &variables)
    }
}
