use crate::{
    Error, Settings,
    kms::Kms,
    schedule::{Schedule, choose},
    store::{self, Store},
    wrap::Wrap,
};
use dynamo::Dynamo;
use jiff::Timestamp;

/// The signing keys, for operators of the API.
pub struct Keyring {
    store: Store,
    kms: Option<Kms>,
}

/// A signing key without its public and private halves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name in tokens and in the JWKS.
    pub kid: String,
    /// What it does now.
    pub state: State,
    /// When it was made.
    pub created_at: Timestamp,
    /// The first moment it signs, if no newer key does.
    pub signs_from: Timestamp,
    /// The first moment it may no longer sign.
    pub signs_until: Timestamp,
    /// The first moment it is no longer published.
    pub leaves_at: Timestamp,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Signs.
    Signing,
    /// Is published, and may sign later.
    Waiting,
    /// Is published, for tokens that are still valid.
    Leaving,
    /// No verifier accepts it.
    Gone,
}

impl State {
    /// The state's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Waiting => "waiting",
            Self::Leaving => "leaving",
            Self::Gone => "gone",
        }
    }
}

impl Keyring {
    /// The keys of the table `signing_keys`.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { store: Store::new(dynamo), kms: None }
    }

    /// Adds a connection to KMS, which making keys needs if the configuration names one of its keys.
    #[must_use]
    pub fn with(self, kms: Kms) -> Self {
        Self { kms: Some(kms), ..self }
    }

    fn wrap(&self, config: &Settings) -> Wrap {
        Wrap { kms: self.kms.clone(), key_id: config.wrap.clone() }
    }

    /// Every key that the table still has, the oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list(&self, now: Timestamp) -> Result<Vec<Named>, Error> {
        let mut keys = self.store.named().await?;
        keys.sort_by(|one, two| (one.term.created_at, &one.term.period).cmp(&(two.term.created_at, &two.term.period)));
        let chosen = chosen(&keys, now);
        Ok(keys.into_iter().map(|key| Named::of(key, chosen.as_deref(), now)).collect())
    }

    /// Makes a key that signs from ten minutes on, when every cached JWKS has it. The keys that sign until then stop at
    /// that moment, and leave the JWKS when their last token has expired. Every token stays verifiable. Returns the new
    /// key.
    ///
    /// `config` must be that of the functions that mint: it says how long their tokens live. After a failure, a repeat
    /// makes another key, which does no harm.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Wrap`] without KMS; [`Error::Signing`] without randomness.
    pub async fn rotate(&self, config: &Settings, now: Timestamp) -> Result<Named, Error> {
        let schedule = Schedule { period: config.period, lifetime: config.lifetime };
        let mut known: Vec<_> = self.store.named().await?.into_iter().map(|key| key.term).collect();
        for term in schedule.missing(known.clone(), now) {
            known.push(term.clone());
            self.store.add(term, &self.wrap(config)).await?;
        }
        let new = schedule.rotation(&known, now);
        let (period, signs_from) = (new.period.clone(), new.signs_from);
        // The new key first: otherwise none would take over when the old ones end.
        self.store.add(new, &self.wrap(config)).await?;

        let keys = self.store.named().await?;
        for key in keys.iter().filter(|key| key.term.signs_from <= now && key.term.period != period) {
            if let Some(cut) = key.term.cut(signs_from, config.lifetime) {
                self.store.end(&key.kid, &cut).await?;
            }
        }
        let made = keys.iter().find(|key| key.term.period == period).cloned().ok_or(dynamo::Error::Conflict)?;
        let chosen = chosen(&keys, now);
        Ok(Named::of(made, chosen.as_deref(), now))
    }

    /// Withdraws a key that leaked, or the one that signs: from now on the JWKS does not have it. Another published key
    /// takes over; if there is none, a new one is made. Returns the name of the withdrawn key, `None` when there is no
    /// such key.
    ///
    /// A verifier accepts the key until its copy of the JWKS is five minutes old. An instance of the function that
    /// mints may sign with it for as long, but those tokens are refused.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    pub async fn withdraw(
        &self,
        config: &Settings,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let keys = self.store.named().await?;
        let leaked = kid.map(str::to_owned).or_else(|| chosen(&keys, now));
        let Some(key) = keys.iter().find(|key| Some(&key.kid) == leaked.as_ref()) else { return Ok(None) };
        self.store.end(&key.kid, &key.term.withdrawn(now)).await?;

        let schedule = Schedule { period: config.period, lifetime: config.lifetime };
        let left: Vec<_> = self.store.named().await?.into_iter().map(|key| key.term).collect();
        for term in schedule.missing(left, now) {
            self.store.add(term, &self.wrap(config)).await?;
        }
        Ok(Some(key.kid.clone()))
    }
}

/// The name of the key that signs.
fn chosen(keys: &[store::Named], now: Timestamp) -> Option<String> {
    choose(keys, now).map(|key| key.kid.clone())
}

impl Named {
    fn of(store::Named { kid, term }: store::Named, chosen: Option<&str>, now: Timestamp) -> Self {
        let state = match () {
            () if chosen == Some(&kid) => State::Signing,
            () if now < term.signs_until => State::Waiting,
            () if now < term.leaves_at => State::Leaving,
            () => State::Gone,
        };
        let crate::schedule::Term { created_at, signs_from, signs_until, leaves_at, .. } = term;
        Self { kid, state, created_at, signs_from, signs_until, leaves_at }
    }
}

impl std::borrow::Borrow<crate::schedule::Term> for store::Named {
    fn borrow(&self) -> &crate::schedule::Term {
        &self.term
    }
}
