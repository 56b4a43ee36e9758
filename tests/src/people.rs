//! People who join, confirm, change their minds and leave, each by the way they would take.

use std::collections::BTreeMap;

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{MailingListId, OptInId, SubscriberId, stored};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::permit::Refusal;
use assent_domain::suppression::SuppressionReason;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::opt_in::{self, Confirmed, JoinRequest, Joined};
use assent_entity::preferences::{self, Choices};
use assent_entity::{StoreError, address_change, consent, facts, privacy, subscription, suppression};
use uuid::Uuid;

use crate::house::{House, address};

/// What is typed into a form.
pub fn request(email: &str, choices: &[(&str, bool)]) -> JoinRequest {
    let choices = choices.iter().map(|(code, yes)| ((*code).to_owned(), *yes));
    JoinRequest {
        email: address(email),
        name: String::new(),
        company: String::new(),
        choices: choices.collect(),
        source: ConsentSource::Form,
        evidence: None,
    }
}

impl House<'_> {
    /// Sends a form.
    pub async fn send_form(
        &self,
        point: &CollectionPoint,
        request: &JoinRequest,
    ) -> Result<(Joined, Option<SubscriberId>), StoreError> {
        let mut tx = self.write().await;
        let (joined, person) = opt_in::join(&mut tx, point.clone(), request).await?;
        tx.commit().await?;
        Ok((joined, person.map(|person| person.id)))
    }

    /// Somebody types an address and ticks the boxes of some purposes.
    pub async fn join(&self, point: &CollectionPoint, email: &str, yes: &[&str]) -> (Joined, SubscriberId) {
        let choices: Vec<_> = yes.iter().map(|code| (*code, true)).collect();
        let (joined, person) = self
            .send_form(point, &request(email, &choices))
            .await
            .expect("the form is taken");
        (joined, person.expect("a subscriber"))
    }

    /// The newest thing that a person was asked to confirm.
    pub async fn newest_opt_in(&self, of: SubscriberId) -> OptInId {
        let sql = format!(
            "SELECT id FROM opt_in WHERE subscriber_id = {} ORDER BY requested_at DESC, id DESC LIMIT 1",
            self.db.id(of)
        );
        stored(self.db.value::<Uuid>(&sql).await)
    }

    /// The person presses the button of a confirmation mail.
    pub async fn confirm(&self, of: SubscriberId, opt_in: OptInId) -> Result<Confirmed, StoreError> {
        let mut tx = self.write().await;
        let confirmed = opt_in::confirm(&mut tx, opt_in, of).await?;
        tx.commit().await?;
        Ok(confirmed)
    }

    /// Joins and confirms.
    pub async fn member_of(&self, point: &CollectionPoint, email: &str, yes: &[&str]) -> SubscriberId {
        let (_, person) = self.join(point, email, yes).await;
        let opt_in = self.newest_opt_in(person).await;
        assert_eq!(
            self.confirm(person, opt_in).await.expect("a click"),
            Confirmed::Now
        );
        person
    }

    /// Saves a person's preferences page.
    pub async fn choose(&self, of: SubscriberId, purposes: &[&str], lists: &[MailingListId]) {
        let choices = Choices {
            purposes: purposes.iter().map(|code| (*code).to_owned()).collect(),
            lists: lists.iter().copied().collect(),
            no_mail_of_any_sort: false,
        };
        self.save(of, &choices).await;
    }

    /// "No mail of any sort", on a person's own page.
    pub async fn opt_out_of_all(&self, of: SubscriberId) {
        let choices = Choices {
            no_mail_of_any_sort: true,
            ..Choices::default()
        };
        self.save(of, &choices).await;
    }

    async fn save(&self, of: SubscriberId, choices: &Choices) {
        let mut tx = self.write().await;
        preferences::save(&mut tx, of, choices)
            .await
            .expect("the page is saved");
        tx.commit().await.expect("the page is saved");
    }

    /// A person is reached at another address from now on: they ask on their page, and confirm from there.
    pub async fn change_address(&self, of: SubscriberId, to: &str) {
        let asked = format!("SELECT id FROM address_change WHERE email = '{to}'");
        let before: Vec<Uuid> = self.db.column(&asked).await;
        let mut tx = self.write().await;
        address_change::ask(&mut tx, of, &address(to))
            .await
            .expect("a change of address");
        tx.commit().await.expect("a change of address");
        let mut changes: Vec<Uuid> = self.db.column(&asked).await;
        changes.retain(|change| !before.contains(change));
        let change = stored(changes.remove(0));
        let mut tx = self.write().await;
        address_change::confirm(&mut tx, change, of)
            .await
            .expect("a confirmation");
        tx.commit().await.expect("a confirmation");
    }

    /// A person has their data erased, on their own page.
    pub async fn erase(&self, of: SubscriberId) {
        let mut tx = self.write().await;
        privacy::by_person::erase(&mut tx, of).await.expect("an erasure");
        tx.commit().await.expect("an erasure");
    }

    /// Holds a person's address back, as a bounce or a complaint would.
    pub async fn suppress(&self, of: SubscriberId, reason: SuppressionReason) {
        let mut tx = self.write().await;
        suppression::add_for(&mut tx, of, reason, "test")
            .await
            .expect("a suppression");
        tx.commit().await.expect("a suppression");
    }

    /// Where a person's consent to a purpose stands.
    pub async fn consent(&self, of: SubscriberId, purpose: &str) -> Option<ConsentState> {
        let purpose = self.purpose(purpose).await.id;
        let tx = self.read().await;
        let newest = consent::newest(&tx, of, purpose).await.expect("a record");
        newest.map(|record| record.state)
    }

    /// How many rows the tenant's ledger has.
    pub async fn ledger_rows(&self) -> i64 {
        let of_tenant = format!("tenant_id = {}", self.db.id(self.ctx.tenant()));
        self.db.count("ledger", &of_tenant).await
    }

    /// How many consent records the tenant's ledger has.
    pub async fn consent_records(&self) -> i64 {
        let of_tenant = format!(
            "tenant_id = {} AND kind = 'CONSENT'",
            self.db.id(self.ctx.tenant())
        );
        self.db.count("ledger", &of_tenant).await
    }

    /// Where a person stands with the lists they ever joined.
    pub async fn subscriptions(&self, of: SubscriberId) -> BTreeMap<MailingListId, SubscriptionState> {
        let tx = self.read().await;
        subscription::of_subscriber(&tx, of).await.expect("subscriptions")
    }

    /// Whether a message for a purpose would go to a person now.
    pub async fn decision(&self, of: SubscriberId, purpose: &str) -> Option<Refusal> {
        let purpose = self.purpose(purpose).await;
        let tx = self.read().await;
        facts::decision(&tx, of, &purpose).await.expect("a decision")
    }
}
