use session::{Account, Client, Login, Status};
use testkit::{Stores, now};

/// A person who signs in, with a profile of a certain length.
pub struct Person {
    /// The person's name in the table.
    pub name_of_row: &'static str,
    email: &'static str,
    name: Option<&'static str>,
    picture: Option<&'static str>,
    scopes: &'static [&'static str],
    auth_method: &'static str,
    user_agent: &'static str,
}

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// A password account with nothing but an address.
pub const SHORT: Person = Person {
    name_of_row: "short profile",
    email: "ada@example.com",
    name: None,
    picture: None,
    scopes: &[],
    auth_method: "password",
    user_agent: CHROME,
};

/// A password account whose owner gave a name.
pub const NAMED: Person = Person {
    name_of_row: "named profile",
    email: "maria.silva@example.br",
    name: Some("Maria Fernandes"),
    picture: None,
    scopes: &["read"],
    auth_method: "password",
    user_agent: CHROME,
};

/// What Google tells about a person: the address of a picture has about a hundred characters.
pub const TYPICAL: Person = Person {
    name_of_row: "typical profile",
    email: "maria.fernandes@example.com",
    name: Some("Maria Fernandes da Silva"),
    picture: Some(
        "https://lh3.example.com/a/ACg8ocKd0Zt8y3nB1mVq7rXw5uLs2hPj9cFe6aTgYiOk4vNxQzRb=s96-c-0123456789abcdef",
    ),
    scopes: &["read", "write"],
    auth_method: "oidc:google",
    user_agent: CHROME,
};

/// Longer than most: a company's address, a signed address of a picture, many scopes.
pub const LONG: Person = Person {
    name_of_row: "long profile",
    email: "maximiliana.alexandra.fernandes-montenegro@engineering.example-company.example.com",
    name: Some("Maximiliana Alexandra Fernandes Montenegro de Albuquerque e Castro"),
    picture: Some(concat!(
        "https://cdn.example.com/pictures/0123456789abcdef0123456789abcdef/256x256.webp?signature=",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    )),
    scopes: &["billing:read", "billing:write", "campaigns:read", "campaigns:write", "contacts:read", "contacts:write"],
    auth_method: "oidc:google",
    user_agent: CHROME,
};

/// All of them, from the shortest to the longest.
pub const PEOPLE: [&Person; 4] = [&SHORT, &NAMED, &TYPICAL, &LONG];

impl Person {
    /// An id of the form that account ids have.
    pub fn user_id(&self) -> String {
        format!("0198c0de-7a3b-7c4d-8e5f-{:012x}", self.email.len())
    }

    /// A user with this profile who has no session, as a login reads it.
    pub async fn account(&self, stores: &Stores) -> Account {
        let account = Account {
            user_id: self.user_id(),
            email: Some(self.email.to_owned()),
            email_verified: true,
            name: self.name.map(str::to_owned),
            picture: self.picture.map(str::to_owned),
            scopes: self.scopes.iter().map(ToString::to_string).collect(),
            status: Status::Active,
            security_epoch: 3,
            unlinked: [].into(),
            sessions: [].into(),
            created_at: now(),
        };
        let dynamo = stores.dynamo_itself();
        let row = dynamo::encode(Account::TABLE, &account).expect("a row");
        let put = dynamo.client().put_item().table_name(dynamo.table(Account::TABLE)).set_item(Some(row));
        put.send().await.expect("a written user");
        account
    }

    /// Their sign-in, from an address of the longer kind.
    pub fn login(&self, account: Account) -> Login<'static> {
        let client = Client {
            ip: Some("2001:db8:85a3:8d3:1319:8a2e:370:7348".to_owned()),
            user_agent: Some(self.user_agent.to_owned()),
            browser: None,
        };
        Login { account, auth_method: self.auth_method.to_owned(), client, presented: None }
    }
}
