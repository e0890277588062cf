use crate::{
    Denial, Error, Federated, Joined, Users, Way, WayKind,
    federated::subject,
    identity::{self, Identity},
    vouched::Vouched,
    ways::way_id,
};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use dynamo::{number, text};
use jiff::Timestamp;
use session::{Account, Status};

/// The result of removing a way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlinked {
    /// It is gone.
    Gone(Way),
    /// The user has no such way: it is another user's, unknown, or already removed.
    Absent,
    /// It stays: it is the account's address, or the only way in.
    Needed,
}

impl Users {
    /// Adds the identity of a person whom a provider vouches for to the account of a signed-in user, and writes `also`
    /// with it. The provider's address does not matter, since the user has just proven to own both. `account` must be
    /// as it was when the user's session was checked. If the user once removed this identity, that is forgotten.
    /// [`Joined::Known`], and nothing is written, when it already was theirs.
    ///
    /// # Errors
    /// [`Error::Taken`] when the identity is another user's; [`Error::Denied`] when the account is disabled or gone;
    /// [`Error::Session`] with [`Superseded`](session::Error::Superseded) when all sessions of the account were ended
    /// since.
    pub async fn link(
        &self,
        account: &Account,
        who: &Federated,
        also: Vec<TransactWriteItem>,
        now: Timestamp,
    ) -> Result<Joined, Error> {
        let (key, user_id) = (who.key(), account.user_id.as_str());
        if let Some(holder) = self.identity(&key).await? {
            return theirs(&holder, user_id);
        }
        let new = subject(&key, who, &Vouched::of(who), now);
        let row = Identity { user_id: user_id.to_owned(), last_used_at: None, ..new };
        let put = self.put_new(identity::TABLE, "identity", dynamo::encode(identity::TABLE, &row)?)?;
        match self.write([vec![put, self.welcome(account, &key)?], also].concat()).await {
            Ok(()) => Ok(Joined::Linked),
            // Another request was quicker, maybe an earlier try of this one, or the account may not get it.
            Err(dynamo::Error::Condition) => match self.identity(&key).await? {
                Some(holder) => theirs(&holder, user_id),
                None => Err(self.refusal(user_id).await?),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Lifts the mark of a removed identity, if the user may sign in and their sessions have not all ended since the
    /// account was read. A password reset shuts a thief out; a way in that the thief was about to add must not survive
    /// it.
    fn welcome(&self, account: &Account, key: &str) -> Result<TransactWriteItem, dynamo::Error> {
        let update = Update::builder()
            .table_name(self.dynamo.table(Account::TABLE))
            .key("user_id", text(&account.user_id))
            .update_expression("DELETE unlinked :ids")
            .condition_expression("#status = :active AND security_epoch = :epoch")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":ids", AttributeValue::Ss(vec![way_id(key)]))
            .expression_attribute_values(":active", text("active"))
            .expression_attribute_values(":epoch", number(account.security_epoch))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Marks an identity as removed, so that its owner does not come back through the address that the provider has
    /// proof of. The mark is part of the account, and is deleted with it.
    fn farewell(&self, target: &Identity) -> Result<TransactWriteItem, dynamo::Error> {
        let update = Update::builder()
            .table_name(self.dynamo.table(Account::TABLE))
            .key("user_id", text(&target.user_id))
            .update_expression("ADD unlinked :ids")
            .condition_expression("attribute_exists(user_id)")
            .expression_attribute_values(":ids", AttributeValue::Ss(vec![way_id(&target.identity)]))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Why an account gets no new way in.
    async fn refusal(&self, user_id: &str) -> Result<Error, Error> {
        Ok(match self.by_id(user_id).await? {
            Some(Account { status: Status::Active, .. }) => session::Error::Superseded.into(),
            _ => Error::Denied { denial: Denial::Disabled, user_id: Some(user_id.to_owned()) },
        })
    }

    /// Removes a way into an account for good, unless it is the last. The same transaction requires another way, so
    /// that of the last two only one can go. The writes that `also` makes for the removed way are part of it. Sessions
    /// that began with it live on. Only [`link`](Self::link) brings it back to this account.
    ///
    /// # Errors
    /// [`Error::Store`]: a repeat tells the outcome.
    pub async fn unlink(
        &self,
        user_id: &str,
        id: &str,
        also: impl Fn(&Way) -> Result<Vec<TransactWriteItem>, dynamo::Error>,
    ) -> Result<Unlinked, Error> {
        let identities = self.identities(user_id).await?;
        let Some(target) = identities.iter().find(|identity| identity.way().id == id) else {
            return Ok(Unlinked::Absent);
        };
        if target.kind() != WayKind::Oidc {
            return Ok(Unlinked::Needed);
        }
        let also = also(&target.way())?;
        let opens = |other: &&Identity| other.identity != target.identity && other.kind() != WayKind::Email;
        for other in identities.iter().filter(opens) {
            match self.delete_beside(target, other, &also).await {
                Ok(()) => return Ok(Unlinked::Gone(target.way())),
                Err(dynamo::Error::Condition) if !self.belongs(&target.identity, user_id).await? => {
                    return Ok(Unlinked::Absent);
                }
                // The other way is gone, or has no password any more: another one may serve.
                Err(dynamo::Error::Condition) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(if self.belongs(&target.identity, user_id).await? { Unlinked::Needed } else { Unlinked::Absent })
    }

    /// Deletes an identity if another one of its user opens the account.
    async fn delete_beside(
        &self,
        target: &Identity,
        other: &Identity,
        also: &[TransactWriteItem],
    ) -> Result<(), dynamo::Error> {
        let table = self.dynamo.table(identity::TABLE);
        let delete = Delete::builder()
            .table_name(&table)
            .key("identity", text(&target.identity))
            .condition_expression("user_id = :user")
            .expression_attribute_values(":user", text(&target.user_id))
            .build()?;
        let opens = match other.kind() {
            WayKind::Oidc => "user_id = :user",
            WayKind::Password | WayKind::Email => "user_id = :user AND attribute_exists(password_hash)",
        };
        let check = ConditionCheck::builder()
            .table_name(&table)
            .key("identity", text(&other.identity))
            .condition_expression(opens)
            .expression_attribute_values(":user", text(&target.user_id))
            .build()?;
        let items = [
            TransactWriteItem::builder().delete(delete).build(),
            TransactWriteItem::builder().condition_check(check).build(),
            self.farewell(target)?,
        ];
        self.write([&items, also].concat()).await
    }

    async fn belongs(&self, key: &str, user_id: &str) -> Result<bool, Error> {
        Ok(self.identity(key).await?.is_some_and(|identity| identity.user_id == user_id))
    }
}

/// The result of linking if the identity already has an owner.
fn theirs(holder: &Identity, user_id: &str) -> Result<Joined, Error> {
    if holder.user_id == user_id { Ok(Joined::Known) } else { Err(Error::Taken) }
}
