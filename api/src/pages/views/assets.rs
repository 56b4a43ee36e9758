//! The files every page links to, built into the binary, and the addresses they are served under.
//!
//! The address carries a hash of the content, so a browser may keep the file for ever and still sees a new
//! release at once.

/// The one stylesheet of all pages; serve it at `/assets/pages.css` as `text/css; charset=utf-8`.
pub const PAGES_CSS: &str = include_str!("../../../assets/pages.css");

/// The icon of all pages; serve it at `/assets/icon.svg` as `image/svg+xml`.
pub const ICON_SVG: &str = include_str!("../../../assets/icon.svg");

const PAGES_CSS_HASH: u64 = fnv1a(PAGES_CSS.as_bytes());
const ICON_SVG_HASH: u64 = fnv1a(ICON_SVG.as_bytes());

/// Address of [`PAGES_CSS`], with its hash.
pub fn pages_css_path() -> String {
    format!("/assets/pages.css?{PAGES_CSS_HASH:016x}")
}

/// Address of [`ICON_SVG`], with its hash.
pub fn icon_path() -> String {
    format!("/assets/icon.svg?{ICON_SVG_HASH:016x}")
}

/// FNV-1a, 64 bit: tells two releases apart and can run at compile time. It protects nothing.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
}
