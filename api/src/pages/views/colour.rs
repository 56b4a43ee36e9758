//! The tenant's colour, and the colours that have to be readable on and beside it.
//!
//! A tenant chooses one colour and may choose badly; the pages stay readable because every colour of text is
//! computed from it by the contrast formula of WCAG 2.2.

use std::fmt;

use askama::Template;

/// A colour in sRGB. Its `Display` is the CSS form, `#rrggbb`.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb {
    red: u8,
    green: u8,
    blue: u8,
}

/// Contrast that text in the accent colour must have with plain white or black. WCAG AA asks for 4.5; the rest
/// makes up for the slight tint of the page's ground.
const INK_CONTRAST: f64 = 6.0;

/// Share of white or black added a step, in percent, while looking for a readable shade.
const SHADE_STEP: u8 = 4;

impl Rgb {
    /// Black.
    pub const BLACK: Self = Self::new(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self::new(255, 255, 255);
    /// The colour of pages without a tenant, and of tenants that chose none.
    pub const DEFAULT_ACCENT: Self = Self::new(0x1d, 0x5c, 0x4b);

    /// A colour from its three parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#rrggbb`, in either case; `None` for all else, names and short forms included.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |range| u8::from_str_radix(digits.get(range)?, 16).ok();
        Some(Self::new(part(0..2)?, part(2..4)?, part(4..6)?))
    }

    /// The six hexadecimal digits without the `#`, fit for an address.
    pub fn digits(self) -> String {
        format!("{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Contrast ratio with another colour, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever reads better on this colour; the ratio is never below 4.58.
    pub fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    /// The nearest darker shade that can be read as text on a light page.
    pub fn ink_on_light(self) -> Self {
        self.shade_towards(Self::BLACK, Self::WHITE)
    }

    /// The nearest lighter shade that can be read as text on a dark page.
    pub fn ink_on_dark(self) -> Self {
        self.shade_towards(Self::WHITE, Self::BLACK.mix(Self::WHITE, 10))
    }

    fn shade_towards(self, pole: Self, ground: Self) -> Self {
        (0..=100)
            .step_by(usize::from(SHADE_STEP))
            .map(|percent| self.mix(pole, percent))
            .find(|shade| shade.contrast(ground) >= INK_CONTRAST)
            .unwrap_or(pole)
    }

    fn mix(self, other: Self, percent: u8) -> Self {
        let part = |from: u8, to: u8| {
            let sum = u16::from(from) * u16::from(100 - percent) + u16::from(to) * u16::from(percent);
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        Self::new(
            part(self.red, other.red),
            part(self.green, other.green),
            part(self.blue, other.blue),
        )
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.digits())
    }
}

/// `/t/{slug}/style.css`: the tenant's colour and what follows from it, and nothing else.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/tenant.css", escape = "none")]
pub struct TenantStyle {
    /// The tenant's colour. A typed colour is the only thing that goes into this file, so it needs no escaping.
    pub accent: Rgb,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hexadecimal_digits_and_nothing_else() {
        assert_eq!(Rgb::parse("#1D5c4b"), Some(Rgb::DEFAULT_ACCENT));
        for wrong in ["", "#fff", "1d5c4b", "#1d5c4b;", "#+15c4b", "red", "#1d5c4é"] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Rgb::BLACK.contrast(Rgb::WHITE) - 21.0).abs() < 1e-9);
        assert!((Rgb::new(0x77, 0x77, 0x77).contrast(Rgb::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn any_colour_a_tenant_may_choose_gives_readable_text() {
        let steps = || (0..=255_u8).step_by(17);
        for (red, green, blue) in
            steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b))))
        {
            let colour = Rgb::new(red, green, blue);
            assert!(colour.contrast(colour.text_on()) >= 4.5, "{colour}");
            assert!(
                colour.ink_on_light().contrast(Rgb::WHITE) >= INK_CONTRAST,
                "{colour}"
            );
            assert!(
                colour.ink_on_dark().contrast(Rgb::BLACK) >= INK_CONTRAST,
                "{colour}"
            );
        }
    }
}
