//! Whole mails, each a kind of its own.
