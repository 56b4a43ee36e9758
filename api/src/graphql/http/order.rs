//! Puts the fields of a result into the order in which they were asked for (GraphQL, 7.2.2): the library leaves
//! them in the order in which they were done.

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{FragmentDefinition, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value};

/// The fragments of a document.
pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The fields that were asked of an object in their order, each with those that were asked of it.
#[derive(Default)]
struct Wanted<'a>(IndexMap<&'a str, Wanted<'a>>);

/// Orders the result of an operation. Its fragments are known not to contain themselves, and to be few, written out.
pub(super) fn as_asked(operation: &OperationDefinition, fragments: &Fragments, data: &mut Value) {
    let mut wanted = Wanted::default();
    wanted.collect(&operation.selection_set.node, fragments);
    wanted.order(data);
}

impl<'a> Wanted<'a> {
    fn collect(&mut self, set: &'a SelectionSet, fragments: &'a Fragments) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let of_it = self.0.entry(field.node.response_key().node.as_str());
                    of_it
                        .or_default()
                        .collect(&field.node.selection_set.node, fragments);
                }
                Selection::InlineFragment(inline) => self.collect(&inline.node.selection_set.node, fragments),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        self.collect(&fragment.node.selection_set.node, fragments);
                    }
                }
            }
        }
    }

    fn order(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.order(item)),
            Value::Object(object) => {
                if !object.keys().eq(self.0.keys()) {
                    self.reorder(object);
                }
                for (key, value) in object {
                    if let Some(of_it) = self.0.get(key.as_str()) {
                        of_it.order(value);
                    }
                }
            }
            _ => {}
        }
    }

    /// What was not asked for by name stays behind.
    fn reorder(&self, object: &mut IndexMap<Name, Value>) {
        let mut done = std::mem::take(object);
        let known = self.0.keys().filter_map(|key| done.swap_remove_entry(*key));
        object.extend(known.collect::<Vec<_>>());
        object.extend(done);
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
