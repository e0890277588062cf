use argon2::{Algorithm, Params, Version, password_hash::phc::PasswordHash};

/// The most memory that a stored hash may require, in KiB: more than passwords ever need, but not enough to exhaust the
/// process's memory.
const MOST_MEMORY: u32 = 256 * 1024;
/// The most work, in KiB processed: some seconds.
const MOST_WORK: u64 = 1024 * 1024;

/// A stored hash that can be computed, with its cost.
pub(crate) struct Stored {
    pub hash: PasswordHash,
    cost: Cost,
}

/// The parameters that make a hash hard to guess.
#[derive(Clone, Copy)]
struct Cost {
    /// Whether it is argon2id in its latest version (RFC 9106, section 4).
    is_current: bool,
    memory: u32,
    time: u32,
    output: usize,
}

impl Stored {
    /// Reads a PHC string. `None` if it is not one, is of another function, lacks a part, or requires far more than
    /// today's parameters, which cannot be intended.
    pub fn parse(text: &str, today: &Params) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = Version::try_from(hash.version.unwrap_or(Version::V0x13.into())).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let is_current = algorithm == Algorithm::Argon2id && version == Version::V0x13;
        let output = hash.hash.as_ref()?.len();
        let cost = Cost { is_current, memory: params.m_cost(), time: params.t_cost(), output };
        let bearable =
            params.m_cost() <= MOST_MEMORY.max(today.m_cost()) && work(&params) <= MOST_WORK.max(work(today));
        (hash.salt.is_some() && bearable).then_some(Self { hash, cost })
    }

    /// Whether a hash of today's parameters is stronger: at least one parameter rises, and none falls. If memory rises
    /// and time falls, no comparison holds for all attackers, so the hash stays.
    pub fn is_weaker_than(&self, today: &Params) -> bool {
        let Cost { is_current, memory, time, output } = self.cost;
        let of_today = today.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let falls = memory > today.m_cost() || time > today.t_cost() || output > of_today;
        let rises = memory < today.m_cost() || time < today.t_cost() || output < of_today || !is_current;
        rises && !falls
    }
}

fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Params {
        Params::new(19_456, 2, 1, Some(32)).unwrap()
    }

    fn hash(head: &str) -> String {
        format!("{head}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    }

    #[test]
    fn what_cannot_be_computed_is_no_hash() {
        for head in [
            "$argon2id$v=19$m=4194304,t=1,p=1",
            "$argon2id$v=19$m=262145,t=1,p=1",
            "$argon2id$v=19$m=4294967295,t=4294967295,p=1",
            "$argon2id$v=19$m=19456,t=54,p=1",
            "$argon2id$v=19$m=19456,t=0,p=1",
            "$argon2id$v=19$m=8,t=1,p=64",
            "$argon2id$v=18$m=19456,t=2,p=1",
            "$argon2xd$v=19$m=19456,t=2,p=1",
            "$pbkdf2-sha256$i=600000",
        ] {
            assert!(Stored::parse(&hash(head), &today()).is_none(), "{head}");
        }
        for text in [
            "",
            "plain",
            "$argon2id$",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(Stored::parse(text, &today()).is_none(), "{text}");
        }
        assert!(Stored::parse(&hash("$argon2id$v=19$m=262144,t=4,p=1"), &today()).is_some());
        let generous = Params::new(524_288, 4, 1, Some(32)).unwrap();
        let own = hash("$argon2id$v=19$m=524288,t=4,p=1");
        assert!(Stored::parse(&own, &generous).is_some(), "what is made today is read");
    }

    #[test]
    fn a_hash_is_weaker_when_something_of_todays_rises_and_nothing_falls() {
        for (head, weaker) in [
            ("$argon2id$v=19$m=19456,t=2,p=1", false),
            ("$argon2id$v=19$m=19455,t=2,p=1", true),
            ("$argon2id$v=19$m=19456,t=1,p=1", true),
            ("$argon2id$v=19$m=65536,t=1,p=1", false),
            ("$argon2id$v=19$m=8192,t=5,p=1", false),
            ("$argon2id$v=19$m=65536,t=3,p=4", false),
            ("$argon2id$v=16$m=19456,t=2,p=1", true),
            ("$argon2i$v=19$m=19456,t=2,p=1", true),
            ("$argon2d$v=19$m=19456,t=2,p=1", true),
            ("$argon2i$v=19$m=65536,t=3,p=1", false),
        ] {
            assert_eq!(Stored::parse(&hash(head), &today()).unwrap().is_weaker_than(&today()), weaker, "{head}");
        }
        let short = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA";
        assert!(Stored::parse(short, &today()).unwrap().is_weaker_than(&today()), "of sixteen bytes");
    }
}
