//! What waits in the outbox: ids only, with a version in the name, so that a queue from before an upgrade can
//! still be read.

use serde::{Deserialize, Serialize};

use crate::id::{ImportId, MailingId, TenantId, WebhookEndpointId};

/// A job for the workers. The serialised form is a contract between releases; a snapshot test holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job")]
pub enum Job {
    /// Plan and send one mailing for one slice of time.
    #[serde(rename = "send_mailing.v1")]
    SendMailing {
        /// Whose mailing it is.
        tenant: TenantId,
        /// Which.
        mailing: MailingId,
    },
    /// Take in people whom a tenant brought along, for one slice of time.
    #[serde(rename = "import_people.v1")]
    ImportPeople {
        /// Whose import it is.
        tenant: TenantId,
        /// Which.
        import: ImportId,
    },
    /// Tell an endpoint what is due.
    #[serde(rename = "deliver_webhooks.v1")]
    DeliverWebhooks {
        /// Whose endpoint it is.
        tenant: TenantId,
        /// Which.
        endpoint: WebhookEndpointId,
    },
}

impl Job {
    /// The tenant whose work it is.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::SendMailing { tenant, .. }
            | Self::ImportPeople { tenant, .. }
            | Self::DeliverWebhooks { tenant, .. } => *tenant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::stored;
    use type_safe_id::StaticType;

    fn id<T: StaticType>(number: u128) -> crate::id::Id<T> {
        stored(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn payloads_keep_their_form() {
        let job = Job::SendMailing {
            tenant: id(1),
            mailing: id(2),
        };
        let text = serde_json::to_string(&job).unwrap();
        insta::assert_snapshot!(text, @r#"{"job":"send_mailing.v1","tenant":"tenant_00000000000000000000000001","mailing":"mailing_00000000000000000000000002"}"#);
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
        let job = Job::ImportPeople {
            tenant: id(1),
            import: id(2),
        };
        let text = serde_json::to_string(&job).unwrap();
        insta::assert_snapshot!(text, @r#"{"job":"import_people.v1","tenant":"tenant_00000000000000000000000001","import":"import_00000000000000000000000002"}"#);
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
        let job = Job::DeliverWebhooks {
            tenant: id(1),
            endpoint: id(2),
        };
        let text = serde_json::to_string(&job).unwrap();
        insta::assert_snapshot!(text, @r#"{"job":"deliver_webhooks.v1","tenant":"tenant_00000000000000000000000001","endpoint":"webhook_00000000000000000000000002"}"#);
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }
}
