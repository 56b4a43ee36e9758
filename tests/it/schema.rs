//! The committed schema is the schema, and says of every part of itself what it is for.

use assent_api::graphql::sdl;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Positioned};

const COMMITTED: &str = include_str!("../../api/schema.graphql");

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let served = sdl();
    let differs = COMMITTED
        .lines()
        .zip(served.lines())
        .position(|(committed, served)| committed != served)
        .unwrap_or_else(|| COMMITTED.lines().count().min(served.lines().count()));
    assert!(
        COMMITTED == served,
        "api/schema.graphql is out of date from line {} on; renew it with `just schema`, or with \
         `cargo run -- schema > api/schema.graphql`",
        differs + 1
    );
}

/// What has no description, by its path.
#[derive(Default)]
struct Silent(Vec<String>);

impl Silent {
    fn check(&mut self, path: String, description: Option<&Positioned<String>>) {
        if description.is_none_or(|text| text.node.trim().is_empty()) {
            self.0.push(path);
        }
    }

    fn inputs(&mut self, of: &str, inputs: &[Positioned<InputValueDefinition>]) {
        for input in inputs.iter().map(|input| &input.node) {
            self.check(format!("{of}.{}", input.name.node), input.description.as_ref());
        }
    }

    fn fields(&mut self, of: &Name, fields: &[Positioned<FieldDefinition>]) {
        for field in fields.iter().map(|field| &field.node) {
            let path = format!("{of}.{}", field.name.node);
            self.inputs(&path, &field.arguments);
            self.check(path, field.description.as_ref());
        }
    }
}

#[test]
fn every_part_of_the_schema_says_what_it_is_for() {
    let mut silent = Silent::default();
    let mut seen = 0;
    for definition in parse_schema(sdl()).expect("the schema parses").definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        seen += 1;
        let (definition, name) = (&definition.node, &definition.node.name.node);
        silent.check(name.to_string(), definition.description.as_ref());
        match &definition.kind {
            TypeKind::Object(object) => silent.fields(name, &object.fields),
            TypeKind::Interface(interface) => silent.fields(name, &interface.fields),
            TypeKind::InputObject(input) => silent.inputs(name, &input.fields),
            TypeKind::Enum(of) => {
                for value in of.values.iter().map(|value| &value.node) {
                    silent.check(format!("{name}.{}", value.value.node), value.description.as_ref());
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert!(seen > 70, "{seen} types were looked at");
    assert!(silent.0.is_empty(), "no description: {}", silent.0.join(", "));
}
