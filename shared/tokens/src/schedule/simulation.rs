//! Instances with different settings mint at random moments; every promise to a verifier is checked.

use super::*;
use proptest::prelude::*;

/// How long a verifier may keep a JWKS.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(300);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Debug)]
enum Step {
    /// Time passes.
    Wait(SignedDuration),
    /// Time passes until this long after the next period of that length starts.
    WaitForPeriod(SignedDuration, SignedDuration),
    /// This instance mints.
    Mint(usize),
    /// An operator rotates, by the settings of this instance.
    Rotate(usize),
    /// An operator withdraws the key that signs, and every instance forgets it.
    Withdraw,
    /// This instance is redeployed with this period and this token lifetime in minutes.
    Configure(usize, SignedDuration, i64),
}

fn period() -> impl Strategy<Value = SignedDuration> {
    prop::sample::select(vec![HOUR, HOUR * 5, HOUR * 24, HOUR * 24 * 7, HOUR * 24 * 30])
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![1_i64..700, 700_i64..90_000, 90_000_i64..8_000_000];
    prop_oneof![
        3 => wait.prop_map(|seconds| Step::Wait(SignedDuration::from_secs(seconds))),
        2 => (period(), -700_i64..700).prop_map(|(p, s)| Step::WaitForPeriod(p, SignedDuration::from_secs(s))),
        6 => (0_usize..3).prop_map(Step::Mint),
        1 => (0_usize..3).prop_map(Step::Rotate),
        1 => Just(Step::Withdraw),
        1 => (0_usize..3, period(), 1_i64..90).prop_map(|(i, p, l)| Step::Configure(i, p, l)),
    ]
}

struct Instance {
    schedule: Schedule,
    remembered: Option<(Term, std::ops::Range<Timestamp>)>,
}

struct World {
    now: Timestamp,
    table: Vec<Term>,
    instances: [Instance; 3],
}

impl World {
    fn new() -> Self {
        let schedule = |hours| Schedule { period: HOUR * hours, lifetime: MAX_AGE };
        let instances = [720, 720, 168].map(|hours| Instance { schedule: schedule(hours), remembered: None });
        Self { now: Timestamp::UNIX_EPOCH + HOUR * 24 * 20_000, table: Vec::new(), instances }
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Wait(time) => self.now += time,
            Step::WaitForPeriod(period, offset) => {
                let next = Schedule { period, lifetime: MAX_AGE }.start_of_period(self.now) + period + offset;
                self.now = self.now.max(next);
            }
            Step::Configure(instance, period, minutes) => {
                let schedule = Schedule { period, lifetime: SignedDuration::from_mins(minutes) };
                self.instances[instance] = Instance { schedule, remembered: None };
            }
            Step::Mint(instance) => self.mint(instance)?,
            // No instance does both, or one of them twice, in the same moment.
            Step::Withdraw => {
                self.now += SignedDuration::from_secs(1);
                self.withdraw();
            }
            Step::Rotate(instance) => {
                self.now += SignedDuration::from_secs(1);
                self.rotate(self.instances[instance].schedule.period);
            }
        }
        Ok(())
    }

    fn mint(&mut self, instance: usize) -> Result<(), TestCaseError> {
        let (now, schedule) = (self.now, self.instances[instance].schedule);
        self.table.retain(|term| now < term.leaves_at + HOUR * 72);
        let remembered = self.instances[instance].remembered.take().filter(|(_, during)| during.contains(&now));
        let (key, during) = remembered.unwrap_or_else(|| {
            self.table.extend(schedule.missing(self.table.clone(), now));
            let key = choose(&self.table, now).expect("a key").clone();
            (key, now..schedule.settled_until(&self.table, now))
        });
        self.judge(&key, schedule)?;
        self.instances[instance].remembered = Some((key, during));
        Ok(())
    }

    /// As `Keyring::rotate` does. The lifetime must be that of the longest-lived tokens in use.
    fn rotate(&mut self, period: SignedDuration) {
        let longest = self.instances.iter().map(|instance| instance.schedule.lifetime).max();
        let (now, schedule) = (self.now, Schedule { period, lifetime: longest.expect("three") });
        self.table.extend(schedule.missing(self.table.clone(), now));
        let new = schedule.rotation(&self.table, now);
        // If no key could sign, the missing one that was just made is the new one.
        if self.table.iter().any(|term| term.period == new.period) {
            return;
        }
        for term in self.table.iter_mut().filter(|term| term.signs_from <= now) {
            if let Some(cut) = term.cut(new.signs_from, schedule.lifetime) {
                *term = cut;
            }
        }
        self.table.push(new);
    }

    fn withdraw(&mut self) {
        let now = self.now;
        let leaked = choose(&self.table, now).cloned();
        if let Some(term) = self.table.iter_mut().find(|term| Some(&**term) == leaked.as_ref()) {
            *term = term.withdrawn(now);
        }
        self.instances.iter_mut().for_each(|instance| instance.remembered = None);
    }

    fn judge(&self, key: &Term, schedule: Schedule) -> Result<(), TestCaseError> {
        let now = self.now;
        let stored = choose(&self.table, now).expect("a key");
        prop_assert_eq!(&key.period, &stored.period, "an instance chose from memory what the table denies");
        prop_assert!(now < stored.leaves_at, "not in the JWKS of now");
        let exp = after(now, schedule.lifetime).min(key.leaves_at);
        let whole = after(key.signs_until, schedule.lifetime) <= key.leaves_at;
        prop_assert!(exp > now && (!whole || exp == now + schedule.lifetime), "a token cut short");
        prop_assert!(exp <= stored.leaves_at, "a token outlives its key");
        for other in self.table.iter().filter(|other| other.period != key.period) {
            // A verifier's JWKS may be from before this key was made. Then no other key can have been usable.
            let seen = other.created_at.max(now - MAX_AGE)..(other.signs_until - PUBLISH_LEAD).min(key.created_at);
            prop_assert!(seen.is_empty(), "{other:?} was usable while {key:?} was not published");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_every_token_verifies_and_all_instances_choose_alike(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
        let mut periods: Vec<_> = world.table.iter().map(|term| &term.period).collect();
        periods.sort_unstable();
        periods.dedup();
        prop_assert_eq!(periods.len(), world.table.len(), "two keys for one period");
    }

    #[test]
    fn the_choice_depends_on_nothing_but_the_moments_in_the_table(
        steps in prop::collection::vec(step(), 1..40),
        turn in 0_usize..40,
        probe in -3_000_000_i64..9_000_000,
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
        let mut turned = world.table.clone();
        turned.reverse();
        let length = turned.len().max(1);
        turned.rotate_left(turn % length);
        let now = world.now + SignedDuration::from_secs(probe);
        prop_assert_eq!(choose(&world.table, now), choose(&turned, now));
    }
}
