//! Texts with elements, and what may stand in them.

use std::fmt;

use askama::filters::{Escaper, Html, HtmlSafe};

/// A text with elements: HTML of ours, whose values were escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup(pub(super) String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// What may stand in a text with elements. Whatever is no markup of ours is escaped, quotes included, so it may stand in
/// an attribute, too.
pub trait Shown {
    /// The value as HTML.
    fn html(&self) -> String;
}

/// A number by which a text changes its grammar.
pub trait Count {
    /// The number.
    fn count(&self) -> usize;
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing into a text does not fail.
    let _ = Html.write_escaped_str(&mut html, text);
    html
}

impl Shown for str {
    fn html(&self) -> String {
        escaped(self)
    }
}

impl Shown for String {
    fn html(&self) -> String {
        escaped(self)
    }
}

impl Shown for Markup {
    fn html(&self) -> String {
        self.0.clone()
    }
}

impl<T: Shown + ?Sized> Shown for &T {
    fn html(&self) -> String {
        (**self).html()
    }
}

impl<T: Count + ?Sized> Count for &T {
    fn count(&self) -> usize {
        (**self).count()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl Shown for $number {
            fn html(&self) -> String {
                self.to_string()
            }
        }

        impl Count for $number {
            fn count(&self) -> usize {
                usize::try_from(*self).unwrap_or_default()
            }
        }
    )* };
}

numbers!(i32, u32, usize);
