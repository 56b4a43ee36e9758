//! The schema as a map: where ids go in, and of what.

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::id::{self, PREFIXES};
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use serde_json::Value;
use type_safe_id::StaticType;

mod ask;

/// The ids of each type of the schema, by what they begin with.
const PREFIX_OF: &[(&str, &str)] = &[
    ("ApiToken", id::ApiToken::TYPE),
    ("Campaign", id::Campaign::TYPE),
    ("CollectionPoint", id::CollectionPoint::TYPE),
    ("ConsentRecord", id::ConsentRecord::TYPE),
    ("CustomField", id::CustomField::TYPE),
    ("Delivery", id::Delivery::TYPE),
    ("Disclosure", id::Disclosure::TYPE),
    ("Import", id::Import::TYPE),
    ("Invitation", id::Invitation::TYPE),
    ("LegalOrder", id::LegalOrder::TYPE),
    ("MailingList", id::MailingList::TYPE),
    ("Member", id::Member::TYPE),
    ("OutsideParty", id::OutsideParty::TYPE),
    ("PolicyVersion", id::PolicyVersion::TYPE),
    ("PrivacyRequest", id::PrivacyRequest::TYPE),
    ("Purpose", id::Purpose::TYPE),
    ("Segment", id::Segment::TYPE),
    ("SendingDomain", id::SendingDomain::TYPE),
    ("Session", id::Session::TYPE),
    ("Subscriber", id::Subscriber::TYPE),
    ("Suppression", id::Suppression::TYPE),
    ("Tenant", id::Tenant::TYPE),
    ("Transport", id::Transport::TYPE),
    ("WebhookDelivery", id::WebhookDelivery::TYPE),
    ("WebhookEndpoint", id::WebhookEndpoint::TYPE),
];

/// The schema, by the names of its types.
pub(crate) struct Atlas {
    types: BTreeMap<String, TypeKind>,
}

/// Where an id goes in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The argument, and the fields within it, with dots between.
    pub(crate) path: String,
    /// What the fitting ids begin with.
    pub(crate) fitting: Vec<&'static str>,
    /// Whether several ids go in.
    pub(crate) takes_many: bool,
    is_required: bool,
}

/// A field of `Query` or `Mutation`, and where ids go into it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    sort: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// Where ids go in.
    pub(crate) places: Vec<Place>,
    definition: FieldDefinition,
}

/// How an input was come to.
#[derive(Default)]
struct Way<'a> {
    path: String,
    is_optional: bool,
    /// The types of input that it leads through.
    passed: Vec<&'a str>,
}

/// The ids to fill in, by the path of their place.
pub(crate) type Ids = BTreeMap<String, Vec<String>>;

fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base(item),
    }
}

fn is_required(input: &InputValueDefinition) -> bool {
    !input.ty.node.nullable && input.default_value.is_none()
}

fn takes_nothing(field: &FieldDefinition) -> bool {
    field
        .arguments
        .iter()
        .all(|argument| !is_required(&argument.node))
}

/// Whether a text is an id.
pub(crate) fn prefix_of(text: &str) -> Option<&'static str> {
    let (prefix, rest) = text.rsplit_once('_')?;
    let known = PREFIXES.iter().copied().find(|known| *known == prefix)?;
    (rest.len() == 26).then_some(known)
}

/// Every id in an answer.
pub(crate) fn ids_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(prefix_of(text).map(|_| text.clone())),
        Value::Array(items) => items.iter().for_each(|item| ids_in(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| ids_in(field, found)),
        _ => {}
    }
}

