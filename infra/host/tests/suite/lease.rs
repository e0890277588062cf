use host::Lease;
use jiff::{SignedDuration, Timestamp};
use scene::{Fault, Stores, then};
use streams::Places;

const LIFE: SignedDuration = SignedDuration::from_secs(15);

fn places(number: &str) -> Places {
    [("sessions/shard-1".to_owned(), number.to_owned())].into()
}

fn after(seconds: i64) -> Timestamp {
    then() + SignedDuration::from_secs(seconds)
}

/// The leases of two instances.
async fn two() -> (Stores, Lease, Lease) {
    let stores = Stores::without_redis().await;
    let [one, other] = [(); 2].map(|()| Lease::new(stores.dynamo(), LIFE));
    (stores, one, other)
}

#[tokio::test]
async fn one_instance_holds_it_and_after_its_end_another_begins_where_that_one_was() {
    let (_stores, one, other) = two().await;
    assert_eq!(one.take(then()).await.unwrap(), Some(Places::new()));
    assert_eq!(other.take(after(0)).await.unwrap(), None);
    assert!(one.renew(&places("7"), after(10)).await.unwrap());
    assert_eq!(other.take(after(24)).await.unwrap(), None);
    assert_eq!(other.take(after(25)).await.unwrap(), Some(places("7")));
    assert!(!one.renew(&places("8"), after(26)).await.unwrap(), "it is another's");
    assert_eq!(one.take(after(27)).await.unwrap(), None);
    assert!(other.renew(&places("9"), after(28)).await.unwrap());
}

/// Also if no other instance has taken it meanwhile.
#[tokio::test]
async fn its_holder_takes_it_again() {
    let (_stores, one, _) = two().await;
    one.take(then()).await.unwrap();
    one.renew(&places("7"), then()).await.unwrap();
    assert_eq!(one.take(after(1)).await.unwrap(), Some(places("7")));
    assert_eq!(one.take(after(100)).await.unwrap(), Some(places("7")));
}

#[tokio::test]
async fn given_back_it_is_free_at_once_and_only_its_holder_gives_it_back() {
    let (_stores, one, other) = two().await;
    one.take(then()).await.unwrap();
    other.give_back(&places("1"), after(1)).await.unwrap();
    assert_eq!(other.take(after(1)).await.unwrap(), None);
    one.give_back(&places("7"), after(1)).await.unwrap();
    assert_eq!(other.take(after(1)).await.unwrap(), Some(places("7")));
    one.give_back(&places("2"), after(2)).await.unwrap();
    assert_eq!(one.take(after(2)).await.unwrap(), None);
}

#[tokio::test]
async fn of_many_that_ask_at_once_one_gets_it() {
    let stores = Stores::without_redis().await;
    let leases: Vec<_> = (0..20).map(|_| Lease::new(stores.dynamo(), LIFE)).collect();
    let taken = futures_util::future::join_all(leases.iter().map(|lease| lease.take(then()))).await;
    assert_eq!(taken.into_iter().filter(|taken| taken.as_ref().unwrap().is_some()).count(), 1);
}

#[tokio::test]
async fn a_store_that_is_away_gives_it_to_none() {
    let (stores, one, other) = two().await;
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert!(one.take(then()).await.is_err());
    stores.dynamo_proxy.heal();
    assert!(other.take(then()).await.unwrap().is_some());
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert!(other.renew(&Places::new(), then()).await.is_err());
}
