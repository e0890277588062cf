use crate::{
    Email, Error, Joined, Users,
    federated::admit,
    identity::{self, Identity},
    users::new_account,
    vouched::Vouched,
    ways::way_id,
};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use dynamo::text;
use session::Account;

impl Users {
    /// Gives an identity without an account to the account that has its address, or to a new one.
    pub(crate) async fn join(
        &self,
        new: &Identity,
        said: &Vouched,
        letter: &impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
    ) -> Result<Joined, Error> {
        let holder = match &said.email {
            Some(email) => self.identity(&email.key()).await?,
            None => None,
        };
        match (said.proven(), holder) {
            (Some(email), Some(holder)) if holder.verified => {
                if let Some((_, account)) = self.find(&email.key()).await? {
                    // The user removed this identity: only the user can bring it back.
                    if account.unlinked.contains(&way_id(&new.identity)) {
                        return Err(Error::Taken);
                    }
                    // A disabled account gets no new way in.
                    admit(account)?;
                }
                self.attach(new, email, &holder, letter(email)?).await?;
                Ok(Joined::Linked)
            }
            (_, Some(_)) => Err(Error::Taken),
            (_, None) => {
                self.make(new, said).await?;
                Ok(Joined::Created)
            }
        }
    }

    /// Writes the identity and the letter about it, if the address is still that user's and proven, and the account is
    /// not disabled. Otherwise the way in would exist on the day the account is enabled again, or outlive an account
    /// that is being erased.
    async fn attach(
        &self,
        new: &Identity,
        email: &Email,
        holder: &Identity,
        letter: TransactWriteItem,
    ) -> Result<(), Error> {
        let check = ConditionCheck::builder()
            .table_name(self.dynamo.table(identity::TABLE))
            .key("identity", text(email.key()))
            .condition_expression("user_id = :user AND verified = :true")
            .expression_attribute_values(":user", text(&holder.user_id))
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .build()
            .map_err(dynamo::Error::from)?;
        let identity = Identity { user_id: holder.user_id.clone(), ..new.clone() };
        let put = self.put_new(identity::TABLE, "identity", dynamo::encode(identity::TABLE, &identity)?)?;
        let proven = TransactWriteItem::builder().condition_check(check).build();
        Ok(self.write(vec![put, proven, self.may_join(&identity)?, letter]).await?)
    }

    /// Checks that there is such a user, who is not disabled and has not removed this identity.
    fn may_join(&self, identity: &Identity) -> Result<TransactWriteItem, dynamo::Error> {
        let check = ConditionCheck::builder()
            .table_name(self.dynamo.table(Account::TABLE))
            .key("user_id", text(&identity.user_id))
            .condition_expression("#status = :active AND NOT contains(unlinked, :id)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":active", text("active"))
            .expression_attribute_values(":id", text(way_id(&identity.identity)));
        Ok(TransactWriteItem::builder().condition_check(check.build()?).build())
    }

    async fn make(&self, new: &Identity, said: &Vouched) -> Result<(), Error> {
        let account = Account {
            email: said.email.as_ref().map(Email::to_string),
            email_verified: said.email_verified,
            name: said.name.clone(),
            picture: said.picture.clone(),
            ..new_account(new.created_at)
        };
        let mut identities = vec![Identity { user_id: account.user_id.clone(), ..new.clone() }];
        identities.extend(said.proven().map(|email| Identity::proven(email, &account.user_id, new.created_at)));
        Ok(self.write_new(&account, &identities).await?)
    }
}
