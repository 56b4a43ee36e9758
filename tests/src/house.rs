//! A tenant with something in it: policies, lists, forms.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::campaign::{BodyFormat, IfUnknown};
use assent_domain::clock::Timestamp;
use assent_domain::collection_point::FieldName;
use assent_domain::disclosure::PersonField;
use assent_domain::id::{CampaignId, MailingListId, PolicyVersionId, SegmentId};
use assent_domain::language::Language;
use assent_domain::mailing_list::OptIn;
use assent_domain::policy::{NOTICE_PERIOD, PurposeDraft};
use assent_domain::purpose::{PurposeCode, PurposeKind};
use assent_domain::site::HostName;
use assent_domain::tenant::Slug;
use assent_entity::campaign::NewCampaign;
use assent_entity::collection_point::{CollectionPoint, Field, NewCollectionPoint};
use assent_entity::member::NewMember;
use assent_entity::policy::{NewVersion, PartyDraft};
use assent_entity::purpose::Purpose;
use assent_entity::tenant::NewTenant;
use assent_entity::{
    Read, StoreError, TenantCtx, TenantTx, Write, campaign, collection_point, mailing_list, policy, purpose,
    tenant, tracking,
};

use crate::database::TestStore;
use crate::partners::COURIER;

/// The password of every member.
pub const PASSWORD: &str = "correct horse battery";

/// Reads an address.
pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// A tenant under test.
#[derive(Clone, Copy, Debug)]
pub struct House<'a> {
    /// Where it lives.
    pub db: &'a TestStore,
    /// Leave to act within it.
    pub ctx: TenantCtx,
}

impl TestStore {
    /// A tenant with one owner, `owner@{slug}.example`, and nothing else.
    pub async fn bare_house(&self, slug: &str) -> House<'_> {
        let new = NewTenant {
            slug: Slug::parse(slug).expect("a slug"),
            name: format!("House {slug}"),
            sender_name: format!("House {slug}"),
            sender_address: address(&format!("news@{slug}.example")),
            privacy_contact: address(&format!("privacy@{slug}.example")),
            postal_address: "1 Main Street, Springfield".to_owned(),
        };
        let owner = NewMember::new(address(&format!("owner@{slug}.example")), PASSWORD.into())
            .await
            .expect("a member");
        tenant::create(&self.store, new, owner).await.expect("a tenant");
        // Not the operator's way in, who answers for every change.
        let ctx = tenant::by_slug(&self.store, slug).await.expect("a tenant");
        let ctx = ctx.expect("a tenant");
        House { db: self, ctx }
    }

    /// A tenant whose first policy is in force and names `news`, `offers` (marketing) and `bill` (essential).
    pub async fn house(&self, slug: &str) -> House<'_> {
        let house = self.bare_house(slug).await;
        house.first_policy(NEWS_OFFERS_BILL).await;
        house
    }
}

/// Purposes as tests name them.
pub type Purposes<'a> = &'a [(&'a str, PurposeKind)];

/// What the first policy of [`TestStore::house`] names.
pub const NEWS_OFFERS_BILL: Purposes<'static> = &[
    ("news", PurposeKind::Marketing),
    ("offers", PurposeKind::Marketing),
    ("bill", PurposeKind::Essential),
];

/// The same, with `clicks`, for which links are measured.
pub const WITH_CLICKS: Purposes<'static> = &[
    ("news", PurposeKind::Marketing),
    ("offers", PurposeKind::Marketing),
    ("bill", PurposeKind::Essential),
    ("clicks", PurposeKind::Analytics),
];

