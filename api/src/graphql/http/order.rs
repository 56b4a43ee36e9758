//! Puts the fields of a result into the order in which they were asked for (GraphQL, 7.2.2): the library leaves
//! them in the order in which they were done.

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{FragmentDefinition, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value};

/// The fragments of a document.
pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// What was asked of one field: several selection sets where it stands several times.
type Asked<'a> = Vec<&'a SelectionSet>;

/// Orders the result of an operation. Its fragments are known not to contain themselves.
pub(super) fn as_asked(operation: &OperationDefinition, fragments: &Fragments, data: &mut Value) {
    order(&[&operation.selection_set.node], fragments, data);
}

fn order(asked: &[&SelectionSet], fragments: &Fragments, value: &mut Value) {
    match value {
        Value::List(items) => {
            for item in items {
                order(asked, fragments, item);
            }
        }
        Value::Object(object) => {
            let mut fields = IndexMap::new();
            for set in asked {
                collect(set, fragments, &mut fields);
            }
            let mut done = std::mem::take(object);
            for (key, asked) in fields {
                if let Some((name, mut value)) = done.swap_remove_entry(key) {
                    order(&asked, fragments, &mut value);
                    object.insert(name, value);
                }
            }
            object.extend(done);
        }
        _ => {}
    }
}

fn collect<'a>(set: &'a SelectionSet, fragments: &'a Fragments, fields: &mut IndexMap<&'a str, Asked<'a>>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let key = field.node.response_key().node.as_str();
                fields
                    .entry(key)
                    .or_default()
                    .push(&field.node.selection_set.node);
            }
            Selection::InlineFragment(inline) => collect(&inline.node.selection_set.node, fragments, fields),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    collect(&fragment.node.selection_set.node, fragments, fields);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    #[test]
    fn fields_stand_where_they_were_asked_for() {
        let document =
            parse_query("{ z a { ...f x } b: c a { w } } fragment f on F { y ... { v } }").unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let mut data = value!({ "a": [{ "v": 1, "w": 2, "x": 3, "y": 4 }, null], "b": 5, "z": 6, "more": 7 });
        as_asked(&operation.node, &document.fragments, &mut data);
        assert_eq!(
            serde_json::to_string(&data).unwrap(),
            r#"{"z":6,"a":[{"y":4,"v":1,"x":3,"w":2},null],"b":5,"more":7}"#
        );
    }
}
