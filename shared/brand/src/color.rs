use palette::{FromColor, Oklch, Srgb, color_difference::Wcag21RelativeContrast};
use std::{fmt, str::FromStr};

/// The least contrast of a text with what it stands on (WCAG 2.1, success criterion 1.4.3).
const LEAST: f32 = 4.5;

/// A step of lightness, a hundredth of the way from black to white.
const STEP: f32 = 0.01;

/// A colour of sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(Srgb<u8>);

/// A colour for buttons and links, and the colour of a text on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// Readable as a text on the ground that it was made for.
    pub color: Color,
    /// Black or white, readable on `color`.
    pub text: Color,
}

impl Color {
    /// A blue that is no other product's.
    pub const DEFAULT: Self = Self(Srgb::new(0x1d, 0x4e, 0xd8));
    const BLACK: Self = Self(Srgb::new(0, 0, 0));
    const WHITE: Self = Self(Srgb::new(0xff, 0xff, 0xff));

    /// A colour of this red, green and blue.
    pub const fn of(red: u8, green: u8, blue: u8) -> Self {
        Self(Srgb::new(red, green, blue))
    }

    /// This colour, no lighter or darker than it has to be to be readable on `ground`; its hue stays. So contrast is kept
    /// for every colour.
    pub fn accent_on(self, ground: Self) -> Accent {
        let to_white = ground.contrast(Self::WHITE) > ground.contrast(Self::BLACK);
        let mut shade = Oklch::from_color(self.0.into_format::<f32>());
        let mut color = self;
        while color.contrast(ground) < LEAST && (0.0..=1.0).contains(&shade.l) {
            shade.l += if to_white { STEP } else { -STEP };
            color = Self(Srgb::from_color(shade).into_format());
        }
        let text = if color.contrast(Self::WHITE) >= LEAST { Self::WHITE } else { Self::BLACK };
        Accent { color, text }
    }

    fn contrast(self, other: Self) -> f32 {
        self.0.into_format::<f32>().relative_contrast(other.0.into_format())
    }
}

impl FromStr for Color {
    type Err = &'static str;

    /// Six hexadecimal digits after a `#`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_whole = |digits: &&str| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let color = text.strip_prefix('#').filter(is_whole).and_then(|digits| digits.parse().ok());
        color.map(Self).ok_or("is not a colour such as #1d4ed8")
    }
}

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NIGHT: Color = Color::of(0x17, 0x18, 0x1c);

    #[test]
    fn a_color_that_is_readable_stays() {
        let accent = Color::DEFAULT.accent_on(Color::WHITE);
        assert_eq!(accent, Accent { color: Color::DEFAULT, text: Color::WHITE });
    }

    #[test]
    fn a_color_is_made_darker_by_day_and_lighter_by_night() {
        let yellow: Color = "#facc15".parse().unwrap();
        assert_ne!(yellow.accent_on(Color::WHITE).color, yellow);
        assert_eq!(yellow.accent_on(NIGHT), Accent { color: yellow, text: Color::BLACK });
        let navy: Color = "#0b1e4f".parse().unwrap();
        assert_eq!(navy.accent_on(Color::WHITE).color, navy);
        assert_ne!(navy.accent_on(NIGHT).color, navy);
    }

    #[test]
    fn what_is_no_color_is_refused() {
        for text in ["", "#", "#fff", "1d4ed8", "#1d4ed8ff", "#+1+2+3", "#1d4edg", " #1d4ed8", "blue"] {
            assert!(text.parse::<Color>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_color_is_readable(red: u8, green: u8, blue: u8, by_night: bool) {
            let ground = if by_night { NIGHT } else { Color::WHITE };
            let accent = Color::of(red, green, blue).accent_on(ground);
            prop_assert!(accent.color.contrast(ground) >= LEAST, "{accent:?}");
            prop_assert!(accent.text.contrast(accent.color) >= LEAST, "{accent:?}");
        }

        #[test]
        fn a_color_is_written_as_it_is_read(red: u8, green: u8, blue: u8) {
            let color = Color::of(red, green, blue);
            prop_assert_eq!(color.to_string().parse(), Ok(color));
        }

        #[test]
        fn no_text_breaks_it(text in "#?\\PC{0,8}") {
            if let Ok(color) = text.parse::<Color>() {
                prop_assert_eq!(color.to_string(), text.to_lowercase());
            }
        }
    }
}
