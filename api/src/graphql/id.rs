//! Ids as clients see them: opaque text with the type in front, and a clear answer to one of the wrong type.

use assent_domain::id::{Id, PREFIXES};
use async_graphql::ID;
use type_safe_id::StaticType;

use super::error::{ApiError, Result};

/// The id as clients see it.
pub(crate) fn text<T: StaticType>(id: Id<T>) -> ID {
    ID(id.to_string())
}

/// Reads an id of one type from the input field `field`.
pub(crate) fn parse<T: StaticType>(field: &'static str, id: &ID) -> Result<Id<T>> {
    id.parse::<Id<T>>()
        .map_err(|_| ApiError::bad_input(field, advice(id, T::TYPE)))
}

/// Reads several ids of one type.
pub(crate) fn parse_all<T: StaticType>(field: &'static str, ids: &[ID]) -> Result<Vec<Id<T>>> {
    ids.iter().map(|id| parse(field, id)).collect()
}

/// The type that an id names, if it is a type there is.
pub(crate) fn prefix(id: &str) -> Option<&'static str> {
    let (prefix, _) = id.rsplit_once('_')?;
    PREFIXES.iter().copied().find(|known| *known == prefix)
}

fn advice(id: &str, wanted: &str) -> String {
    match prefix(id) {
        Some(found) if found != wanted => {
            format!("this is the id of a {found}; an id that begins with {wanted}_ is needed")
        }
        Some(_) => format!("this id is damaged: behind {wanted}_ stand 26 characters"),
        None => format!("this is no id: an id that begins with {wanted}_ is needed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assent_domain::clock::Timestamp;
    use assent_domain::id::{Campaign, MailingListId, new_id};

    fn message(id: &str) -> String {
        let error = parse::<Campaign>("id", &ID(id.to_owned())).unwrap_err();
        async_graphql::Error::from(error).message
    }

    #[test]
    fn an_id_of_another_type_is_told_apart_from_no_id() {
        let list: MailingListId = new_id(Timestamp::from_micros(0));
        assert_eq!(
            message(&list.to_string()),
            "this is the id of a list; an id that begins with campaign_ is needed"
        );
        assert_eq!(
            message("campaign_1"),
            "this id is damaged: behind campaign_ stand 26 characters"
        );
        for id in [
            "",
            "_",
            "7",
            "wizard_01h455vb4pex5vsknk084sn02q",
            "campaign",
            "käse_1",
        ] {
            assert_eq!(
                message(id),
                "this is no id: an id that begins with campaign_ is needed",
                "{id}"
            );
        }
    }

    #[test]
    fn ids_round_trip() {
        let id = new_id::<Campaign>(Timestamp::from_micros(7));
        assert_eq!(parse::<Campaign>("id", &text(id)).unwrap(), id);
    }
}
