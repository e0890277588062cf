use crate::{Kind, SessionId};
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A row of `users`: the profile, and the members that make creating a session and ending all of them atomic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The key.
    pub user_id: String,
    /// The address mail goes to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether that address is proven.
    pub email_verified: bool,
    /// A name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address of a picture to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What the user may do.
    pub scopes: Vec<String>,
    /// Whether the user may sign in.
    pub status: Status,
    /// Increases each time all sessions end. A login is committed only under the epoch it read.
    pub security_epoch: u64,
    /// Every session that may be alive, so that one transaction can end them all.
    pub sessions: BTreeMap<SessionId, Entry>,
    /// The ids of the ways to sign in that the user has removed. None of them comes back by itself.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unlinked: BTreeSet<String>,
    /// When the account was made (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    pub created_at: Timestamp,
}

/// Whether a user may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// May sign in.
    Active,
    /// May not.
    Disabled,
}

/// A session in the user's map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The epoch it was created under. If lower than the user's, an unfinished revoke-all left the entry.
    pub epoch: u64,
    /// When it began (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    pub created_at: Timestamp,
    /// Its absolute expiry (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    pub absolute_expires_at: Timestamp,
    /// What it is for.
    pub kind: Kind,
}

impl Account {
    /// The name of the table, without its prefix.
    pub const TABLE: &str = "users";

    /// Reads a row of `users`.
    ///
    /// # Errors
    /// [`dynamo::Error::Corrupt`] when it does not have this form.
    pub fn from_row(row: dynamo::Row) -> Result<Self, dynamo::Error> {
        dynamo::decode(Self::TABLE, row)
    }

    /// The address that the user has proven to read.
    pub fn proven_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }

    /// The sessions an unfinished revoke-all has left behind: revoked rows whose hot copies may still be live.
    pub(crate) fn unfinished(&self) -> Vec<SessionId> {
        let left = self.sessions.iter().filter(|(_, entry)| entry.epoch < self.security_epoch);
        left.map(|(id, _)| id.clone()).collect()
    }

    /// The entries whose sessions are past their absolute expiry.
    pub(crate) fn expired(&self, now: Timestamp) -> Vec<SessionId> {
        let past = self.sessions.iter().filter(|(_, entry)| entry.absolute_expires_at <= now);
        past.map(|(id, _)| id.clone()).collect()
    }

    /// How many entries have been ended neither by an earlier revoke-all nor by their absolute expiry.
    pub(crate) fn standing(&self, now: Timestamp) -> usize {
        self.current(now).count()
    }

    /// The sessions of one kind that have not ended.
    pub(crate) fn standing_of(&self, kind: Kind, now: Timestamp) -> Vec<&SessionId> {
        self.current(now).filter(|(_, entry)| entry.kind == kind).map(|(id, _)| id).collect()
    }

    /// The entries of one kind, ended ones included.
    pub(crate) fn entries_of(&self, kind: Kind) -> usize {
        self.sessions.values().filter(|entry| entry.kind == kind).count()
    }

    fn current(&self, now: Timestamp) -> impl Iterator<Item = (&SessionId, &Entry)> {
        let current = move |entry: &Entry| entry.epoch >= self.security_epoch && entry.absolute_expires_at > now;
        self.sessions.iter().filter(move |(_, entry)| current(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;

    fn account(created: &[i64]) -> Account {
        let at = |second| Timestamp::from_second(second).unwrap();
        let entry = |second: &i64| Entry {
            epoch: 3,
            created_at: at(*second),
            absolute_expires_at: at(second + 100),
            kind: Kind::Browser,
        };
        Account {
            user_id: "u".into(),
            email: None,
            email_verified: false,
            name: None,
            picture: None,
            scopes: vec![],
            status: Status::Active,
            security_epoch: 3,
            unlinked: BTreeSet::new(),
            sessions: created.iter().map(|second| (Token::generate().unwrap().id(), entry(second))).collect(),
            created_at: at(0),
        }
    }

    #[test]
    fn expired_entries_and_those_of_the_other_kind_do_not_count_towards_a_cap() {
        let mut account = account(&[50, 10, 30]);
        let now = Timestamp::from_second(110).unwrap();
        assert_eq!(account.expired(now).len(), 1);
        assert_eq!((account.standing_of(Kind::Browser, now).len(), account.entries_of(Kind::Browser)), (2, 3));
        account.sessions.values_mut().find(|entry| entry.created_at.as_second() == 50).unwrap().kind = Kind::Device;
        assert_eq!([Kind::Browser, Kind::Device].map(|kind| account.standing_of(kind, now).len()), [1, 1]);
        assert_eq!([Kind::Browser, Kind::Device].map(|kind| account.entries_of(kind)), [2, 1]);
    }

    #[test]
    fn what_has_ended_before_does_not_stand() {
        let mut account = account(&[50, 10, 30]);
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!([60, 110, 150].map(|second| account.standing(at(second))), [3, 2, 0]);
        account.security_epoch = 4;
        assert_eq!(account.standing(at(60)), 0);
    }

    #[test]
    fn entries_below_the_epoch_are_unfinished() {
        let mut account = account(&[1, 2]);
        assert!(account.unfinished().is_empty());
        account.security_epoch = 4;
        assert_eq!(account.unfinished().len(), 2);
    }
}
