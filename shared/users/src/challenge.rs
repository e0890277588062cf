use crate::{Email, Error, Users};
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use dynamo::{moment, text};
use jiff::{SignedDuration, Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use session::Token;
use std::fmt;
use zeroize::Zeroizing;

/// The name of the table, without its prefix.
const TABLE: &str = "challenges";
/// How long a mailed token is valid.
const LIFE: SignedDuration = SignedDuration::from_hours(1);
/// How long its row stays after that, for an investigation.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The secret in a mail: 32 random bytes, valid for one purpose, once, for an hour (OWASP ASVS 6.4.1, 6.5.1–6.5.5). It
/// is never stored, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct Challenge(Token);

impl Challenge {
    /// A new secret from the operating system's generator.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        Token::generate().map(Self)
    }

    /// Reads the form that [`expose`](Self::expose) writes, as a person copies it from a mail: possibly with blanks
    /// around it, or with the punctuation that followed it. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let beside = |c: char| c.is_ascii_whitespace() || (c.is_ascii_punctuation() && !matches!(c, '-' | '_'));
        Token::parse(text.trim_ascii_start().trim_end_matches(beside)).map(Self)
    }

    /// The secret itself, base64url, only for the link in the mail.
    pub fn expose(&self) -> Zeroizing<String> {
        self.0.expose()
    }

    /// What is stored in its place: SHA-256, base64url.
    fn hash(&self) -> String {
        self.0.id().to_string()
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Challenge(…)")
    }
}

/// What a challenge can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Purpose {
    /// Proves an address, and makes its account.
    Verify,
    /// Sets a password.
    Reset,
}

/// What a challenge grants to the reader of the mail.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub purpose: Purpose,
    /// The address the mail goes to.
    pub email: Email,
    /// The user whose password is to be reset, or whose account the challenge has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The epoch of that user when the mail was sent: a later change of the password invalidates the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_epoch: Option<u64>,
    /// The first password of an account to be made, as a PHC string; deleted once the account is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The name of an account to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The SHA-256 of the value kept by the browser that chose this password and this name: both are only for that
    /// browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
}

/// A row of `challenges`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    token_hash: String,
    #[serde(flatten)]
    pub grant: Grant,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    expires_at: Timestamp,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    used_at: Option<Timestamp>,
    /// Seconds since the epoch: DynamoDB's time to live removes the row some time after this.
    purge_at: i64,
}

impl Row {
    /// Whether it is unused, and its hour is not over.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }

    /// The user whose account it has made or changed.
    pub fn user(&self) -> Option<&str> {
        self.grant.user_id.as_deref().filter(|_| self.used_at.is_some())
    }

    /// Whether it was used, and its hour is not over.
    pub fn was_just_used(&self, now: Timestamp) -> bool {
        self.used_at.is_some() && now < self.expires_at
    }
}

impl Users {
    /// Stores a new challenge, and returns its secret.
    pub(crate) async fn challenge(&self, grant: Grant, now: Timestamp) -> Result<Challenge, Error> {
        let challenge = Challenge::generate()?;
        let expires_at = now.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        let purge_at = expires_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX).as_second();
        let row = Row { token_hash: challenge.hash(), grant, created_at: now, expires_at, used_at: None, purge_at };
        let put = self.dynamo.client().put_item().table_name(self.dynamo.table(TABLE));
        let put = put.set_item(Some(dynamo::encode(TABLE, &row)?));
        put.send().await.map_err(dynamo::Error::from)?;
        Ok(challenge)
    }

    /// The row of a challenge, even if it is used or expired.
    pub(crate) async fn challenged(&self, challenge: &Challenge, purpose: Purpose) -> Result<Option<Row>, Error> {
        let get = self.dynamo.client().get_item().table_name(self.dynamo.table(TABLE)).consistent_read(true);
        let found = get.key("token_hash", text(challenge.hash())).send().await.map_err(dynamo::Error::from)?;
        let row = found.item.map(|row| dynamo::decode::<Row>(TABLE, row)).transpose()?;
        Ok(row.filter(|row| row.grant.purpose == purpose))
    }

    /// Marks a challenge as used by a user, if it is fresh. Its password hash is deleted: it has been moved to the account, or is
    /// worthless.
    pub(crate) fn use_up(&self, row: &Row, user_id: &str, now: Timestamp) -> Result<TransactWriteItem, dynamo::Error> {
        let update = Update::builder()
            .table_name(self.dynamo.table(TABLE))
            .key("token_hash", text(&row.token_hash))
            .update_expression("SET used_at = :now, user_id = :user REMOVE password_hash")
            .condition_expression("attribute_not_exists(used_at) AND expires_at > :now")
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":user", text(user_id));
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_challenge() {
        assert_eq!(format!("{:?}", Challenge::generate().unwrap()), "Challenge(…)");
    }

    #[test]
    fn challenges_are_new_each_time() {
        assert_ne!(Challenge::generate().unwrap().hash(), Challenge::generate().unwrap().hash());
    }

    #[test]
    fn a_challenge_survives_its_text_and_nothing_else_is_one() {
        let challenge = Challenge::generate().unwrap();
        assert_eq!(challenge.expose().len(), 43);
        assert_eq!(Challenge::parse(&challenge.expose()).unwrap().hash(), challenge.hash());
        assert_ne!(challenge.hash(), *challenge.expose());
        let secret = challenge.expose();
        for text in ["", "x", ".", &format!("{}A", *secret), &format!("{}-", *secret), &"\u{e9}".repeat(43)] {
            assert!(Challenge::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_challenge_is_read_as_a_person_copies_it_out_of_a_mail() {
        let challenge = Challenge::generate().unwrap();
        let secret = challenge.expose();
        let read = |text: String| Challenge::parse(&text).is_some_and(|read| read.hash() == challenge.hash());
        for behind in [".", " ", "\n", "\r\n", ">", ">.", ". ", ",", ")", "\"", "=\r\n"] {
            assert!(read(format!("{}{behind}", *secret)), "{behind:?}");
        }
        for before in [" ", "\n\t "] {
            assert!(read(format!("{before}{}", *secret)), "{before:?}");
        }
        for other in ["\u{a0}", "\u{200b}", ".", "<"] {
            assert!(!read(format!("{other}{}", *secret)), "{other:?}");
        }
        assert!(!read(format!("{}\u{a0}", *secret)) && !read(format!("{} .x", *secret)));
    }
}