impl Atlas {
    /// Reads a schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let document = parse_schema(sdl).expect("the schema parses");
        let types = document.definitions.into_iter().filter_map(|of| match of {
            TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node.kind)),
            _ => None,
        });
        Self {
            types: types.collect(),
        }
    }

    fn fields(&self, of: &str) -> &[Positioned<FieldDefinition>] {
        match self.types.get(of) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => &[],
        }
    }

    /// The types that implement `Node`, with what their ids begin with.
    pub(crate) fn nodes(&self) -> Vec<(&str, &'static str)> {
        let is_node = |kind: &TypeKind| matches!(kind, TypeKind::Object(object) if object.implements.iter().any(|of| of.node == "Node"));
        let nodes = self.types.iter().filter(|(_, kind)| is_node(kind));
        nodes
            .map(|(name, _)| {
                let known = PREFIX_OF.iter().find(|(of, _)| of == name);
                let (_, prefix) = known.unwrap_or_else(|| {
                    panic!("what do the ids of {name} begin with? Say so in PREFIX_OF of this test")
                });
                (name.as_str(), *prefix)
            })
            .collect()
    }

    /// The names of a type's fields.
    pub(crate) fn names_of(&self, of: &str) -> Vec<String> {
        let fields = self.fields(of).iter();
        fields.map(|field| field.node.name.node.to_string()).collect()
    }

    /// Every field of `Query` and `Mutation`.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (root, sort) in [("Query", "query"), ("Mutation", "mutation")] {
            for field in self.fields(root).iter().map(|field| &field.node) {
                let mut places = Vec::new();
                self.find_places(field, &field.arguments, &Way::default(), &mut places);
                entries.push(Entry {
                    sort,
                    name: field.name.node.to_string(),
                    places,
                    definition: field.clone(),
                });
            }
        }
        entries
    }

    /// The ways from a field of `Query` that takes nothing to a type, by the names of the fields; no type stands twice on
    /// one of them.
    pub(crate) fn ways(&self, root: &str, to: &str) -> Vec<Vec<String>> {
        let mut ways = Vec::new();
        let query = self.fields("Query").iter().map(|field| &field.node);
        for field in query.filter(|field| field.name.node == root && takes_nothing(field)) {
            let of = base(&field.ty.node);
            self.walk(of, to, &[root.to_owned()], &BTreeSet::from([of]), &mut ways);
        }
        ways
    }

    fn walk(&self, of: &str, to: &str, way: &[String], passed: &BTreeSet<&str>, ways: &mut Vec<Vec<String>>) {
        if of == to {
            ways.push(way.to_vec());
            return;
        }
        for field in self.fields(of).iter().map(|field| &field.node) {
            let next = base(&field.ty.node);
            if takes_nothing(field) && !passed.contains(next) {
                let way = [way, &[field.name.node.to_string()]].concat();
                let mut passed = passed.clone();
                passed.insert(next);
                self.walk(next, to, &way, &passed, ways);
            }
        }
    }

    /// The fields further inside that take ids; this map does not lead there.
    pub(crate) fn hidden_entries(&self) -> Vec<String> {
        let mut hidden = Vec::new();
        for of in self
            .types
            .keys()
            .filter(|of| !["Query", "Mutation"].contains(&of.as_str()))
        {
            for field in self.fields(of).iter().map(|field| &field.node) {
                let mut takes = field
                    .arguments
                    .iter()
                    .map(|argument| base(&argument.node.ty.node));
                if takes.any(|of| of == "ID" || matches!(self.types.get(of), Some(TypeKind::InputObject(_))))
                {
                    hidden.push(format!("{of}.{}", field.name.node));
                }
            }
        }
        hidden
    }

    fn find_places(
        &self,
        field: &FieldDefinition,
        inputs: &[Positioned<InputValueDefinition>],
        way: &Way<'_>,
        places: &mut Vec<Place>,
    ) {
        for input in inputs.iter().map(|input| &input.node) {
            let path = format!("{}{}", way.path, input.name.node);
            let is_required = !way.is_optional && is_required(input);
            let of = base(&input.ty.node);
            match self.types.get(of) {
                // What holds itself takes within what it takes without.
                Some(TypeKind::InputObject(_)) if way.passed.contains(&of) => {}
                Some(TypeKind::InputObject(object)) => {
                    let inside = Way {
                        path: format!("{path}."),
                        is_optional: !is_required,
                        passed: [way.passed.as_slice(), &[of]].concat(),
                    };
                    self.find_places(field, &object.fields, &inside, places);
                }
                _ if base(&input.ty.node) == "ID" => places.push(Place {
                    fitting: self.fitting(field, &path),
                    takes_many: matches!(input.ty.node.base, BaseType::List(_)),
                    path,
                    is_required,
                }),
                _ => {}
            }
        }
    }

    /// What the ids begin with that go in at a place: its name says so, or what comes back.
    fn fitting(&self, field: &FieldDefinition, path: &str) -> Vec<&'static str> {
        let name = field.name.node.as_str();
        let prefix = |of: &str| {
            PREFIX_OF
                .iter()
                .find(|(known, _)| *known == of)
                .map(|(_, prefix)| *prefix)
        };
        let last = path.rsplit('.').next().unwrap_or_default();
        let found: Vec<_> = match (last, base(&field.ty.node)) {
            ("id", "Node") => self.nodes().into_iter().map(|(_, prefix)| prefix).collect(),
            ("id", given) if prefix(given).is_some() => prefix(given).into_iter().collect(),
            ("id", payload) => {
                let given = self.fields(payload).iter().map(|field| base(&field.node.ty.node));
                given.filter_map(prefix).collect()
            }
            (last, _) => {
                let noun = last.trim_end_matches("Ids").trim_end_matches("Id");
                let (first, rest) = noun.split_at(noun.len().min(1));
                prefix(&format!("{}{rest}", first.to_uppercase()))
                    .into_iter()
                    .collect()
            }
        };
        assert!(
            !found.is_empty(),
            "{name} takes an id at `{path}`, and this test does not know of what. Name the argument after the \
             type, such as mailingListId, or teach `fitting` about it, so that another tenant's ids are tried"
        );
        found
    }
}

impl Entry {
    /// Whether it is a field of `Query`.
    pub(crate) fn is_question(&self) -> bool {
        self.sort == "query"
    }

    /// The places to fill in anyway, when `but` is what is tried: each with ids of one's own.
    pub(crate) fn own_ids(&self, but: &Place, own: &BTreeMap<&'static str, String>) -> Ids {
        let others = self
            .places
            .iter()
            .filter(|place| place.is_required && place.path != but.path);
        others
            .map(|place| (place.path.clone(), vec![own[place.fitting[0]].clone()]))
            .collect()
    }
}
