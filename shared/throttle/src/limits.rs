use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What is tried: each has counters of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A password is shown.
    SignIn,
    /// An account is asked for.
    Register,
    /// A mail is asked for with which a new password can be set.
    Reset,
    /// A token is shown that was mailed. It cannot be guessed, so only floods matter, by address.
    Token,
    /// A refresh token is shown that is worth nothing. By address, and apart from the others: apps go on asking.
    Refresh,
}

/// How many tries are free in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub free: u32,
    pub window: SignedDuration,
}

/// The limits of one purpose.
pub(crate) struct Limits {
    /// Of the account from one address.
    pub pair: Option<Limit>,
    /// Of the account from anywhere.
    pub account: Option<Limit>,
    /// Of the address for any account.
    pub address: Limit,
}

const fn limit(free: u32, hours: i64) -> Limit {
    Limit { free, window: SignedDuration::from_hours(hours) }
}

/// - The pair: few enough that guessing is hopeless, enough for a person who has forgotten which password it was.
/// - The account: loose, since strangers share it with the owner; guessing from a hundred networks ends here.
/// - The address: loose, since an office or a mobile network shares it.
const SIGN_IN: Limits = Limits { pair: Some(limit(5, 24)), account: Some(limit(100, 24)), address: limit(100, 1) };

/// Each try is a mail, so that the limits bound what somebody can send to a person who did not ask for it.
const MAIL: Limits = Limits { pair: Some(limit(5, 1)), account: Some(limit(10, 24)), address: limit(30, 1) };

/// There is nothing to guess; what is bounded is the work.
const TOKEN: Limits = Limits { pair: None, account: None, address: limit(100, 1) };

/// For how long a pair is trusted after a success.
pub(crate) const TRUST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The longest wait.
pub(crate) const LONGEST: Duration = Duration::from_secs(15 * 60);

const FIRST: Duration = Duration::from_secs(30);

/// After as many doublings the longest wait is reached long since.
const DOUBLINGS: u32 = 16;

impl Purpose {
    pub(crate) fn limits(self) -> &'static Limits {
        match self {
            Self::SignIn => &SIGN_IN,
            Self::Register | Self::Reset => &MAIL,
            Self::Token | Self::Refresh => &TOKEN,
        }
    }

    /// Whether a success takes tries back. Where each try is a mail, and where only what was refused is counted, there is no
    /// success to speak of.
    pub(crate) fn clears(self) -> bool {
        matches!(self, Self::SignIn | Self::Token)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Register => "register",
            Self::Reset => "reset",
            Self::Token => "token",
            Self::Refresh => "refresh",
        }
    }
}

impl Limit {
    /// How long the next try has to wait after so many were counted.
    pub fn wait_after(self, tries: u32) -> Duration {
        let Some(beyond) = tries.checked_sub(self.free) else { return Duration::ZERO };
        let waits = ExponentialBuilder::new().with_min_delay(FIRST).with_max_delay(LONGEST).without_max_times();
        waits.build().nth(beyond.min(DOUBLINGS) as usize).unwrap_or(LONGEST)
    }
}

/// A moment moved forward, stopping at the end of the calendar.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_wait_begins_with_the_last_free_try_and_doubles_up_to_15_minutes() {
        let waits = [0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 1000, u32::MAX].map(|n| limit(5, 1).wait_after(n).as_secs());
        assert_eq!(waits, [0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
    }

    #[test]
    fn each_purpose_has_its_limits() {
        let shown = |purpose: Purpose| {
            let Limits { pair, account, address } = purpose.limits();
            [*pair, *account, Some(*address)].map(|limit| limit.map(|limit| (limit.free, limit.window.as_hours())))
        };
        assert_eq!(shown(Purpose::SignIn), [Some((5, 24)), Some((100, 24)), Some((100, 1))]);
        assert_eq!(shown(Purpose::Register), [Some((5, 1)), Some((10, 24)), Some((30, 1))]);
        assert_eq!(shown(Purpose::Reset), [Some((5, 1)), Some((10, 24)), Some((30, 1))]);
        for purpose in [Purpose::Token, Purpose::Refresh] {
            assert_eq!(shown(purpose), [None, None, Some((100, 1))]);
        }
    }

    proptest! {
        #[test]
        fn one_more_try_never_shortens_the_wait(free in 1..1_000_u32, tries in 0..u32::MAX) {
            let limit = limit(free, 1);
            let (one, more) = (limit.wait_after(tries), limit.wait_after(tries + 1));
            prop_assert!(one <= more && more <= LONGEST);
            prop_assert_eq!(one.is_zero(), tries < free);
        }
    }
}
