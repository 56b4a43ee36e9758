//! Word to the address that a person has left, with the way back: it may not have been they who asked.

use assent_entity::TenantTx;
use assent_entity::address_change::offers_way_back;
use assent_entity::mailing::Mailing;

use super::address_change::{Content, change_of};
use super::letter::{ADDRESS, Body, Letters, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::words::Words;

fn write(words: Words, offers_way_back: bool) -> (String, Body) {
    let body = Body::headed(words.left_address_heading()).says(words.left_address_lead(TENANT, ADDRESS));
    let body = if offers_way_back {
        body.says(words.left_address_if_not())
            .links("confirm_url", words.left_address_button())
    } else {
        body.says(words.left_address_joined("{{ data_url }}"))
    };
    (words.left_address_subject(TENANT), body)
}

pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Content, JobError> {
    let change = change_of(mailing)?;
    let offers = offers_way_back(tx, change).await?;
    Ok(Content {
        letters: Letters::ours(&["confirm_url"], move |words| write(words, offers)),
        links,
        change,
    })
}
