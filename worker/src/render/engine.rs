//! The template engine, closed: a short list of filters, no loaders, no functions, no globals, and fuel.

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, filters};

use super::error::RenderError;
use super::source::MAX_RENDERED_BYTES;

/// What rendering one part may cost: a unit is an instruction or 64 bytes of text, so this also bounds the
/// output at about 4 MB before it is measured.
const FUEL: u64 = 60_000;

/// The filters a template may use.
pub(crate) const FILTERS: [&str; 10] = [
    "default",
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "replace",
    "escape",
    "e",
    "urlencode",
];
/// The tests a template may use.
pub(crate) const TESTS: [&str; 2] = ["defined", "undefined"];

/// One of the templates of a mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Subject,
    Html,
    Text,
    Preheader,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Html => "html",
            Self::Text => "text",
            Self::Preheader => "preheader",
        }
    }
}

/// The templates of a mail, ready to render.
pub(crate) struct Engine(Environment<'static>);

impl Engine {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_debug(false);
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| {
            if name == Part::Html.name() {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        environment.set_formatter(format_value);
        environment.add_filter("default", default);
        environment.add_filter("upper", filters::upper);
        environment.add_filter("lower", filters::lower);
        environment.add_filter("title", filters::title);
        environment.add_filter("capitalize", filters::capitalize);
        environment.add_filter("trim", filters::trim);
        environment.add_filter("replace", filters::replace);
        environment.add_filter("escape", escape);
        environment.add_filter("e", escape);
        environment.add_filter("urlencode", urlencode);
        environment.add_test("defined", |value: &Value| !is_absent(value));
        environment.add_test("undefined", |value: &Value| is_absent(value));
        Self(environment)
    }

    pub(crate) fn add(&mut self, part: Part, source: String) -> Result<(), Error> {
        self.0.add_template_owned(part.name(), source)
    }

    pub(crate) fn render(&self, part: Part, values: Value) -> Result<String, RenderError> {
        let rendered = self
            .0
            .get_template(part.name())
            .and_then(|template| template.render(values))
            .map_err(|error| failed(&error))?;
        if rendered.len() > MAX_RENDERED_BYTES {
            return Err(RenderError::TooLarge);
        }
        Ok(rendered)
    }
}

fn failed(error: &Error) -> RenderError {
    match error.kind() {
        ErrorKind::OutOfFuel => RenderError::OutOfFuel,
        kind => {
            let line = error.line().unwrap_or_default();
            let name = error.name().unwrap_or_default();
            RenderError::Failed(format!("{kind} (line {line} of the {name} part)"))
        }
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Unlike the engine's own `default`, this one covers empty text: a subscriber without a name has an empty one.
fn default(value: &Value, other: &Value) -> Value {
    if is_absent(value) {
        other.clone()
    } else {
        value.clone()
    }
}

fn urlencode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

fn escape(state: &State<'_, '_>, value: &Value) -> Value {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            Value::from_safe_string(escape_html(text))
        }
        _ => value.clone(),
    }
}

fn format_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    let plain = *state.auto_escape() != AutoEscape::Html || value.is_safe();
    let written = match value.as_str() {
        Some(text) if plain => out.write_str(text),
        Some(text) => out.write_str(&escape_html(text)),
        None if plain => write!(out, "{value}"),
        None => out.write_str(&escape_html(&value.to_string())),
    };
    written.map_err(|_| Error::new(ErrorKind::WriteFailure, "output"))
}

/// Escapes text for HTML content and quoted attributes. Slashes stay, so that links look like links.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        escaped.push_str(plain);
        escaped.push_str(match special.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            _ => "&#39;",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    escaped.push_str(rest);
    escaped
}
