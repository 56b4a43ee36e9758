//! The size of a document with every fragment written out, without writing them out: each is measured once.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};

use super::too_complex;
use crate::graphql::error::{ApiError, ErrorCode};

/// How deep selection sets may lie within each other while they are measured; real operations stay far below.
const MAX_NESTING: u32 = 100;

/// The fields of introspection whose nesting multiplies the answer.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// What a selection set amounts to. Counts saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Fields, spreads and inline fragments.
    pub(super) selections: u32,
    /// Fields of the set itself, of its fragments too.
    pub(super) top: u32,
    /// Fields within fields.
    pub(super) depth: u32,
    /// Fields with an alias.
    pub(super) aliases: u32,
    /// Directives.
    pub(super) directives: u32,
    /// Lists of introspection within each other.
    pub(super) lists: u32,
    /// Selection sets within each other, fragments included.
    nesting: u32,
    /// Whether the schema itself is asked about.
    pub(super) introspects: bool,
}

impl Size {
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            top: self.top.saturating_add(other.top),
            depth: self.depth.max(other.depth),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            lists: self.lists.max(other.lists),
            nesting: self.nesting.max(other.nesting),
            introspects: self.introspects || other.introspects,
        }
    }

    fn under(self, field: &Field) -> Self {
        let name = field.name.node.as_str();
        Self {
            top: 1,
            depth: self.depth.saturating_add(1),
            aliases: self.aliases.saturating_add(u32::from(field.alias.is_some())),
            lists: self
                .lists
                .saturating_add(u32::from(INTROSPECTION_LISTS.contains(&name))),
            introspects: self.introspects || name == "__schema" || name == "__type",
            ..self
        }
    }

    fn counted(self, directives: usize) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            directives: self.directives.saturating_add(to_u32(directives)),
            ..self
        }
    }
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The directives of an operation itself.
pub(super) fn directives(operation: &OperationDefinition) -> u32 {
    let of_variables = operation
        .variable_definitions
        .iter()
        .map(|variable| variable.node.directives.len());
    to_u32(operation.directives.len() + of_variables.sum::<usize>())
}

/// Checks `__typename` as validation checks every other field (GraphQL, 5.3.3, 5.4.1 and 5.7): the library leaves it out, and
/// runs what it cannot.
fn check_type_name(field: &Field) -> Result<(), ApiError> {
    if field.name.node != "__typename" {
        return Ok(());
    }
    let refused = |what: &str| {
        let message = format!(
            "`__typename` {what}: it takes no arguments, has no fields, and may be skipped or included"
        );
        Err(ApiError::new(ErrorCode::BadUserInput, message))
    };
    if !field.arguments.is_empty() {
        return refused("has an argument");
    }
    if !field.selection_set.node.items.is_empty() {
        return refused("has fields");
    }
    let mut seen = HashSet::new();
    for directive in field.directives.iter().map(|directive| &directive.node) {
        let name = directive.name.node.as_str();
        if !matches!(name, "skip" | "include") || !seen.insert(name) {
            return refused("has a directive that it cannot have");
        }
        let [(argument, value)] = directive.arguments.as_slice() else {
            return refused("has a directive that does not say `if`");
        };
        let value = value.node.to_string();
        let may_be_boolean = value == "true" || value == "false" || value.starts_with('$');
        if argument.node != "if" || !may_be_boolean {
            return refused("has a directive whose `if` is no Boolean");
        }
    }
    Ok(())
}

/// Measures the parts of one document.
pub(super) struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being measured: meeting it again then means that it contains itself.
    known: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measure<'a> {
    pub(super) fn of(document: &'a ExecutableDocument) -> Self {
        Self {
            document,
            known: HashMap::new(),
        }
    }

    /// The size of a fragment met `level` selection sets deep. One that does not exist is for validation to tell.
    pub(super) fn fragment(&mut self, name: &str, level: u32) -> Result<Size, ApiError> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        match self.known.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(too_complex(format!("the fragment {name} contains itself"))),
            None => {}
        }
        self.known.insert(name.as_str(), None);
        let mut size = self.set(&fragment.node.selection_set.node, level)?;
        size.directives = size
            .directives
            .saturating_add(to_u32(fragment.node.directives.len()));
        self.known.insert(name.as_str(), Some(size));
        Ok(size)
    }

    /// The size of a selection set that lies `level` selection sets deep.
    pub(super) fn set(&mut self, set: &'a SelectionSet, level: u32) -> Result<Size, ApiError> {
        let too_deep = || too_complex("selections lie too deep within each other");
        if level > MAX_NESTING {
            return Err(too_deep());
        }
        let mut total = Size::default();
        for selection in &set.items {
            let size = match &selection.node {
                Selection::Field(field) => {
                    check_type_name(&field.node)?;
                    let below = self.set(&field.node.selection_set.node, level + 1)?;
                    below.under(&field.node)
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, level + 1)?,
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, level + 1)?
                }
            };
            total = total.beside(size.counted(selection.node.directives().len()));
        }
        total.nesting += 1;
        // What was measured before, and higher up, may lie deeper here.
        if level.saturating_add(total.nesting) > MAX_NESTING {
            return Err(too_deep());
        }
        Ok(total)
    }
}
