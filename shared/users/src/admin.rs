use crate::{
    Email, Error, Users,
    identity::{self, Identity},
};
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use dynamo::{Row, text};
use session::Account;

const CHALLENGES: &str = "challenges";
/// The most items in one transaction.
const MOST_ITEMS: usize = 100;

/// For operators of the API. These methods change an account without proof of who asks.
impl Users {
    /// The current account with this id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn by_id(&self, user_id: &str) -> Result<Option<Account>, Error> {
        let get = self.dynamo.client().get_item().table_name(self.dynamo.table(Account::TABLE)).consistent_read(true);
        let found = get.key("user_id", text(user_id)).send().await.map_err(dynamo::Error::from)?;
        Ok(found.item.map(Account::from_row).transpose()?)
    }

    /// The current account with this address. An unproven address that a provider sent finds nothing.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn by_email(&self, email: &Email) -> Result<Option<Account>, Error> {
        Ok(self.find(&email.key()).await?.map(|(_, account)| account))
    }

    /// Lets a user sign in again; ended sessions stay ended. `false`: there is no such user.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn enable(&self, user_id: &str) -> Result<bool, Error> {
        let enabled = dynamo::retry_conflicts(async || {
            let update = self.dynamo.client().update_item().table_name(self.dynamo.table(Account::TABLE));
            let update = update
                .key("user_id", text(user_id))
                .update_expression("SET #status = :active")
                .condition_expression("attribute_exists(user_id)")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":active", text("active"));
            update.send().await?;
            Ok(())
        });
        Ok(dynamo::held(enabled.await)?.is_some())
    }

    /// Deletes everything of a disabled user except the rows of sessions: [`Sessions`](session::Sessions) ends and
    /// deletes those before, and a disabled user can neither begin a session nor get a new way in. The account goes
    /// last, together with its address, so that a repeat finds it until then and finishes. `deleted` is called for each
    /// row.
    ///
    /// # Errors
    /// [`Error::Store`]: some rows may be gone.
    pub async fn erase(&self, account: &Account, mut deleted: impl FnMut()) -> Result<(), Error> {
        let user_id = &account.user_id;
        for hash in self.challenges_of(account).await? {
            self.delete(CHALLENGES, "token_hash", &hash).await?;
            deleted();
        }
        let identities = self.identities(user_id).await?;
        let (addresses, mut subjects): (Vec<_>, Vec<_>) =
            identities.into_iter().partition(|identity| identity.identity.starts_with("email#"));
        let room = MOST_ITEMS.saturating_sub(addresses.len() + 1);
        for surplus in subjects.drain(room.min(subjects.len())..) {
            self.delete(identity::TABLE, "identity", &surplus.identity).await?;
            deleted();
        }
        let last: Vec<Identity> = addresses.into_iter().chain(subjects).collect();
        let mut items = vec![self.item(Account::TABLE, "user_id", user_id)?];
        for identity in &last {
            items.push(self.item(identity::TABLE, "identity", &identity.identity)?);
        }
        self.write(items).await?;
        (0..=last.len()).for_each(|_| deleted());
        Ok(())
    }

    /// The mailed challenges of a user. There is no index: they live for a day, and their table is small.
    async fn challenges_of(&self, account: &Account) -> Result<Vec<String>, Error> {
        let scan = self.dynamo.client().scan().table_name(self.dynamo.table(CHALLENGES)).consistent_read(true);
        let scan =
            scan.projection_expression("token_hash").expression_attribute_values(":user", text(&account.user_id));
        // A challenge mailed to an address that this user never proved belongs to the address's owner.
        let scan = match account.proven_email() {
            Some(email) => scan
                .filter_expression("user_id = :user OR email = :email")
                .expression_attribute_values(":email", text(email)),
            None => scan.filter_expression("user_id = :user"),
        };
        let rows = scan.into_paginator().items().send().try_collect().await.map_err(dynamo::Error::from)?;
        Ok(keys(rows, "token_hash"))
    }

    async fn delete(&self, table: &str, key: &str, value: &str) -> Result<(), Error> {
        let delete = self.dynamo.client().delete_item().table_name(self.dynamo.table(table));
        delete.key(key, text(value)).send().await.map_err(dynamo::Error::from)?;
        Ok(())
    }

    fn item(&self, table: &str, key: &str, value: &str) -> Result<TransactWriteItem, dynamo::Error> {
        let delete = Delete::builder().table_name(self.dynamo.table(table)).key(key, text(value)).build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn keys(rows: Vec<Row>, key: &str) -> Vec<String> {
    rows.into_iter().filter_map(|mut row| row.remove(key)?.as_s().ok().cloned()).collect()
}
