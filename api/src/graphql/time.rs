//! Points in time as clients see them: RFC 3339, always in UTC.

use assent_domain::clock::Timestamp;
use async_graphql::{Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, Utc};

/// A point in time as text by RFC 3339, such as `2026-03-01T09:00:00Z`, to the microsecond. Answers are always
/// in UTC; input may name any offset.
#[derive(Description, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Timestamp);

#[Scalar(
    name = "DateTime",
    use_type_description,
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"
)]
impl ScalarType for Time {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let at = DateTime::parse_from_rfc3339(text)
            .map_err(|_| {
                InputValueError::custom("a time by RFC 3339 is needed, such as 2026-03-01T09:00:00Z")
            })?
            .with_timezone(&Utc);
        if (1970..=9999).contains(&at.year()) {
            Ok(Self(at.into()))
        } else {
            Err(InputValueError::custom(
                "the year has to be between 1970 and 9999",
            ))
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_any_offset_and_written_in_utc() {
        let read = |text: &str| Time::parse(Value::String(text.to_owned()));
        let time = read("2026-03-01T10:00:00.25+01:00").unwrap();
        assert_eq!(
            time.to_value(),
            Value::String("2026-03-01T09:00:00.250Z".to_owned())
        );
        for bad in [
            "",
            "2026-03-01",
            "tomorrow",
            "1969-12-31T23:59:59Z",
            "2026-03-01T09:00:00",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(Time::parse(Value::from(1)).is_err());
    }
}
