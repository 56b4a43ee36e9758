//! What people are said to have agreed to, or are asked for.

use assent_domain::id::PurposeId;
use assent_domain::purpose::PurposeKind;

use super::create::NewImport;
use crate::error::StoreError;
use crate::policy::NamedPurpose;
use crate::purpose::{self, Purpose};
use crate::tx::{TenantTx, Write};

/// The purposes of an import: those that its evidence names, or that are named beside rows which bring their own; otherwise
/// the marketing that its list is used for, for which people are asked. The policy in force has to name each.
pub(super) async fn chosen(
    tx: &TenantTx<Write>,
    new: &NewImport,
    in_policy: &[NamedPurpose],
) -> Result<Vec<PurposeId>, StoreError> {
    let of_list = purpose::of_lists(tx, &[new.list]).await?.remove(&new.list);
    let of_list: Vec<_> = of_list
        .unwrap_or_default()
        .into_iter()
        .filter(|purpose| purpose.kind.needs_consent())
        .collect();
    let (field, codes) = match (&new.evidence, &new.purposes) {
        (Some(said), None) => ("evidence.purposes", Some(&said.purposes)),
        (None, codes) => ("purposes", codes.as_ref()),
        (Some(_), Some(_)) => {
            let advice = "the evidence says for which purposes it is: leave these out";
            return Err(StoreError::invalid("purposes", advice));
        }
    };
    let purposes = match codes {
        Some(codes) => codes
            .iter()
            .map(|code| named(field, code, &of_list))
            .collect::<Result<Vec<_>, _>>()?,
        None => of_list
            .iter()
            .filter(|purpose| purpose.kind == PurposeKind::Marketing)
            .collect(),
    };
    if purposes.is_empty() {
        let advice = "say what people agreed to: the codes of purposes that the list is used for";
        return Err(StoreError::invalid(field, advice));
    }
    let unnamed = purposes
        .iter()
        .find(|purpose| in_policy.iter().all(|named| named.id != purpose.id));
    if let Some(purpose) = unnamed {
        let advice = format!(
            "the policy in force does not name {}: nobody can have agreed to it under it",
            purpose.code
        );
        return Err(StoreError::conflict(field, advice));
    }
    let mut ids: Vec<_> = purposes.into_iter().map(|purpose| purpose.id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn named<'a>(field: &'static str, code: &str, of_list: &'a [Purpose]) -> Result<&'a Purpose, StoreError> {
    of_list
        .iter()
        .find(|purpose| purpose.code == code)
        .ok_or_else(|| {
            let codes: Vec<_> = of_list.iter().map(|purpose| purpose.code.as_str()).collect();
            let advice = format!(
                "the list is not used for {code:?}, or that needs nobody's yes: there are {}",
                codes.join(", ")
            );
            StoreError::invalid(field, advice)
        })
}
