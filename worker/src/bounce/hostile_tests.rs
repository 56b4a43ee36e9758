//! Mails that mean harm.
