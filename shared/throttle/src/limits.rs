use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What is tried: each purpose has its own counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A password is presented.
    SignIn,
    /// An account is requested.
    Register,
    /// A mail for setting a new password is requested.
    Reset,
    /// A mailed token is presented. It cannot be guessed, so only floods matter: counted by address.
    Token,
    /// An invalid refresh token is presented. Counted by address, apart from the others: apps keep asking.
    Refresh,
    /// A new password is to be judged, which is work whether or not it is accepted: counted by address.
    Choice,
    /// A code is to be exchanged for an identity, which calls the provider: counted by address.
    Exchange,
}

/// What happens to a try that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Success {
    /// It is taken back, and its client is trusted.
    Trusted,
    /// It is taken back.
    Free,
    /// It counts like any other: the limit is on how often it is done, not on how often it fails.
    Counted,
}

/// How many tries are free in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub free: u32,
    pub window: SignedDuration,
}

/// The limits of one purpose.
pub(crate) struct Limits {
    /// For the account from one address.
    pub pair: Option<Limit>,
    /// For the account from any address.
    pub account: Option<Limit>,
    /// For the address with any account.
    pub address: Limit,
    /// For an IPv6 /48, which holds 65,536 addresses of the kind that is counted, with any account.
    pub block: Limit,
}

const fn limit(free: u32, hours: i64) -> Limit {
    Limit { free, window: SignedDuration::from_hours(hours) }
}

/// - The pair: few enough that guessing is hopeless, enough for a person who has forgotten which password it was.
/// - The account: loose, since strangers share it with the owner; guessing from a hundred networks ends here.
/// - The address: loose, since an office or a mobile network shares it.
/// - The block: twice as loose, since a site or a part of a mobile network has one. A client that owns a whole one gets
///   only two addresses' worth of tries from it.
const SIGN_IN: Limits =
    Limits { pair: Some(limit(5, 24)), account: Some(limit(100, 24)), address: limit(100, 1), block: limit(200, 1) };

/// Each try is a mail, so the limits bound the mail that a stranger can cause for a person who did not ask for it.
const MAIL: Limits =
    Limits { pair: Some(limit(5, 1)), account: Some(limit(10, 24)), address: limit(30, 1), block: limit(60, 1) };

/// There is nothing to guess; the limit bounds the work.
const WORK: Limits = Limits { pair: None, account: None, address: limit(100, 1), block: limit(200, 1) };

/// How long a try with an unknown outcome counts: longer than any request takes.
pub(crate) const LEASE: Duration = Duration::from_secs(15);

/// How long a pair is trusted after a success.
pub(crate) const TRUST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The longest wait.
pub(crate) const LONGEST: Duration = Duration::from_secs(15 * 60);

const FIRST: Duration = Duration::from_secs(30);

/// The longest wait is reached after far fewer doublings.
const DOUBLINGS: u32 = 16;

impl Purpose {
    pub(crate) fn limits(self) -> &'static Limits {
        match self {
            Self::SignIn => &SIGN_IN,
            Self::Register | Self::Reset => &MAIL,
            Self::Token | Self::Refresh | Self::Choice | Self::Exchange => &WORK,
        }
    }

    pub(crate) fn success(self) -> Success {
        match self {
            Self::SignIn => Success::Trusted,
            Self::Token | Self::Refresh | Self::Exchange => Success::Free,
            Self::Register | Self::Reset | Self::Choice => Success::Counted,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Register => "register",
            Self::Reset => "reset",
            Self::Token => "token",
            Self::Refresh => "refresh",
            Self::Choice => "choice",
            Self::Exchange => "exchange",
        }
    }
}

impl Limit {
    /// How long the next try has to wait after this many were counted.
    pub fn wait_after(self, tries: u32) -> Duration {
        let Some(beyond) = tries.checked_sub(self.free) else { return Duration::ZERO };
        let waits = ExponentialBuilder::new().with_min_delay(FIRST).with_max_delay(LONGEST).without_max_times();
        waits.build().nth(beyond.min(DOUBLINGS) as usize).unwrap_or(LONGEST)
    }
}

/// A moment moved forward, but not past the end of the calendar.
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
            let Limits { pair, account, address, block } = purpose.limits();
            let limits = [*pair, *account, Some(*address), Some(*block)];
            limits.map(|limit| limit.map(|limit| (limit.free, limit.window.as_hours())))
        };
        assert_eq!(shown(Purpose::SignIn), [Some((5, 24)), Some((100, 24)), Some((100, 1)), Some((200, 1))]);
        for purpose in [Purpose::Register, Purpose::Reset] {
            assert_eq!(shown(purpose), [Some((5, 1)), Some((10, 24)), Some((30, 1)), Some((60, 1))]);
        }
        for purpose in [Purpose::Token, Purpose::Refresh, Purpose::Choice, Purpose::Exchange] {
            assert_eq!(shown(purpose), [None, None, Some((100, 1)), Some((200, 1))]);
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
