//! Character references in attribute values, resolved as browsers do.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// The text that a value stands for.
pub(super) fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    // A value of its own between quotes: what is in it cannot end it.
    let quoted = format!("<a b=\"{}\">", value.replace('"', "&quot;"));
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(quoted));
    let tokenizer = Tokenizer::new(Value::default(), TokenizerOpts::default());
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    Cow::Owned(tokenizer.sink.value.into_inner())
}

#[derive(Default)]
struct Value {
    value: RefCell<String>,
}

impl TokenSink for Value {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && let Some(attribute) = tag.attrs.first()
        {
            *self.value.borrow_mut() = attribute.value.to_string();
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_browsers_do() {
        assert_eq!(decode("https://x.example/?a=1"), "https://x.example/?a=1");
        assert_eq!(
            decode("&#104;ttps&colon;&sol;&#x2F;x&period;example"),
            "https://x.example"
        );
        assert_eq!(decode("a&amp;b&quot;c\"d"), "a&b\"c\"d");
        assert_eq!(decode("?a=1&copy=2"), "?a=1&copy=2", "an attribute's own rule");
    }
}
