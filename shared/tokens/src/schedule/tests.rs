use super::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
const MONTHLY: Schedule = Schedule { period: MONTH, lifetime: SignedDuration::from_mins(5) };
const WEEKLY: Schedule = Schedule { period: WEEK, lifetime: SignedDuration::from_mins(5) };

/// The start of the 1000th month of our calendar, which is not the start of any week.
fn month(number: i32) -> Timestamp {
    Timestamp::UNIX_EPOCH + MONTH * (1000 + number)
}

/// Changes the table as a mint at `now` does; returns the key it signs with.
fn mint(table: &mut Vec<Term>, schedule: Schedule, now: Timestamp) -> Term {
    table.extend(schedule.missing(table.clone(), now));
    choose(table, now).expect("a key").clone()
}

/// The period of the key that signs.
fn signs(table: &[Term], now: Timestamp) -> Timestamp {
    choose(table, now).expect("a key").period.parse().expect("a moment")
}

#[test]
fn periods_are_aligned_to_the_epoch() {
    let mut table = Vec::new();
    mint(&mut table, WEEKLY, "2026-03-04T05:06:07Z".parse().expect("a moment"));
    let periods: Vec<_> = table.iter().map(|term| term.period.as_str()).collect();
    assert_eq!(periods, ["2026-02-26T00:00:00Z", "2026-03-05T00:00:00Z"]);
}

#[test]
fn the_very_first_key_signs_at_once() {
    let (mut table, now) = (Vec::new(), month(0) + DAY);
    assert_eq!(mint(&mut table, MONTHLY, now).period, month(0).to_string());
}

#[test]
fn a_mint_makes_the_key_of_the_next_period_too_so_each_is_published_a_period_before_it_signs() {
    let mut table = Vec::new();
    for number in 0..8 {
        for hour in [0, 1, 24, 300, 719] {
            mint(&mut table, MONTHLY, month(number) + SignedDuration::from_hours(hour));
        }
    }
    assert_eq!(table.len(), 9);
    for (number, key) in (0..).zip(&table).skip(1) {
        assert_eq!(key.signs_from, month(number));
        assert_eq!(key.created_at, month(number - 1));
    }
}

#[test]
fn a_key_takes_over_at_the_start_of_its_period() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    let moment = SignedDuration::from_millis(1);
    assert_eq!(signs(&table, month(1) - moment), month(0));
    assert_eq!(signs(&table, month(1)), month(1));
}

#[test]
fn a_key_made_late_waits_until_it_has_been_published_long_enough() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    let late = month(2) + DAY;
    mint(&mut table, MONTHLY, late);
    assert_eq!(signs(&table, late), month(1), "the older key bridges");
    assert_eq!(signs(&table, late + PUBLISH_LEAD - SignedDuration::from_millis(1)), month(1));
    assert_eq!(signs(&table, late + PUBLISH_LEAD), month(2));
}

#[test]
fn a_next_key_made_in_the_last_minutes_of_a_period_waits_as_well() {
    let (mut table, now) = (Vec::new(), month(1) - MINUTE);
    mint(&mut table, MONTHLY, now);
    assert_eq!(signs(&table, month(1)), month(0));
    assert_eq!(signs(&table, now + PUBLISH_LEAD), month(1));
}

#[test]
fn after_a_long_silence_a_new_key_signs_at_once() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    let now = month(5) + DAY;
    assert_eq!(mint(&mut table, MONTHLY, now).period, month(5).to_string());
}

#[test]
fn a_bridge_that_ends_early_is_used_to_its_end() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    let now = month(3) + MINUTE * 4;
    mint(&mut table, MONTHLY, now);
    assert_eq!(signs(&table, now), month(1));
    assert_eq!(signs(&table, month(3) + PUBLISH_LEAD - MINUTE), month(1));
    assert_eq!(signs(&table, month(3) + PUBLISH_LEAD), month(3), "its bridge is over");
}

#[test]
fn a_key_is_published_until_the_last_token_it_may_have_signed_is_over() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0) + DAY);
    assert_eq!(table[0].signs_until, month(2) + PUBLISH_LEAD);
    assert_eq!(table[0].leaves_at, month(2) + PUBLISH_LEAD + MONTHLY.lifetime);
    assert_eq!(choose(&table[..1], table[0].signs_until), None);
}

