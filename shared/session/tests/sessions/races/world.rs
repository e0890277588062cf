use super::{dice::Dice, oracle::Oracle};
use crate::support::{DUE, ago, hot, is_alive, key, login, map_and_rows, why};
use backon::{ConstantBuilder, Retryable};
use futures_util::future::join_all;
use session::{Policy, Sessions, Slide, Why};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use testkit::{Fault, RedisFault, Stores, now};

/// Removes a record, never a tombstone, from Redis, as an eviction might.
const EVICT: &str = "if redis.call('GET', KEYS[1]) ~= '!' then redis.call('DEL', KEYS[1]) end";

/// The highest cap there is.
pub const MOST: usize = 48;

/// Ada, her sessions, and what is known about them.
pub struct World {
    pub stores: Stores,
    instances: Vec<Sessions>,
    oracle: Oracle,
    logins: AtomicUsize,
    /// Sessions end because there are too many, so one may be over that no request ended.
    capped: bool,
}

impl World {
    pub async fn new(stores: Stores, per_user: usize, capped: bool) -> Arc<Self> {
        stores.account("ada").await;
        let instances = (0..4).map(|_| stores.sessions(Policy { per_user, ..Policy::default() })).collect();
        Arc::new(Self { stores, instances, oracle: Oracle::default(), logins: 0.into(), capped })
    }

    /// One request of a random kind, with a random token, to a random instance.
    async fn step(&self, dice: &mut Dice) {
        let (instance, number) = (&self.instances[dice.roll(self.instances.len())], dice.roll(1_000));
        match dice.roll(100) {
            0..20 => self.log_in(instance, number % 2 == 0).await,
            20..70 => self.authenticate(instance, number).await,
            70..88 => self.log_out(instance, number).await,
            88..91 => self.log_out_everywhere(instance, number).await,
            _ => self.evict(number).await,
        }
    }

    async fn log_in(&self, instance: &Sessions, due: bool) {
        if !self.capped && self.logins.fetch_add(1, Ordering::SeqCst) >= MOST - 1 {
            return;
        }
        let account = self.stores.stored_account("ada").await;
        let (epoch, at) = (account.security_epoch, if due { ago(DUE) } else { now() });
        if let Ok((token, _)) = instance.create(login(account), at).await {
            self.oracle.made(token, epoch);
        }
    }

    async fn authenticate(&self, instance: &Sessions, number: usize) {
        let Some((request, token)) = self.oracle.request(number) else { return };
        let slide = if number.is_multiple_of(3) { Slide::No } else { Slide::Yes };
        match instance.authenticate(&token, slide, now()).await {
            Ok(Some(_)) => self.oracle.served(request),
            Ok(None) if self.capped => {
                assert!(why(&self.stores, &token).await.is_some(), "a live session is signed out");
            }
            Ok(None) => self.oracle.signed_out(request),
            // A store was too slow or broken: the result is unknown.
            Err(_) => {}
        }
    }

    async fn log_out(&self, instance: &Sessions, number: usize) {
        let Some((request, token)) = self.oracle.request(number) else { return };
        self.oracle.ending(request);
        if instance.revoke(&token, now()).await.is_ok() {
            self.oracle.ended(request);
        }
    }

    async fn log_out_everywhere(&self, instance: &Sessions, number: usize) {
        let Some((request, token)) = self.oracle.request(number) else { return };
        self.oracle.ending_all(request);
        // A session that was already logged out signs out no other session.
        if instance.revoke_all(&token, now()).await.is_ok() && why(&self.stores, &token).await.unwrap() == "logout_all"
        {
            self.oracle.ended_all(request);
        }
    }

    async fn evict(&self, number: usize) {
        if let Some((_, token)) = self.oracle.request(number)
            && self.stores.redis.is_some()
        {
            self.stores.redis_command::<()>(&["EVAL", EVICT, "1", &key(&token)]).await;
        }
    }
}

