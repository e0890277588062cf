use crate::{
    Email, Entrant, Error, Joined, Users,
    identity::{self, Identity},
    vouched::{Vouched, name, picture},
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use dynamo::{moment, text};
use jiff::Timestamp;
use session::Account;

impl Users {
    /// Takes over a provider's current claims: an address that it has proven since, and the name and picture of an
    /// account that was made with this identity. Returns the account after that. The login does not depend on it: a
    /// failure is logged, and the next login tries again.
    pub(crate) async fn take_up(&self, read: &Identity, account: Account, said: &Vouched, now: Timestamp) -> Account {
        let profile = profile(read, &account, said);
        let promoted = said.proven().filter(|email| may_promote(read, &account, email));
        match self.write_profile(&account, profile, promoted, now).await {
            Ok(account) => account,
            Err(error) => {
                let user_id = &account.user_id;
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    user_id,
                    "what a provider says of its user is not taken up"
                );
                account
            }
        }
    }

    /// Notes that a person signed in with an identity that was known before: the others were written just now. The login
    /// does not depend on it: a failure is logged.
    pub async fn note_entry(&self, entrant: &Entrant, now: Timestamp) {
        if entrant.joined == Joined::Known {
            self.used(&entrant.key, &entrant.account.user_id, now).await;
        }
    }

    async fn used(&self, key: &str, user_id: &str, now: Timestamp) {
        let update = self.dynamo.client.update_item().table_name(self.dynamo.table(identity::TABLE));
        let update = update
            .key("identity", text(key))
            .update_expression("SET last_used_at = :now")
            // Otherwise the update would bring back an incomplete row for a removed identity.
            .condition_expression("user_id = :user")
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":user", text(user_id));
        let noted = self.dynamo.briefly(async { Ok::<_, dynamo::Error>(update.send().await?) });
        if let Err(error) = noted.await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                user_id,
                "the last use of an identity is not noted"
            );
        }
    }

    /// Writes what has changed, if anything. The address becomes the account's together with its key; if another
    /// account has the address, it stays unproven here.
    async fn write_profile(
        &self,
        read: &Account,
        profile: Account,
        promoted: Option<&Email>,
        now: Timestamp,
    ) -> Result<Account, Error> {
        if let Some(email) = promoted {
            let account = Account { email: Some(email.to_string()), email_verified: true, ..profile.clone() };
            let row = dynamo::encode(identity::TABLE, &Identity::proven(email, &account.user_id, now))?;
            let items = vec![self.replace_profile(read, &account)?, self.put_new(identity::TABLE, "identity", row)?];
            match self.dynamo.briefly(self.write(items)).await {
                Err(dynamo::Error::Condition) => {}
                written => return Ok(written.map(|()| account)?),
            }
        }
        if profile != *read {
            self.dynamo.briefly(self.write(vec![self.replace_profile(read, &profile)?])).await?;
        }
        Ok(profile)
    }

    /// The profile of a user who may sign in, if no address was proven for them since it was read.
    fn replace_profile(&self, read: &Account, new: &Account) -> Result<TransactWriteItem, dynamo::Error> {
        let members = [("#email", &new.email), ("#name", &new.name), ("#picture", &new.picture)];
        let set =
            members.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| format!(", {name} = :{}", &name[1..]));
        let gone: Vec<_> = members.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        let remove = if gone.is_empty() { String::new() } else { format!(" REMOVE {}", gone.join(", ")) };
        let update = Update::builder()
            .table_name(self.dynamo.table(Account::TABLE))
            .key("user_id", text(&new.user_id))
            .update_expression(format!("SET email_verified = :verified{}{remove}", set.collect::<String>()))
            .condition_expression("#status = :active AND email_verified = :before")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":active", text("active"))
            .expression_attribute_values(":before", AttributeValue::Bool(read.email_verified))
            .expression_attribute_values(":verified", AttributeValue::Bool(new.email_verified));
        let update = members.iter().fold(update, |update, (name, value)| {
            let update = update.expression_attribute_names(*name, &name[1..]);
            value.iter().fold(update, |update, value| {
                update.expression_attribute_values(format!(":{}", &name[1..]), text(value))
            })
        });
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

/// The account with the provider's current name and picture, if the account was made with this identity. A missing
/// value stays as it was, unless it would not be accepted today: an invalid picture, a name that cannot be shown.
fn profile(read: &Identity, account: &Account, said: &Vouched) -> Account {
    if !made(read, account) {
        return account.clone();
    }
    let kept = |old: &Option<String>, judge: fn(&str) -> Option<String>| old.as_deref().and_then(judge);
    Account {
        name: said.name.clone().or_else(|| kept(&account.name, name)),
        picture: said.picture.clone().or_else(|| kept(&account.picture, picture)),
        ..account.clone()
    }
}

/// Whether the account was made with this identity: then both have the same time, since they were written together.
/// Every other identity was added to an existing account.
fn made(identity: &Identity, account: &Account) -> bool {
    identity.created_at == account.created_at
}

/// Whether a proven address becomes the account's: the account has no proven one yet, and the address is the one that
/// is shown, or comes from the provider that the account was made with.
fn may_promote(read: &Identity, account: &Account, email: &Email) -> bool {
    let is_shown = account.email.as_deref() == Some(email.as_str());
    !account.email_verified && (is_shown || made(read, account))
}
