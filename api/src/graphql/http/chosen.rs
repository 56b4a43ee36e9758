//! The operation of a document that a client wants run. Clients keep all their operations in one document and send it whole:
//! what the others would cost is not asked of this one.

use std::collections::BTreeSet;

use async_graphql::Name;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};

/// The operation that will be run, if it is clear which; if not, validation tells why.
pub(super) fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => None,
    };
    operation.map(|operation| &operation.node)
}

/// Leaves the other operations out of a document, and the fragments that only they use. The document has been measured: its
/// fragments end.
pub(super) fn leave_others_out(document: &mut ExecutableDocument, name: Option<&str>) {
    let DocumentOperations::Multiple(operations) = &document.operations else {
        return;
    };
    let Some(name) = name.filter(|name| operations.len() > 1 && operations.contains_key(*name)) else {
        return;
    };
    let mut used = BTreeSet::new();
    if let Some(operation) = chosen(document, Some(name)) {
        collect(&operation.selection_set.node, document, &mut used);
    }
    if let DocumentOperations::Multiple(operations) = &mut document.operations {
        operations.retain(|of, _| of.as_str() == name);
    }
    document.fragments.retain(|of, _| used.contains(of));
}

fn collect(set: &SelectionSet, document: &ExecutableDocument, used: &mut BTreeSet<Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect(&field.node.selection_set.node, document, used),
            Selection::InlineFragment(fragment) => {
                collect(&fragment.node.selection_set.node, document, used);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if used.insert(name.clone())
                    && let Some(fragment) = document.fragments.get(name)
                {
                    collect(&fragment.node.selection_set.node, document, used);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    #[test]
    fn what_others_ask_for_is_left_out_with_their_fragments() {
        let text =
            "query A { a { ...X } } query B { b { ...Y } } fragment X on T { ...Z } fragment Y on T { y }
                    fragment Z on T { z }";
        let mut document = parse_query(text).unwrap();
        leave_others_out(&mut document, Some("A"));
        let names: BTreeSet<_> = document.fragments.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["X", "Z"].map(str::to_owned).into());
        assert_eq!(document.operations.iter().count(), 1);
        assert!(chosen(&document, Some("A")).is_some());
        for unclear in [None, Some("C")] {
            let mut document = parse_query(text).unwrap();
            leave_others_out(&mut document, unclear);
            assert_eq!(
                (document.operations.iter().count(), document.fragments.len()),
                (2, 3)
            );
        }
    }
}
