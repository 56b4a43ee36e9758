//! Operations made from the schema: calls that ids go into, and queries for all there is to see.

use std::collections::BTreeMap;

use async_graphql::parser::types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind};
use serde_json::{Map, Value, json};

use super::{Atlas, Entry, Ids, base, is_required};

/// What is filled in although it may be left out: without it a call of one's own would not go well.
const ALSO_FILLED_IN: &[&str] = &["choices", "csv"];

/// What goes in where the filler of a text would not do.
const INSTEAD: &[(&str, &str, &str)] = &[
    ("sendTransactionalMail", "/input/purpose", "bill"),
    ("setCustomValues", "/input/values/0/key", "shoe_size"),
    (
        "createWebhookEndpoint",
        "/input/url",
        "https://hooks.example.com/",
    ),
];

impl Atlas {
    /// A call: the operation and its variables.
    pub(crate) fn call(&self, entry: &Entry, ids: &Ids) -> (String, Value) {
        let (mut declared, mut passed, mut variables) = (Vec::new(), Vec::new(), Map::new());
        for argument in entry.definition.arguments.iter().map(|argument| &argument.node) {
            let name = argument.name.node.as_str();
            if is_filled_in(argument, name, ids) {
                declared.push(format!("${name}: {}", argument.ty.node));
                passed.push(format!("{name}: ${name}"));
                variables.insert(name.to_owned(), self.value(&argument.ty.node, name, ids));
            }
        }
        let mut variables = Value::Object(variables);
        for (_, place, text) in INSTEAD.iter().filter(|(name, ..)| *name == entry.name) {
            if let Some(value) = variables.pointer_mut(place) {
                *value = json!(text);
            }
        }
        let in_brackets = |list: Vec<String>| {
            if list.is_empty() {
                return String::new();
            }
            format!("({})", list.join(", "))
        };
        let query = format!(
            "{}{} {{ {}{} {{ __typename }} }}",
            entry.sort,
            in_brackets(declared),
            entry.name,
            in_brackets(passed)
        );
        (query, variables)
    }

    fn value(&self, of: &Type, path: &str, ids: &Ids) -> Value {
        let name = match &of.base {
            BaseType::List(item) if base(item) == "ID" => return json!(ids[path]),
            BaseType::List(item) => return json!([self.value(item, path, ids)]),
            BaseType::Named(name) => name.as_str(),
        };
        match self.types.get(name) {
            Some(TypeKind::InputObject(object)) => {
                let mut value = Map::new();
                for field in object.fields.iter().map(|field| &field.node) {
                    let path = format!("{path}.{}", field.name.node);
                    if is_filled_in(field, &path, ids) {
                        value.insert(
                            field.name.node.to_string(),
                            self.value(&field.ty.node, &path, ids),
                        );
                    }
                }
                Value::Object(value)
            }
            Some(TypeKind::Enum(of)) => {
                let first = of.values.first().expect("an enum has values");
                json!(first.node.value.node.as_str())
            }
            _ => filler(name, path, ids),
        }
    }

    /// For each field of `Query` that needs no argument, a query for all that it leads to.
    pub(crate) fn sights(&self) -> Vec<String> {
        let fields = self.fields("Query").iter().map(|field| &field.node);
        fields
            .filter_map(|field| Some(format!("{{ {} }}", self.sight(field, 2, &[])?)))
            .collect()
    }

    /// All that a field leads to, but for what is left out by the names of type and field.
    fn sight(&self, field: &FieldDefinition, nodes_ahead: u8, without: &[(&str, &str)]) -> Option<String> {
        let mut arguments = field.arguments.iter().map(|argument| &argument.node);
        if arguments.clone().any(is_required) {
            return None;
        }
        let name = field.name.node.as_str();
        let page = if arguments.any(|argument| argument.name.node == "first") {
            "(first: 6)"
        } else {
            ""
        };
        let of = base(&field.ty.node);
        let fields = self.fields(of);
        if fields.is_empty() {
            return Some(name.to_owned());
        }
        // Pages and payloads are ways, not places: only what has an id of its own is a step.
        let is_step = self.nodes().iter().any(|(node, _)| *node == of);
        let ahead = nodes_ahead.checked_sub(u8::from(is_step))?;
        let inside: Vec<_> = fields
            .iter()
            .filter(|field| !without.contains(&(of, field.node.name.node.as_str())))
            .filter_map(|field| self.sight(&field.node, ahead, without))
            .collect();
        Some(format!("{name}{page} {{ {} }}", inside.join(" ")))
    }

