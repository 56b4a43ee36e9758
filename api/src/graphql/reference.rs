//! `/docs`: what the API offers, for people to read, made of the schema that is served. It is offered where introspection is.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use askama::Template;
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use strum::{EnumMessage, IntoEnumIterator};

use super::OPERATIONS;
use super::error::ErrorCode;
use super::schema::sdl;
use crate::pages::views::assets;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The page. It is the same for everybody, and made once.
pub(crate) fn page() -> HttpResponse {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let page = parse_schema(sdl()).map(|schema| Reference::of(schema).render());
        match page {
            Ok(Ok(page)) => page,
            failed => {
                tracing::error!(?failed, "the reference page could not be made");
                String::new()
            }
        }
    });
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(PAGE.as_str())
}

#[derive(Template)]
#[template(path = "reference.html", whitespace = "minimize")]
struct Reference {
    style: String,
    icon: String,
    version: &'static str,
    operations: &'static str,
    errors: Vec<Named>,
    /// Queries, mutations and subscriptions.
    roots: Vec<Defined>,
    types: Vec<Defined>,
}

/// A word and what it means.
struct Named {
    name: String,
    meaning: String,
}

/// A type, with what it has in it.
struct Defined {
    name: String,
    /// What sort of type it is.
    sort: &'static str,
    meaning: String,
    fields: Vec<Field>,
    /// The values of an enum, or the types behind an interface or a union.
    values: Vec<Named>,
}

/// A field of a type.
struct Field {
    name: String,
    of: TypeName,
    meaning: String,
    arguments: Vec<Field>,
}

/// A type as it is written, and the one behind its brackets.
struct TypeName {
    text: String,
    base: String,
}

impl From<&Type> for TypeName {
    fn from(of: &Type) -> Self {
        Self {
            text: of.to_string(),
            base: base(of).to_owned(),
        }
    }
}

fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base(item),
    }
}

fn text(description: Option<&Positioned<String>>) -> String {
    description.map(|text| text.node.clone()).unwrap_or_default()
}

fn input(of: &InputValueDefinition) -> Field {
    Field {
        name: of.name.node.to_string(),
        of: (&of.ty.node).into(),
        meaning: text(of.description.as_ref()),
        arguments: Vec::new(),
    }
}

fn field(of: &FieldDefinition) -> Field {
    Field {
        name: of.name.node.to_string(),
        of: (&of.ty.node).into(),
        meaning: text(of.description.as_ref()),
        arguments: of
            .arguments
            .iter()
            .map(|argument| input(&argument.node))
            .collect(),
    }
}

fn defined(of: &TypeDefinition) -> Defined {
    let (mut fields, mut values) = (Vec::new(), Vec::new());
    let unnamed = |name: &dyn ToString| Named {
        name: name.to_string(),
        meaning: String::new(),
    };
    let sort = match &of.kind {
        TypeKind::Object(object) => {
            fields.extend(object.fields.iter().map(|of| field(&of.node)));
            "object"
        }
        TypeKind::Interface(interface) => {
            fields.extend(interface.fields.iter().map(|of| field(&of.node)));
            "interface"
        }
        TypeKind::InputObject(object) => {
            fields.extend(object.fields.iter().map(|of| input(&of.node)));
            "input"
        }
        TypeKind::Enum(choices) => {
            values.extend(choices.values.iter().map(|value| Named {
                name: value.node.value.node.to_string(),
                meaning: text(value.node.description.as_ref()),
            }));
            "enum"
        }
        TypeKind::Union(union) => {
            values.extend(union.members.iter().map(|member| unnamed(&member.node)));
            "union"
        }
        TypeKind::Scalar => "scalar",
    };
    Defined {
        name: of.name.node.to_string(),
        sort,
        meaning: text(of.description.as_ref()),
        fields,
        values,
    }
}

/// The types with which operations begin, in the order in which people look for them.
const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscriptions"];

impl Reference {
    fn of(schema: ServiceDocument) -> Self {
        let mut types: Vec<_> = schema
            .definitions
            .into_iter()
            .filter_map(|of| match of {
                TypeSystemDefinition::Type(of) => Some(defined(&of.node)),
                _ => None,
            })
            .collect();
        types.sort_by(|one, other| one.name.cmp(&other.name));
        let (mut roots, types): (Vec<_>, Vec<_>) = types
            .into_iter()
            .partition(|of| ROOTS.contains(&of.name.as_str()));
        roots.sort_by_key(|of| ROOTS.iter().position(|root| *root == of.name));
        let errors = ErrorCode::iter().map(|code| Named {
            name: code.as_str().to_owned(),
            meaning: code.get_documentation().unwrap_or_default().to_owned(),
        });
        Self {
            style: assets::pages_css_path(),
            icon: assets::icon_path(),
            version: env!("CARGO_PKG_VERSION"),
            operations: OPERATIONS,
            errors: errors.collect(),
            roots,
            types,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_the_schema_has_a_place_and_every_link_leads_to_one() {
        let html = Reference::of(parse_schema(sdl()).unwrap()).render().unwrap();
        let places: std::collections::BTreeSet<_> = html
            .split("id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let scalars = ["ID", "String", "Int", "Float", "Boolean"];
        for link in html
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(places.contains(link) || scalars.contains(&link), "{link}");
        }
        for name in [
            "Query",
            "Mutation",
            "Subscriptions",
            "Campaign",
            "SegmentRuleInput",
            "ImportStatus",
        ] {
            assert!(places.contains(name), "{name}");
        }
        for code in ErrorCode::iter() {
            assert!(
                code.get_documentation().is_some_and(|text| text.len() > 10),
                "{code:?}"
            );
        }
    }
}
