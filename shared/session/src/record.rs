mod form;

use crate::{
    SessionId, Token, Why,
    policy::{later, until},
};
use form::{moment, user};
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "lowercase")]
#[cbor(index_only)]
pub enum Kind {
    /// A cookie in a browser.
    #[n(0)]
    Browser,
    /// A refresh token on a device.
    #[n(1)]
    Device,
}

impl Kind {
    /// The kind's name in answers and tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Device => "device",
        }
    }
}

/// The part of a session that is known at its creation and never changes: the value in Redis, and part of the row. It
/// carries the user's profile as it was at login, so that the hot path needs no other read. The row has its members by name;
/// Redis has them by number, which never changes and is never used again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Record {
    /// Whose session it is.
    #[cbor(n(0), with = "user")]
    pub user_id: String,
    /// The address mail goes to, if the account has one.
    #[n(1)]
    pub email: Option<String>,
    /// Whether that address is proven.
    #[n(2)]
    pub email_verified: bool,
    /// A name to show.
    #[n(3)]
    pub name: Option<String>,
    /// The address of a picture to show.
    #[n(4)]
    pub picture: Option<String>,
    /// What the user may do.
    #[n(5)]
    pub scopes: Vec<String>,
    /// What the session is for.
    #[n(6)]
    pub kind: Kind,
    /// `password` or `oidc:<provider>`.
    #[n(7)]
    pub auth_method: String,
    /// When the credential was checked (milliseconds since the epoch); the epoch itself if that is unknown.
    #[serde(with = "millisecond::required")]
    #[cbor(n(8), with = "moment")]
    pub auth_time: Timestamp,
    /// When the session began (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    #[cbor(n(9), with = "moment")]
    pub created_at: Timestamp,
    /// When it ends even if it is used (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    #[cbor(n(10), with = "moment")]
    pub absolute_expires_at: Timestamp,
}

impl Record {
    /// The address that the user had proven to read.
    pub fn proven_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }
}

/// A live session, as the browser or device that presented its token sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// The public handle.
    pub id: SessionId,
    /// What was fixed at its creation.
    pub record: Record,
    /// When it ends if it is not used again: the idle expiry, or the absolute one if that is sooner.
    pub expires_at: Timestamp,
    /// Whether this request moved the expiry, so that the cookie must be written again.
    pub renewed: bool,
    /// For a new session that replaced another one: before this moment its cookie must not reach the browser. An answer
    /// that renewed the old session may still be under way; if it arrived later, it would put the old cookie back.
    pub held_until: Option<Timestamp>,
}

impl Session {
    pub(crate) fn new(id: SessionId, record: Record, idle_expires_at: Timestamp) -> Self {
        let expires_at = idle_expires_at.min(record.absolute_expires_at);
        Self { id, record, expires_at, renewed: false, held_until: None }
    }

    /// The time the session has left at `now`.
    pub fn left(&self, now: Timestamp) -> Duration {
        until(self.expires_at, now)
    }
}

/// Where a login came from, for the list of sessions and for audit.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The client's address.
    pub ip: Option<String>,
    /// The `User-Agent` header, cut to 512 characters.
    pub user_agent: Option<String>,
    /// The value by which a browser is recognized; what is stored is its [`Mark`](crate::Mark).
    pub browser: Option<Token>,
}

/// The durable row. Only `revoked_at` and the two expiries decide whether the session lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub session_id: SessionId,
    #[serde(flatten)]
    pub record: Record,
    #[serde(with = "millisecond::required")]
    pub renewed_at: Timestamp,
    #[serde(with = "millisecond::required")]
    pub last_seen_at: Timestamp,
    #[serde(with = "millisecond::required")]
    pub idle_expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The value that identifies the browser to this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The user's epoch at the creation. It does not end the session: a browser is recognized only under the epoch it
    /// was seen under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Only for a session of kind `device`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_why: Option<String>,
    /// Seconds since the epoch: DynamoDB's time to live removes the row some time after this.
    pub purge_at: i64,
}

/// What the index `by_user` has of a row, as far as it is read: what a later sign-in is compared by. Nothing that a
/// renewal or a refresh writes is in the index, so that neither writes it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SignIn {
    pub session_id: SessionId,
    #[serde(with = "millisecond::required")]
    pub created_at: Timestamp,
    #[serde(default)]
    pub ip: Option<String>,
    #[serde(default)]
    pub user_agent: Option<String>,
    #[serde(default)]
    pub browser: Option<String>,
    #[serde(default)]
    pub epoch: Option<u64>,
}

/// What the row of a device's session has in addition: the hashes of rotating halves, never a half itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Device {
    pub name: String,
    /// The hash of the half that is to be shown next.
    pub current: SessionId,
    /// The hash of the half before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<SessionId>,
    /// The current half, sealed for the device that shows the previous one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    #[serde(with = "millisecond::required")]
    pub rotated_at: Timestamp,
    /// Whether the current half has been shown, so that the device has it and the previous one is spent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shown: bool,
}

/// The longest time that an answer takes to reach its browser.
const UNDER_WAY: Duration = Duration::from_secs(3);

impl Row {
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && !self.has_expired(now)
    }

    /// Whether it is past one of its two expiries.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.record.absolute_expires_at <= now || self.idle_expires_at <= now
    }

    /// Whether it is over for good. An idle session is not: a renewal that began earlier may be on its way.
    pub fn is_final(&self, now: Timestamp) -> bool {
        self.revoked_at.is_some() || self.record.absolute_expires_at <= now
    }

    /// Whether it ended because another session took its place in the browser.
    pub fn was_replaced(&self) -> bool {
        self.revoked_why.as_deref() == Some(Why::Replaced.as_str())
    }

    /// Until when the answer with a new cookie in place of this one is held back: as long as an answer that renewed
    /// this session may be under way. Its creation is no renewal: that answer arrived before the browser could present
    /// the cookie.
    pub fn holds_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = later(self.renewed_at, UNDER_WAY).min(later(now, UNDER_WAY));
        (self.renewed_at > self.record.created_at && until > now).then_some(until)
    }
}