    /// The lists of `Query` that need no argument: their names, and of what they are.
    pub(crate) fn lists(&self) -> Vec<(&str, &str)> {
        let query = self.fields("Query").iter().map(|field| &field.node);
        let lists = query.filter(|field| {
            let mut arguments = field.arguments.iter().map(|argument| &argument.node);
            arguments.clone().any(|argument| argument.name.node == "first") && !arguments.any(is_required)
        });
        let rows = lists.filter_map(|field| {
            let of = base(&field.ty.node).strip_suffix("Connection")?;
            Some((field.name.node.as_str(), of))
        });
        rows.collect()
    }

    /// What can be asked of one row: for each field that needs no argument, its name and all that it leads to without
    /// passing through another row.
    pub(crate) fn looks(&self, of: &str, without: &[(&str, &str)]) -> Vec<(&str, String)> {
        let fields = self.fields(of).iter().map(|field| &field.node);
        fields
            .filter(|field| !without.contains(&(of, field.name.node.as_str())))
            .filter_map(|field| Some((field.name.node.as_str(), self.sight(field, 1, without)?)))
            .collect()
    }

    /// The lists of `Query`, page by page: the name of each, and what may stand behind `first` to narrow it, once nothing and
    /// then each by itself and all of it together.
    pub(crate) fn narrowings(&self, own: &BTreeMap<&'static str, String>) -> Vec<(&str, String)> {
        let mut all = Vec::new();
        for field in self.fields("Query").iter().map(|field| &field.node) {
            let name = field.name.node.as_str();
            if !self.pages("Query").contains(&name) {
                continue;
            }
            all.push((name, String::new()));
            for argument in field.arguments.iter().map(|argument| &argument.node) {
                let narrows = argument.name.node.as_str();
                if ["first", "after"].contains(&narrows) {
                    continue;
                }
                for literal in self.literals(field, &argument.ty.node, narrows, own) {
                    all.push((name, format!(", {narrows}: {literal}")));
                }
            }
        }
        all
    }

    /// What can be written at a place.
    fn literals(
        &self,
        field: &FieldDefinition,
        of: &Type,
        path: &str,
        own: &BTreeMap<&'static str, String>,
    ) -> Vec<String> {
        match (base(of), self.types.get(base(of))) {
            (_, Some(TypeKind::InputObject(object))) => {
                let (mut each, mut together) = (Vec::new(), Vec::new());
                for input in object.fields.iter().map(|input| &input.node) {
                    let name = input.name.node.as_str();
                    let literals = self.literals(field, &input.ty.node, &format!("{path}.{name}"), own);
                    together.push(format!("{name}: {}", literals[0]));
                    each.extend(literals.iter().map(|literal| format!("{{ {name}: {literal} }}")));
                }
                each.push(format!("{{ {} }}", together.join(", ")));
                each
            }
            (_, Some(TypeKind::Enum(of))) => of
                .values
                .iter()
                .map(|of| of.node.value.node.to_string())
                .collect(),
            ("Boolean", _) => ["true", "false"].map(str::to_owned).into(),
            ("ID", _) => vec![json!(own[self.fitting(field, path)[0]]).to_string()],
            (scalar, _) => vec![filler(scalar, path, &Ids::new()).to_string()],
        }
    }

    /// The lists, page by page, of a type, by the names of their fields. Those of `Query` need no id.
    pub(crate) fn pages(&self, of: &str) -> Vec<&str> {
        let fields = self.fields(of).iter().map(|field| &field.node);
        fields
            .filter(|field| {
                field
                    .arguments
                    .iter()
                    .any(|argument| argument.node.name.node == "after")
            })
            .map(|field| field.name.node.as_str())
            .collect()
    }
}

fn filler(scalar: &str, path: &str, ids: &Ids) -> Value {
    let last = path.rsplit('.').next().unwrap_or_default();
    match (scalar, last) {
        ("ID", _) => json!(ids[path][0]),
        ("String", "csv") => json!("email\ncat@example.org\n"),
        ("String", "email") => json!("cat@example.org"),
        ("String", "purpose" | "purposes" | "collectionPoint") => json!("news"),
        ("String", "origins") => json!("https://www.something.example"),
        ("String", _) => json!("something"),
        ("Boolean", _) => json!(true),
        ("Int", _) => json!(1),
        ("DateTime", "validFrom") => json!("2026-03-25T09:00:00Z"),
        ("DateTime", _) => json!("2026-04-01T09:00:00Z"),
        (other, _) => panic!("`{path}` is a {other}: say in `filler` of this test what to pass"),
    }
}

fn is_filled_in(input: &InputValueDefinition, path: &str, ids: &Ids) -> bool {
    is_required(input)
        || ALSO_FILLED_IN.contains(&input.name.node.as_str())
        || ids
            .keys()
            .any(|id| id == path || id.starts_with(&format!("{path}.")))
}
