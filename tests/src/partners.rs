//! Outside parties: what people let them get, the tokens they hold, and the orders of authorities.

use std::collections::BTreeMap;

use assent_domain::api_token::Scope;
use assent_domain::disclosure::PersonField;
use assent_domain::id::{ApiTokenId, LegalOrderId, SubscriberId};
use assent_entity::api_token::{self, NewApiToken};
use assent_entity::disclosure::{self, Asker, Refused};
use assent_entity::legal_order::{self, NewLegalOrder};
use assent_entity::{TenantCtx, TenantTx, Write, outside_party, permission, sharing};
use secrecy::ExposeSecret;

use crate::house::House;

/// The party that every policy of a test's house names.
pub const COURIER: &str = "Courier Ltd";

impl House<'_> {
    /// Opens the tenant for writing, as somebody else than the house.
    pub async fn write_as(&self, ctx: TenantCtx) -> TenantTx<Write> {
        TenantTx::write(&self.db.store, ctx).await.expect("a transaction")
    }

    /// What a person lets the courier get, on their own page.
    pub async fn permit(&self, of: SubscriberId, answers: &[(PersonField, bool)]) {
        let mut tx = self.write().await;
        let courier = outside_party::by_name(&tx, COURIER).await.expect("an answer");
        let shown = sharing::view(&tx, of).await.expect("a page").mark();
        let answers: BTreeMap<_, _> = answers.iter().copied().collect();
        let answers = BTreeMap::from([(courier.expect("the courier").id, answers)]);
        sharing::answer(&mut tx, of, &shown, answers, permission::statement_for)
            .await
            .expect("an answer");
        tx.commit().await.expect("an answer");
    }

    /// A token for an outside party, made by a member, and its secret.
    pub async fn token_of(&self, member: TenantCtx, party: &str) -> (ApiTokenId, String) {
        let new = NewApiToken {
            name: format!("For {party}"),
            scopes: [Scope::ReadSubscribers].into(),
            party: Some(party.to_owned()),
            expires_at: None,
        };
        self.token(member, new).await
    }

    /// A token, made by a member, and its secret.
    pub async fn token(&self, member: TenantCtx, new: NewApiToken) -> (ApiTokenId, String) {
        let mut tx = self.write_as(member).await;
        let (id, secret) = api_token::create(&mut tx, new).await.expect("a token");
        tx.commit().await.expect("a token");
        (id, secret.expose_secret().to_owned())
    }

    /// The courier gets somebody's address by its token.
    pub async fn fetch(&self, of: SubscriberId, token: ApiTokenId) {
        let mut tx = self.write().await;
        let courier = outside_party::by_name(&tx, COURIER).await.expect("an answer");
        let asker = Asker {
            party: courier.expect("the courier").id,
            token,
        };
        let wanted = [PersonField::Email].into();
        let disclosed = disclosure::disclose(&mut tx, asker, &[of], &wanted, &mut Refused::default()).await;
        assert_eq!(disclosed.expect("an answer").len(), 1);
        tx.commit().await.expect("a disclosure");
    }

    /// An order of the county court for addresses and names, of a week from now on, entered by a member.
    pub async fn order(&self, member: TenantCtx, people: &[SubscriberId]) -> LegalOrderId {
        let mut tx = self.write_as(member).await;
        let new = NewLegalOrder {
            authority: "County Court".to_owned(),
            reference: "7 K 12/26".to_owned(),
            scope: "Who ordered on 1 March.".to_owned(),
            people: people.to_vec(),
            fields: [PersonField::Email, PersonField::Name].into(),
            valid_from: tx.now(),
            valid_until: tx.now().after(std::time::Duration::from_hours(7 * 24)),
        };
        let id = legal_order::enter(&mut tx, new).await.expect("an order");
        tx.commit().await.expect("an order");
        id
    }
}
