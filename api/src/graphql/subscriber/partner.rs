//! Subscribers as an outside party sees them: through the gate, which notes what goes out before it does (P14).

use assent_domain::disclosure::{Fields, PersonField};
use assent_domain::id::SubscriberId;
use assent_entity::disclosure::{self, Asker, Disclosed};
use assent_entity::page::{Page, PageRequest};
use async_graphql::{Context, Lookahead};

use super::Subscriber;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, ErrorCode, Result};

/// What is asked for of each person.
fn wanted(person: &Lookahead<'_>) -> Fields {
    let fields = [
        ("email", PersonField::Email),
        ("name", PersonField::Name),
        ("company", PersonField::Company),
    ];
    let asked = fields.into_iter().filter(|(name, _)| person.field(name).exists());
    asked.map(|(_, field)| field).collect()
}

/// One person, if the party may know them. That it asked for somebody whom it may not know is noted; that it asked for
/// somebody who is not there, too, so that it takes as long.
pub(super) async fn find(ctx: &Context<'_>, asker: Asker, id: SubscriberId) -> Result<Subscriber> {
    let mut tx = ctx.write().await?;
    let wanted = wanted(&ctx.look_ahead());
    let mut refused = ctx.readings()?.refused().await;
    let disclosed = disclosure::disclose(&mut tx, asker, &[id], &wanted, &mut refused).await?;
    drop(refused);
    tx.commit_if_noted().await?;
    let person = disclosed.into_iter().next().map(Subscriber::disclosed);
    person.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "there is no subscriber with this id"))
}

/// The people of whom the party may have anything.
pub(super) async fn page(
    ctx: &Context<'_>,
    asker: Asker,
    filtered: bool,
    request: PageRequest,
) -> Result<Page<Disclosed>> {
    if filtered {
        // Guessing an address is reading it.
        let message = "an outside party cannot filter: it gets those who permitted it";
        return Err(ApiError::new(ErrorCode::Forbidden, message).at("filter"));
    }
    if request.count {
        let message = "an outside party cannot count: follow the pages";
        return Err(ApiError::new(ErrorCode::Forbidden, message).at("totalCount"));
    }
    let mut tx = ctx.write().await?;
    let wanted = wanted(&ctx.look_ahead().field("edges").field("node"));
    let mut refused = ctx.readings()?.refused().await;
    let page = disclosure::page(&mut tx, asker, &wanted, request, &mut refused).await?;
    drop(refused);
    tx.commit_if_noted().await?;
    Ok(page)
}
