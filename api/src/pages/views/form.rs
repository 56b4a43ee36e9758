//! What a form shows again when it was not accepted: what was typed, and what is wrong with it.

/// One field of a form.
#[derive(Clone, Default)]
pub struct Field {
    /// What the person typed; shown again so that nobody types twice. Leave passwords empty.
    pub value: String,
    /// What is wrong and how to put it right, as a sentence; `None` when nothing is.
    pub error: Option<String>,
    /// Whether an answer is needed.
    pub required: bool,
}

impl Field {
    /// An empty field that has to be filled in.
    pub fn required() -> Self {
        Self {
            required: true,
            ..Self::default()
        }
    }

    /// An empty field that may stay empty.
    pub fn optional() -> Self {
        Self::default()
    }

    /// The same field with what the person typed.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// The same field with what is wrong with it.
    #[must_use]
    pub fn with_error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }
}

/// One line of the summary above a form, which links to the field it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError<'a> {
    /// The `id` of the field.
    pub id: &'static str,
    /// The same sentence as at the field.
    pub message: &'a str,
}

/// The errors of a form in the order of its fields, for the summary above it.
pub fn summary<'a>(
    fields: impl IntoIterator<Item = (&'static str, Option<&'a Field>)>,
) -> Vec<FieldError<'a>> {
    fields
        .into_iter()
        .filter_map(|(id, field)| {
            Some(FieldError {
                id,
                message: field?.error.as_deref()?,
            })
        })
        .collect()
}
