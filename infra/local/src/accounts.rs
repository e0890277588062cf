use crate::{failure::Failure, settings::Settings, stores};
use environment::Environment;
use jiff::Timestamp;
use reason::Reason;
use users::{Email, Error, Name, NewUser, Password, Passwords, Users};

/// A user to be added, as typed.
pub struct Person<'a> {
    /// The address; no proof of it is required here.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// A name to show.
    pub name: Option<&'a str>,
}

/// Adds a user, and returns whether the address was new; an existing account stays unchanged.
///
/// # Errors
/// When the address, the password or the name cannot be used, or the store cannot be asked.
pub async fn add(settings: &Settings, person: &Person<'_>, now: Timestamp) -> Result<bool, Failure> {
    let refused = |what: &str| {
        let name = what.to_owned();
        |reason: Reason| Failure::Setting { name, reason: reason.to_string() }
    };
    let email = Email::parse(person.email).map_err(refused("the address"))?;
    let password = Password::parse(person.password).map_err(refused("the password"))?;
    let name = person.name.map(Name::parse).transpose().map_err(refused("the name"))?;
    let mut environment = Environment::of(settings.pairs());
    let passwords = Passwords::from_environment(&mut environment);
    let users = Users::new(stores::dynamo(settings).await?, environment.finish(passwords)?);
    let new = NewUser { email, password: Some(password), name };
    match users.add(new, now).await {
        Ok(_) => Ok(true),
        Err(Error::Taken) => Ok(false),
        Err(source) => Err(Failure::User { email: person.email.to_owned(), source }),
    }
}
