use crate::{
    Email, Error, Password, Users,
    identity::{self, Identity},
    users::{admit, of_one_user},
};
use dynamo::{moment, text};
use jiff::Timestamp;
use session::Account;

/// An address that a person claims, and whose it seems to be.
pub struct Claim {
    key: String,
    /// `None`: no user has this address.
    user_id: Option<String>,
}

/// The account of a claimed address with the hash of its password, as both were at one moment; perhaps there is none.
pub struct Claimed(Option<(Identity, Account)>);

/// A claim that the right password has proven.
pub struct Proven {
    /// The account, as it was when the hash was read.
    pub account: Account,
    identity: Identity,
}

impl Users {
    /// The account that this address and password open, as it was when the hash was read. A hash that is weaker than
    /// today's is replaced.
    ///
    /// # Errors
    /// [`Error::Denied`] for every refusal, after the same reads and the same work.
    pub async fn with_password(&self, email: &Email, password: &Password, now: Timestamp) -> Result<Account, Error> {
        let claimed = self.claimed(&self.claim(email).await?).await?;
        let proven = self.proven(claimed, password).await?;
        self.note_use(&proven, password, now).await;
        Ok(proven.account)
    }

    /// The first of the four parts of [`with_password`](Self::with_password), for a caller that has other things to do
    /// meanwhile: finds out who has an address. One read.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn claim(&self, email: &Email) -> Result<Claim, Error> {
        let key = email.key();
        let user_id = self.identity(&key).await?.map(|identity| identity.user_id);
        Ok(Claim { key, user_id })
    }

    /// The second: reads what the password is compared with. The same read whether or not there is an account.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn claimed(&self, claim: &Claim) -> Result<Claimed, Error> {
        Ok(Claimed(of_one_user(self.snapshot(&claim.key, claim.user_id.as_deref()).await?)?))
    }

    /// The third: checks the password.
    ///
    /// # Errors
    /// [`Error::Denied`] for every refusal, after the same work.
    pub async fn proven(&self, claimed: Claimed, password: &Password) -> Result<Proven, Error> {
        let Claimed(found) = claimed;
        let [verified] = self.verify(found.as_ref(), [password]).await?;
        let (identity, account) = admit(found, verified)?;
        Ok(Proven { account, identity })
    }

    /// The last: notes when the password was last used, and renews its hash if it is weaker than today's. A failure is
    /// logged and does no harm: the next login tries again.
    pub async fn note_use(&self, proven: &Proven, password: &Password, now: Timestamp) {
        if let Err(error) = self.try_to_note_use(&proven.identity, password, now).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                user_id = proven.account.user_id,
                "the use of a password is not noted, and its hash stays as it is"
            );
        }
    }

    async fn try_to_note_use(&self, read: &Identity, password: &Password, now: Timestamp) -> Result<(), Error> {
        let Some(old) = &read.password_hash else { return Ok(()) };
        let update = self.dynamo.client.update_item().table_name(self.dynamo.table(identity::TABLE));
        let update = update
            .key("identity", text(&read.identity))
            // A password that was changed meanwhile is not restored, and a removed identity is not recreated.
            .condition_expression("user_id = :user AND password_hash = :old")
            .expression_attribute_values(":user", text(&read.user_id))
            .expression_attribute_values(":old", text(old))
            .expression_attribute_values(":now", moment(now));
        let update = if self.passwords.is_weak(old) {
            update
                .update_expression("SET last_used_at = :now, password_hash = :new")
                .expression_attribute_values(":new", text(self.hash(password).await?))
        } else {
            update.update_expression("SET last_used_at = :now")
        };
        self.dynamo.briefly(async { Ok::<_, dynamo::Error>(update.send().await?) }).await?;
        Ok(())
    }
}