impl House<'_> {
    /// Opens the tenant for reading.
    pub async fn read(&self) -> TenantTx<Read> {
        TenantTx::read(&self.db.store, self.ctx)
            .await
            .expect("a transaction")
    }

    /// Opens the tenant for writing.
    pub async fn write(&self) -> TenantTx<Write> {
        TenantTx::write(&self.db.store, self.ctx)
            .await
            .expect("a transaction")
    }

    /// Drafts a version of the policy that names the courier.
    pub async fn draft(&self, purposes: Purposes<'_>) -> PolicyVersionId {
        let courier = PartyDraft {
            name: COURIER.to_owned(),
            why: "delivers what was ordered".to_owned(),
            what: "name and address".to_owned(),
            fields: [PersonField::Email, PersonField::Name, PersonField::Company].into(),
            hosts: vec![HostName::parse("img.courier.example").expect("a host")],
        };
        self.draft_naming(purposes, vec![courier]).await
    }

    /// Drafts a version of the policy that names nobody outside.
    pub async fn draft_without_parties(&self, purposes: Purposes<'_>) -> PolicyVersionId {
        self.draft_naming(purposes, Vec::new()).await
    }

    async fn draft_naming(&self, purposes: Purposes<'_>, parties: Vec<PartyDraft>) -> PolicyVersionId {
        let named = purposes.iter().map(|(code, kind)| PurposeDraft {
            code: PurposeCode::parse(code).expect("a code"),
            name: format!("About {code}"),
            description: format!("What we do for {code}."),
            kind: *kind,
        });
        let new = NewVersion {
            body: "# Privacy\n\nWe ask before we write.".to_owned(),
            summary: "What is new.".to_owned(),
            purposes: named.collect(),
            parties,
        };
        let mut tx = self.write().await;
        let id = policy::draft(&mut tx, new).await.expect("a draft");
        tx.commit().await.expect("a draft");
        id
    }

    /// Posts a version, to take effect at `at`.
    pub async fn post(&self, version: PolicyVersionId, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await;
        policy::post(&mut tx, version, at).await?;
        tx.commit().await
    }

    /// Drafts and posts the first version, in force at once.
    pub async fn first_policy(&self, purposes: Purposes<'_>) -> PolicyVersionId {
        let version = self.draft(purposes).await;
        let now = self.db.store.now();
        self.post(version, now).await.expect("the first version");
        version
    }

    /// Drafts and posts another version, sends its notices and moves the clock to the day it takes effect.
    pub async fn next_policy(&self, purposes: Purposes<'_>) -> PolicyVersionId {
        let version = self.draft(purposes).await;
        let effective = self.db.store.now().after(NOTICE_PERIOD);
        self.post(version, effective).await.expect("another version");
        self.send_notices(version).await;
        self.db.clock.forward(NOTICE_PERIOD);
        version
    }

    /// Creates a list.
    pub async fn list(&self, name: &str, opt_in: OptIn, purposes: &[&str]) -> MailingListId {
        let codes: Vec<_> = purposes.iter().map(|code| (*code).to_owned()).collect();
        let mut tx = self.write().await;
        let id = mailing_list::create(&mut tx, name, opt_in, &codes)
            .await
            .expect("a list");
        tx.commit().await.expect("a list");
        id
    }

    /// Opens a form that leads to lists and asks for name and company, with a choice for each of `purposes`.
    pub async fn form(&self, slug: &str, lists: &[MailingListId], purposes: &[&str]) -> CollectionPoint {
        let choices = purposes.iter().map(|code| {
            let words = format!("Yes, write to me about {code}.");
            (PurposeCode::parse(code).expect("a code"), words)
        });
        let new = NewCollectionPoint {
            slug: Slug::parse(slug).expect("a slug"),
            name: format!("Join {slug}"),
            lists: lists.to_vec(),
            fields: [FieldName::Name, FieldName::Company]
                .map(|name| Field {
                    name,
                    required: false,
                })
                .to_vec(),
            choices: choices.collect(),
            parties: Vec::new(),
            language: Language::english(),
            translations: Vec::new(),
        };
        let mut tx = self.write().await;
        let id = collection_point::create(&mut tx, new).await.expect("a form");
        let point = collection_point::by_id(&tx, id).await.expect("a form");
        tx.commit().await.expect("a form");
        point
    }

    /// A double opt-in list for `news` and the form that leads to it.
    pub async fn news(&self) -> (MailingListId, CollectionPoint) {
        let list = self.list("News", OptIn::Double, &["news"]).await;
        (list, self.form("news", &[list], &["news"]).await)
    }

    /// A purpose by its code.
    pub async fn purpose(&self, code: &str) -> Purpose {
        let tx = self.read().await;
        purpose::by_code(&tx, "purpose", code).await.expect("a purpose")
    }

    /// Drafts a campaign.
    pub async fn campaign(&self, purpose: &str, lists: &[MailingListId]) -> CampaignId {
        self.campaign_to(purpose, lists, None).await
    }

    /// Drafts a campaign that goes to those of its lists who are in a segment.
    pub async fn campaign_to(
        &self,
        purpose: &str,
        lists: &[MailingListId],
        segment: Option<SegmentId>,
    ) -> CampaignId {
        let new = NewCampaign {
            name: format!("About {purpose}"),
            purpose: purpose.to_owned(),
            lists: lists.to_vec(),
            segment,
            preheader: String::new(),
            subject: "Hello".to_owned(),
            body_format: BodyFormat::Markdown,
            body_source: "Hello {{ subscriber.name }}".to_owned(),
            content: Vec::new(),
            if_unknown: IfUnknown::default(),
        };
        let mut tx = self.write().await;
        let id = campaign::create(&mut tx, new).await.expect("a campaign");
        tx.commit().await.expect("a campaign");
        id
    }

    /// Drafts a campaign whose links are measured, with these words.
    pub async fn tracked_campaign(&self, lists: &[MailingListId], body: &str) -> CampaignId {
        let new = NewCampaign {
            name: "Measured".to_owned(),
            purpose: "news".to_owned(),
            lists: lists.to_vec(),
            segment: None,
            preheader: String::new(),
            subject: "Hello".to_owned(),
            body_format: BodyFormat::Markdown,
            body_source: body.to_owned(),
            content: Vec::new(),
            if_unknown: IfUnknown::default(),
        };
        let mut tx = self.write().await;
        let id = campaign::create(&mut tx, new).await.expect("a campaign");
        tracking::begin(&mut tx, id, None).await.expect("a purpose");
        tx.commit().await.expect("a campaign");
        id
    }

    /// Sets the time of a campaign, counted from now.
    pub async fn schedule(&self, id: CampaignId, after: Duration) {
        let mut tx = self.write().await;
        let at = tx.now().after(after);
        campaign::schedule(&mut tx, id, at).await.expect("a schedule");
        tx.commit().await.expect("a schedule");
    }
}
