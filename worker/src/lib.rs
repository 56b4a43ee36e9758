//! x
pub mod mime;
pub mod render;
pub mod smtp;