#[test]
fn a_shorter_period_and_back_neither_strands_nor_forks_keys() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    let change = month(0) + DAY * 3;
    assert_eq!(mint(&mut table, WEEKLY, change).period, month(0).to_string(), "the monthly key bridges");
    let weekly = mint(&mut table, WEEKLY, change + PUBLISH_LEAD);
    assert_ne!(weekly.period, month(0).to_string(), "the weekly key has been published");
    assert_eq!(mint(&mut table, MONTHLY, change + PUBLISH_LEAD), weekly, "configured otherwise, chosen alike");

    let back = month(0) + DAY * 20;
    let made = table.len();
    let before = mint(&mut table, WEEKLY, back);
    let weeks = table.len();
    assert!(weeks > made);
    assert_eq!(mint(&mut table, MONTHLY, back), before);
    assert_eq!(table.len(), weeks, "the monthly keys are there already");
    assert_eq!(mint(&mut table, MONTHLY, month(1)).period, month(1).to_string());
}

#[test]
fn a_row_of_a_shorter_period_that_starts_alike_does_not_leave_us_without_a_key() {
    let daily = Schedule { period: DAY, ..MONTHLY };
    let mut table = Vec::new();
    mint(&mut table, daily, month(0));
    let now = month(0) + DAY * 10;
    let key = mint(&mut table, MONTHLY, now);
    assert_eq!(key.period, month(1).to_string(), "this month's row exists, but its key is spent");
    assert_eq!(mint(&mut table, MONTHLY, now + DAY), key);
}

#[test]
fn rivals_that_find_only_spent_keys_in_one_instant_choose_alike() {
    let daily = Schedule { period: DAY, ..MONTHLY };
    let mut table = Vec::new();
    mint(&mut table, daily, month(0));
    let now = month(0) + DAY * 10;
    let key = mint(&mut table, MONTHLY, now);
    assert_eq!(mint(&mut table, WEEKLY, now), key);
}

#[test]
fn a_short_bridge_hands_over_to_a_longer_one() {
    let hourly = Schedule { period: SignedDuration::from_hours(1), ..MONTHLY };
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0) + DAY);
    mint(&mut table, hourly, month(0) + DAY);
    let now = month(0) + DAY + SignedDuration::from_hours(3) + MINUTE * 4;
    mint(&mut table, hourly, now);
    assert_eq!(signs(&table, now), month(0) + DAY + SignedDuration::from_hours(1));
    assert_eq!(signs(&table, now + MINUTE * 6), month(0));
    assert_eq!(signs(&table, now + PUBLISH_LEAD), month(0) + DAY + SignedDuration::from_hours(3));
}

#[test]
fn where_the_signing_key_was_deleted_the_one_published_the_longest_signs() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    table.remove(0);
    let now = month(0) + DAY;
    assert_eq!(mint(&mut table, MONTHLY, now).period, month(1).to_string());
    let replaced = mint(&mut table, MONTHLY, now + PUBLISH_LEAD);
    assert_eq!(replaced.period, month(0).to_string());
    assert_eq!(replaced.created_at, now, "the replacement signs once it has been published");
}

#[test]
fn a_choice_is_looked_at_again_after_five_minutes_and_whenever_something_changes() {
    let mut table = Vec::new();
    mint(&mut table, MONTHLY, month(0));
    assert_eq!(MONTHLY.settled_until(&table, month(0)), month(0) + MINUTE * 5);
    assert_eq!(MONTHLY.settled_until(&table, month(1) - MINUTE), month(1), "a key starts");

    let late = month(2) + DAY;
    mint(&mut table, MONTHLY, late);
    let waiting = late + PUBLISH_LEAD - MINUTE;
    assert_eq!(MONTHLY.settled_until(&table, waiting), late + PUBLISH_LEAD, "a key starts");

    let next = month(3).to_string();
    let without_next: Vec<_> = table.iter().filter(|term| term.period != next).collect();
    assert_eq!(MONTHLY.settled_until(&without_next, month(3) - MINUTE), month(3), "a key has to be made");

    let last = table.pop().expect("a key");
    let end = last.signs_until;
    assert_eq!(MONTHLY.settled_until(&[last], end - MINUTE), end, "the key ends");
}

#[test]
fn moments_stay_inside_the_calendar() {
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let terms = MONTHLY.missing(Vec::new(), now);
        assert!(terms.iter().all(|term| term.leaves_at >= term.signs_until));
    }
}