impl World {
    /// Fifty users of the one account, each with its own dice.
    pub async fn turmoil(self: &Arc<Self>, seed: u64) {
        let users = (0..50).map(|user| {
            let world = Arc::clone(self);
            tokio::spawn(async move {
                let mut dice = Dice::new(seed * 1_000 + user);
                for _ in 0..5 {
                    world.step(&mut dice).await;
                }
            })
        });
        for user in join_all(users).await {
            user.unwrap();
        }
    }

    /// With the stores healthy again, repeats finish what was left, and nothing remains where it must not be.
    pub async fn settle(&self) {
        let instance = &self.instances[0];
        let (ending, ending_all) = self.oracle.begun();
        for token in &ending_all {
            instance.revoke_all(token, now()).await.unwrap();
        }
        for token in &ending {
            instance.revoke(token, now()).await.unwrap();
        }
        // An abandoned write may still wait in the store, and win against a login.
        let patience = ConstantBuilder::default().with_delay(Duration::from_millis(100)).with_max_times(20);
        let login = async || instance.create(login(self.stores.stored_account("ada").await), now()).await;
        login.retry(patience).await.unwrap();
        self.tidy_up().await;
        let (map, alive) = map_and_rows(&self.stores, "ada").await;
        let (dead, lost): (Vec<_>, Vec<_>) = (
            map.iter().filter(|id| !alive.contains(id)).collect(),
            alive.iter().filter(|id| !map.contains(id)).collect(),
        );
        assert!(dead.is_empty() && lost.is_empty(), "dead in the map: {dead:?}; lost from it: {lost:?}");
        let alive: HashSet<_> = alive.into_iter().collect();
        for (number, token) in self.oracle.tokens().iter().enumerate() {
            let lives = alive.contains(token.id().as_str());
            if !lives && self.stores.redis.is_some() {
                assert!(
                    hot(&self.stores, token).await.is_none_or(|value| value == "!"),
                    "a hot copy of a dead session"
                );
            }
            let instance = &self.instances[number % self.instances.len()];
            assert_eq!(is_alive(instance, token).await, lives, "{}", token.id());
        }
    }

    /// A store that was busy may have kept requests from removing ended sessions from the map. Ending them once more
    /// does it.
    async fn tidy_up(&self) {
        let instance = self.stores.sessions(Policy::default());
        let (_, alive) = map_and_rows(&self.stores, "ada").await;
        let map = self.stores.stored_account("ada").await.sessions;
        for id in map.keys().filter(|id| !alive.contains(&id.to_string())) {
            instance.end_one("ada", id, Why::Ended, now()).await.unwrap();
        }
    }

    /// Breaks something every few milliseconds, for ever.
    pub async fn sabotage(&self, mut dice: Dice) {
        let redis = self.stores.redis_proxy.as_ref().unwrap();
        let port = self.stores.redis.as_ref().unwrap().port();
        let dynamo = &self.stores.dynamo_proxy;
        loop {
            let command = ["GET", "PTTL", "SET", "SET", "PEXPIREAT"][dice.roll(5)];
            let call = ["GetItem", "UpdateItem", "UpdateItem", "TransactWriteItems"][dice.roll(4)];
            let fault = [Fault::Fail, Fault::LoseAnswer, Fault::Throttle, Fault::Conflict][dice.roll(4)];
            match dice.roll(12) {
                0 => redis.fail_over_to(port),
                1..=3 => redis.break_next(command, &[RedisFault::Close, RedisFault::Close]),
                4..=5 => redis.break_next(command, &[RedisFault::LoseAnswer]),
                6 => redis.break_next(command, &[RedisFault::Late]),
                7 => redis.deliver_late().await,
                8..=10 => dynamo.break_next(call, &[fault]),
                _ => dynamo.break_next(call, &[fault; 3]),
            }
            tokio::time::sleep(Duration::from_millis(2 + dice.roll(10) as u64)).await;
        }
    }
}
