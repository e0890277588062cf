use environment::Environment;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Which of the lines about successful requests are logged. Lines about anything else are always logged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample(f64);

impl Sample {
    /// Every line.
    pub const ALL: Self = Self(1.0);

    /// Reads `LOG_SAMPLE`: the part of these lines that is logged, from 0 (none) to 1 (all, the default).
    pub fn from_environment(environment: &mut Environment) -> Self {
        environment.default("LOG_SAMPLE", Self::ALL, |text| match text.parse() {
            Ok(part) if (0.0..=1.0).contains(&part) => Ok(Self(part)),
            _ => Err("is not a number from 0 to 1"),
        })
    }

    /// Whether the line about this request is one of them. The id decides, which is as good as random.
    pub(crate) fn has(self, request_id: &str) -> bool {
        if self == Self::ALL {
            return true;
        }
        let mut hasher = DefaultHasher::new();
        request_id.hash(&mut hasher);
        // The upper half is enough, and a float holds it exactly.
        let place = f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        place < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str) -> Option<Sample> {
        let mut environment = Environment::of([("LOG_SAMPLE", text)]);
        let sample = Sample::from_environment(&mut environment);
        environment.finish(Some(sample)).ok()
    }

    #[test]
    fn a_part_is_a_number_from_zero_to_one() {
        assert_eq!(Sample::from_environment(&mut Environment::of([("OTHER", "1")])), Sample::ALL);
        for good in ["0", "1", "0.05", "1e-3"] {
            assert!(sample(good).is_some(), "{good}");
        }
        for bad in ["-0.1", "1.1", "NaN", "inf", "5%", "0,1", "all"] {
            assert!(sample(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn as_many_lines_are_logged_as_the_part_says() {
        let logged = |part: &str| {
            let sample = sample(part).unwrap();
            (0..10_000).filter(|number| sample.has(&format!("JKJaXmPLvHcESH{number}="))).count()
        };
        assert_eq!((logged("0"), logged("1")), (0, 10_000));
        assert!((850..1150).contains(&logged("0.1")), "{}", logged("0.1"));
    }
}
