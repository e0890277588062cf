//! Which key signs when: pure rules over the moments stored with the keys.
//!
//! - A key belongs to a period; periods are aligned to the epoch. Each mint makes the missing keys of its period and of
//!   the next ([`Schedule::missing`]), so a key is published a whole period before it signs.
//! - A key made late waits for [`PUBLISH_LEAD`] while an older one bridges the time, because a verifier may hold a JWKS
//!   from before it was made. If no key can bridge, it signs at once.
//! - A key may sign until [`PUBLISH_LEAD`] after the *following* period, and is published for a token lifetime longer.
//!   So it can bridge whenever in that period the newer key is made, and all its tokens stay verifiable. A bridge that
//!   starts later may end too early; then the newer key signs from that moment.
//! - The choice ([`choose`]) uses only stored moments, never the configured period: instances with different settings,
//!   as during a deployment, choose the same key.
//! - An operator may rotate early ([`Schedule::rotation`]): one extra key takes over after [`PUBLISH_LEAD`], until the
//!   next period's key does, and the keys before it end then ([`Term::cut`]). Or a key is withdrawn at once, and stays
//!   in the table as one that neither signs nor is published.
//!
//! If two instances find no key at all at the same moment, but are in different periods, both sign at once. Both keys
//! are published; a verifier that fetched the JWKS between the two writes has to fetch it again.

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// How long a key is published before it signs: twice what a JWKS may be cached for (`max-age=300`).
pub(crate) const PUBLISH_LEAD: SignedDuration = SignedDuration::from_mins(10);
/// How long a choice is kept in memory. Less than [`PUBLISH_LEAD`]: a key that a rival makes is seen before it signs.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// What one key is for and when, as its row stores it. There, moments are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Term {
    /// The start of the period the key was made for (RFC 3339). It makes the key unique.
    pub period: String,
    #[serde(with = "millisecond::required")]
    pub created_at: Timestamp,
    /// The first moment it signs, if no newer key does.
    #[serde(with = "millisecond::required")]
    pub signs_from: Timestamp,
    /// The first moment it may no longer sign.
    #[serde(with = "millisecond::required")]
    pub signs_until: Timestamp,
    /// The first moment it is no longer published; no token it signed is valid then.
    #[serde(with = "millisecond::required")]
    pub leaves_at: Timestamp,
}

impl Term {
    /// The same with an earlier end. It is published for as long as its last token can live, by the longer of the two
    /// lifetimes. `None` when it already ends before that.
    pub fn cut(&self, signs_until: Timestamp, lifetime: SignedDuration) -> Option<Self> {
        let published = lifetime.max(self.leaves_at.duration_since(self.signs_until));
        let leaves_at = after(signs_until, published);
        let earlier = signs_until < self.signs_until && leaves_at < self.leaves_at;
        earlier.then(|| Self { signs_until, leaves_at, ..self.clone() })
    }

    /// The same without any right: it neither signs nor is published.
    pub fn withdrawn(&self, now: Timestamp) -> Self {
        Self { signs_until: self.signs_until.min(now), leaves_at: self.leaves_at.min(now), ..self.clone() }
    }
}

/// The configured durations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    /// How long a period lasts, in whole seconds, above zero.
    pub period: SignedDuration,
    /// How long a token lasts.
    pub lifetime: SignedDuration,
}

impl Schedule {
    /// The terms of the keys that have to be made before a token is minted at `now`, in the order to make them.
    pub fn missing(&self, mut known: Vec<Term>, now: Timestamp) -> Vec<Term> {
        let current = self.start_of_period(now);
        let before = known.len();
        for start in [current, after(current, self.period)] {
            let period = start.to_string();
            if known.iter().all(|term| term.period != period) {
                let term = self.term(period, start, &known, now);
                known.push(term);
            }
        }
        // Every row of these periods may exist and be over: ended early, or made for a shorter period.
        if choose(&known, now).is_none() {
            known.push(self.rotation(&known, now));
        }
        known.split_off(before)
    }

    fn term(&self, period: String, start: Timestamp, known: &[Term], now: Timestamp) -> Term {
        let following_end = after(after(start, self.period), self.period);
        let signs_until = after(following_end, PUBLISH_LEAD);
        let signs_from = if known.iter().any(|term| now < term.signs_until) {
            start.max(after(now, PUBLISH_LEAD))
        } else {
            // Not only `start`: it is in the future if this period's row was made for a shorter period and is long
            // over.
            start.min(now)
        };
        Term { period, created_at: now, signs_from, signs_until, leaves_at: after(signs_until, self.lifetime) }
    }

    /// The term of a key that takes over early: as soon as every verifier can know it, or at once if no key may sign.
    /// It may sign for as long as the keys that it replaces, so that there is no gap. Its period is not the start of
    /// any period, so that it does not take a regular key's place.
    pub fn rotation(&self, known: &[Term], now: Timestamp) -> Term {
        let regular = self.term(String::new(), now, known, now);
        let following = after(after(self.start_of_period(regular.signs_from), self.period), self.period);
        let replaced = known.iter().filter(|term| term.signs_from <= now).map(|term| term.signs_until);
        let signs_until = replaced.fold(after(following, PUBLISH_LEAD), Timestamp::max);
        let leaves_at = after(signs_until, self.lifetime);
        Term { period: format!("{now} rotated"), signs_until, leaves_at, ..regular }
    }

    /// The first moment at which the choice made at `now` must be checked again: another key signs, a key has to be
    /// made, or [`REMEMBERED`] is over.
    pub fn settled_until<K: Borrow<Term>>(&self, keys: &[K], now: Timestamp) -> Timestamp {
        let period_end = after(self.start_of_period(now), self.period);
        let choice_end = choose(keys, now).map(|key| key.borrow().signs_until);
        let starts = keys.iter().map(|key| key.borrow().signs_from).filter(|start| *start > now);
        starts.chain(choice_end).fold(period_end.min(after(now, REMEMBERED)), Timestamp::min)
    }

    fn start_of_period(&self, now: Timestamp) -> Timestamp {
        let second = now.as_second();
        let start = second - second.rem_euclid(self.period.as_secs().max(1));
        Timestamp::from_second(start).unwrap_or(Timestamp::MIN)
    }
}

/// The key that signs at `now`: the latest of those whose time has come; otherwise the one published the longest.
///
/// The second case occurs when a bridge ends before the newer key was published for long enough, or was deleted because
/// it leaked. `None` when no key may sign any more.
pub(crate) fn choose<K: Borrow<Term>>(keys: &[K], now: Timestamp) -> Option<&K> {
    let usable = || keys.iter().filter(|key| now < (*key).borrow().signs_until);
    let started = usable().filter(|key| (*key).borrow().signs_from <= now);
    let latest = started.max_by_key(|key| {
        let term: &Term = (*key).borrow();
        (term.signs_from, &term.period)
    });
    latest.or_else(|| {
        usable().min_by_key(|key| {
            let term: &Term = (*key).borrow();
            (term.created_at, term.signs_from, &term.period)
        })
    })
}

/// `moment + duration`, but not past the end of the calendar.
pub(crate) fn after(moment: Timestamp, duration: SignedDuration) -> Timestamp {
    moment.checked_add(duration).unwrap_or(Timestamp::MAX)
}
