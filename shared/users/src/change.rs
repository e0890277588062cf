use crate::{
    Email, Error, Password, Users,
    identity::{self, Identity},
    users::admit,
};
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use dynamo::text;
use jiff::Timestamp;
use session::{Account, Change, Ending, Sessions, Why};

/// How often other requests may change the account while its password is being replaced.
pub(crate) const ROUNDS: usize = 4;

/// A password that a signed-in user wants to replace.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The user.
    pub user_id: &'a str,
    /// The old password.
    pub current: &'a Password,
    /// The new password.
    pub new: &'a Password,
}

/// A user with the identity that holds their password, as both were at one moment; perhaps there is none.
pub struct Holder(Option<(Identity, Account)>);

impl Users {
    /// Replaces a password and ends every session of the user, in one transaction; `holder` is what
    /// [`holder`](Self::holder) has just read. Returns the account after that, so
    /// that a new session can begin at once. If its address is proven, the letter that `letter` makes is written in the
    /// same transaction. If the account already has the new password, this is the repeat of a try whose answer was
    /// lost: it finishes that try, changes nothing and writes no letter.
    ///
    /// # Errors
    /// [`Error::Denied`] when the current password is wrong or there is none, after the same reads and the same work.
    /// [`Error::Session`] and [`Error::Store`] when the change may be partly done: the caller repeats.
    pub async fn change_password(
        &self,
        sessions: &Sessions,
        change: PasswordChange<'_>,
        holder: Holder,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Account, Error> {
        let mut holder = holder;
        for _ in 1..ROUNDS {
            match self.try_to_change(sessions, &change, holder, &letter, now).await {
                // Another request changed the account after it was read: the new state decides.
                Err(Error::Session(session::Error::Superseded)) => {}
                outcome => return outcome,
            }
            holder = self.holder(change.user_id, None).await?;
        }
        self.try_to_change(sessions, &change, holder, &letter, now).await
    }

    /// Finishes a change of the password that ended the session it was requested with, for a caller who knows the new
    /// password.
    ///
    /// # Errors
    /// [`Error::Denied`] when the account has another password; otherwise as
    /// [`change_password`](Self::change_password).
    pub async fn finish_change(&self, sessions: &Sessions, holder: Holder, new: &Password) -> Result<Account, Error> {
        let [is_new] = self.verify(holder.0.as_ref(), [new]).await?;
        let (_, account) = admit(holder.0, is_new)?;
        finish(sessions, account).await
    }

    async fn try_to_change(
        &self,
        sessions: &Sessions,
        change: &PasswordChange<'_>,
        Holder(holder): Holder,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Account, Error> {
        // Both are always checked, so that the time does not reveal which of them is right.
        let [is_new, is_current] = self.verify(holder.as_ref(), [change.new, change.current]).await?;
        let (identity, account) = admit(holder, is_new || is_current)?;
        if is_new {
            return finish(sessions, account).await;
        }
        let new = self.hash(change.new).await?;
        let mut also = vec![self.replace_password(&identity, new)?];
        let proven = account.proven_email();
        if let Some(email) = proven.and_then(|email| Email::parse(email).ok()) {
            also.push(letter(&email)?);
        }
        let epoch = Some(account.security_epoch);
        let ending = Ending { why: Why::PasswordChanged, epoch, change: Change::Nothing, also };
        let ended = sessions.end_account(&account, ending, now).await?;
        Ok(Account { security_epoch: ended.epoch, sessions: [].into(), ..account })
    }

    /// The user with the identity that holds a password: the account's own address. That is probably `email`, which the
    /// user's session knows: then both are one read.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn holder(&self, user_id: &str, email: Option<&str>) -> Result<Holder, Error> {
        let read = async |email: Option<&str>| match email.and_then(|email| Email::parse(email).ok()) {
            Some(email) => self.snapshot(&email.key(), Some(user_id)).await,
            None => Ok(None),
        };
        let is_own = |(_, account): &(Identity, Account)| account.email.as_deref() == email;
        let found = match read(email).await?.filter(is_own) {
            None => read(self.by_id(user_id).await?.and_then(|account| account.email).as_deref()).await?,
            known => known,
        };
        Ok(Holder(found.filter(|(identity, _)| identity.user_id == user_id)))
    }

    /// Replaces the hash that was read, if it is still the user's.
    pub(crate) fn replace_password(&self, read: &Identity, hash: String) -> Result<TransactWriteItem, dynamo::Error> {
        let update = Update::builder()
            .table_name(self.dynamo.table(identity::TABLE))
            .key("identity", text(&read.identity))
            .update_expression("SET password_hash = :new")
            .expression_attribute_values(":new", text(hash))
            .expression_attribute_values(":user", text(&read.user_id));
        let update = match &read.password_hash {
            Some(old) => update
                .condition_expression("user_id = :user AND password_hash = :old")
                .expression_attribute_values(":old", text(old)),
            None => update.condition_expression("user_id = :user AND attribute_not_exists(password_hash)"),
        };
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

/// The account without sessions that have ended, whose ending is finished here.
async fn finish(sessions: &Sessions, mut account: Account) -> Result<Account, Error> {
    sessions.finish_user(&account.user_id).await?;
    account.sessions.retain(|_, entry| entry.epoch >= account.security_epoch);
    Ok(account)
}
