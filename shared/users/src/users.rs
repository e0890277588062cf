use crate::{
    Denial, Error, Password, Passwords,
    identity::{self, Identity},
};
use aws_sdk_dynamodb::types::{Get, Put, TransactGetItem, TransactWriteItem};
use dynamo::{Dynamo, Row, text};
use environment::Environment;
use jiff::Timestamp;
use session::{Account, Status};
use uuid::{NoContext, Uuid};

/// Finds and makes accounts.
pub struct Users {
    pub(crate) dynamo: Dynamo,
    pub(crate) passwords: Passwords,
}

/// A user id without a row, so that an unknown address costs the same reads as a known one.
const NOBODY: &str = "nobody";

impl Users {
    /// Users in this store, with what [`Passwords::from_environment`] reads; `None` when a setting has a fault.
    pub fn from_environment(environment: &mut Environment, dynamo: &Dynamo) -> Option<Self> {
        Some(Self::new(dynamo.clone(), Passwords::from_environment(environment)?))
    }

    /// Users in this store.
    pub fn new(dynamo: Dynamo, passwords: Passwords) -> Self {
        Self { dynamo, passwords }
    }

    /// The hash of a password that passed every check, as a PHC string: to be kept until its account is made.
    ///
    /// # Errors
    /// [`Error::Hash`] when there is no memory or there are no random bytes for it.
    pub async fn hash(&self, password: &Password) -> Result<String, Error> {
        self.passwords.hash(password).await
    }

    /// Which of these is the password of an account, after the same work in every case. A hash that cannot be read
    /// matches no password: the person sets another one by mail.
    pub(crate) async fn verify<const N: usize>(
        &self,
        found: Option<&(Identity, Account)>,
        passwords: [&Password; N],
    ) -> Result<[bool; N], Error> {
        let stored = found.and_then(|(identity, _)| Some((identity.password_hash.as_deref()?, &identity.user_id)));
        if let Some((_, user_id)) = stored.filter(|(hash, _)| !self.passwords.can_read(hash)) {
            tracing::error!(user_id, "the hash of a password cannot be read: no password opens the account");
        }
        let mut verified = [false; N];
        for (verified, password) in verified.iter_mut().zip(passwords) {
            *verified = self.passwords.verify(password, stored.map(|(hash, _)| hash)).await?;
        }
        Ok(verified)
    }

    /// The identity of this key and its account.
    pub(crate) async fn find(&self, key: &str) -> Result<Option<(Identity, Account)>, Error> {
        let known = self.identity(key).await?;
        of_one_user(self.snapshot(key, known.as_ref().map(|identity| identity.user_id.as_str())).await?)
    }

    /// An identity and an account in one snapshot, so that a hash and an epoch from different moments are not mixed. The
    /// identity may be another user's. If its user is not known, the same is read for nothing.
    pub(crate) async fn snapshot(
        &self,
        key: &str,
        user_id: Option<&str>,
    ) -> Result<Option<(Identity, Account)>, Error> {
        let get = |table: &str, name: &str, value: &str| {
            let get = Get::builder().table_name(self.dynamo.table(table)).key(name, text(value));
            get.build().map(|get| TransactGetItem::builder().get(get).build()).map_err(dynamo::Error::from)
        };
        let user_id = user_id.unwrap_or(NOBODY);
        let items = [get(identity::TABLE, "identity", key)?, get(Account::TABLE, "user_id", user_id)?];
        let snapshot = dynamo::retry_conflicts(async || {
            let call = self.dynamo.client.transact_get_items().set_transact_items(Some(items.to_vec()));
            Ok(call.send().await?.responses.unwrap_or_default())
        })
        .await?;
        let mut rows = snapshot.into_iter().map(|response| response.item);
        let (Some(Some(identity)), Some(Some(user))) = (rows.next(), rows.next()) else { return Ok(None) };
        Ok(Some((decode(identity)?, Account::from_row(user)?)))
    }

    pub(crate) async fn identity(&self, key: &str) -> Result<Option<Identity>, Error> {
        let get = self.dynamo.client.get_item().table_name(self.dynamo.table(identity::TABLE));
        let found = get.key("identity", text(key)).consistent_read(true).send().await.map_err(dynamo::Error::from)?;
        found.item.map(decode).transpose()
    }

    /// Writes an account with its ways in, if none of these is taken.
    pub(crate) async fn write_new(&self, account: &Account, identities: &[Identity]) -> Result<(), dynamo::Error> {
        self.write(self.new_rows(account, identities)?).await
    }

    /// The rows of a new account, each with the condition that its key is free.
    pub(crate) fn new_rows(
        &self,
        account: &Account,
        identities: &[Identity],
    ) -> Result<Vec<TransactWriteItem>, dynamo::Error> {
        let mut items = vec![self.put_new(Account::TABLE, "user_id", dynamo::encode(Account::TABLE, account)?)?];
        for identity in identities {
            items.push(self.put_new(identity::TABLE, "identity", dynamo::encode(identity::TABLE, identity)?)?);
        }
        Ok(items)
    }

    pub(crate) fn put_new(&self, table: &str, key: &str, row: Row) -> Result<TransactWriteItem, dynamo::Error> {
        let put = Put::builder()
            .table_name(self.dynamo.table(table))
            .set_item(Some(row))
            // A placeholder, because `identity` is a reserved word in DynamoDB's expressions.
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", key);
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    pub(crate) async fn write(&self, items: Vec<TransactWriteItem>) -> Result<(), dynamo::Error> {
        dynamo::retry_conflicts(async || {
            self.dynamo.client.transact_write_items().set_transact_items(Some(items.clone())).send().await?;
            Ok(())
        })
        .await
    }
}

/// What a snapshot found, unless the identity moved to another account after its user was read: a repeat finds that
/// account.
pub(crate) fn of_one_user(found: Option<(Identity, Account)>) -> Result<Option<(Identity, Account)>, Error> {
    match found {
        Some((identity, account)) if identity.user_id != account.user_id => Err(dynamo::Error::Conflict.into()),
        found => Ok(found),
    }
}

/// What was found, if there is a password, it is right, and the user may sign in.
pub(crate) fn admit(found: Option<(Identity, Account)>, verified: bool) -> Result<(Identity, Account), Error> {
    let denied = |denial, user_id| Err(Error::Denied { denial, user_id });
    match (found, verified) {
        (None, _) => denied(Denial::UnknownAccount, None),
        (Some((Identity { password_hash: None, .. }, account)), _) => denied(Denial::NoPassword, Some(account.user_id)),
        (Some((_, account)), false) => denied(Denial::WrongPassword, Some(account.user_id)),
        (Some((_, account)), true) if account.status == Status::Disabled => {
            denied(Denial::Disabled, Some(account.user_id))
        }
        (Some(found), true) => Ok(found),
    }
}

/// An empty account. Its id sorts by time (UUID version 7, RFC 9562).
pub(crate) fn new_account(now: Timestamp) -> Account {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let moment = uuid::Timestamp::from_unix(NoContext, seconds, now.subsec_nanosecond().unsigned_abs());
    Account {
        user_id: Uuid::new_v7(moment).to_string(),
        email: None,
        email_verified: false,
        name: None,
        picture: None,
        scopes: Vec::new(),
        status: Status::Active,
        security_epoch: 0,
        sessions: [].into(),
        unlinked: [].into(),
        created_at: now,
    }
}

fn decode(row: Row) -> Result<Identity, Error> {
    Ok(dynamo::decode(identity::TABLE, row)?)
}
