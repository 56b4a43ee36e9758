//! Who a person is, in the tables of their copy.

use assent_entity::copy::PersonalCopy;
use assent_worker::words::Words;

use super::{maybe, table};
use crate::pages::views::Table;

pub(super) fn person(copy: &PersonalCopy, words: Words) -> Table {
    let of = &copy.person;
    let rows = [
        (words.col_id(), of.id.clone()),
        (words.form_address(), of.email.clone()),
        (words.form_name(), of.name.clone()),
        (words.form_company(), of.company.clone()),
        (words.col_first_policy(), of.collected_under.to_string()),
        (words.col_since(), of.created_at.clone()),
        (words.col_language(), maybe(of.language.as_ref())),
        (words.col_confirmed(), maybe(of.confirmed_at.as_ref())),
        (words.col_restricted(), maybe(of.restricted_at.as_ref())),
        (words.col_held_by(), copy.held_by.name.clone()),
        (words.col_privacy_contact(), copy.held_by.privacy_contact.clone()),
    ];
    let fields = of
        .fields
        .iter()
        .map(|field| (field.name.clone(), field.value.clone()));
    let rows = rows.into_iter().chain(fields);
    let rows = rows.map(|(what, value)| vec![what, value]);
    table(
        "person",
        words.copy_person(),
        [words.col_what(), words.col_value()],
        rows,
    )
}

pub(super) fn former_ids(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.former_ids.iter();
    let rows = rows.map(|of| vec![of.id.clone(), of.merged_at.clone()]);
    table(
        "former-ids",
        words.copy_former_ids(),
        [words.col_id(), words.col_until()],
        rows,
    )
}

pub(super) fn address_changes(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.address_changes.iter().map(|of| {
        vec![
            of.requested_at.clone(),
            of.sort.clone(),
            of.email.clone(),
            maybe(of.confirmed_at.as_ref()),
            of.expires_at.clone(),
        ]
    });
    table(
        "address-changes",
        words.copy_address_changes(),
        [
            words.col_when(),
            words.col_sort(),
            words.col_address(),
            words.col_confirmed(),
            words.col_open_until(),
        ],
        rows,
    )
}

pub(super) fn memberships(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.memberships.iter().map(|of| {
        vec![
            of.tenant.clone(),
            of.member.clone(),
            of.began_at.clone(),
            maybe(of.ended_at.as_ref()),
        ]
    });
    table(
        "memberships",
        words.copy_memberships(),
        [
            words.col_member_of(),
            words.col_id(),
            words.col_since(),
            words.col_until(),
        ],
        rows,
    )
}
