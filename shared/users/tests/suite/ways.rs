//! The ways into an account: listed, and removed except for the last.

use crate::support::{EMAIL, PASSWORD, Scene, is_unknown, letter, somebody};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde_json::{Value, json};
use testkit::Fault;
use users::{Error, Joined, Unlinked, Way, WayKind};

/// No further writes with it.
fn nothing(_: &Way) -> Result<Vec<TransactWriteItem>, dynamo::Error> {
    Ok(Vec::new())
}

const ADDRESS: (&str, &str) = ("identity", "email#ada@example.com");

impl Scene {
    /// With the user Ada, who signs in with a password and with these subjects.
    async fn with_subjects(subjects: &[&str]) -> (Self, String) {
        let (scene, ada) = Self::with_ada().await;
        for subject in subjects {
            scene.link(&ada, &somebody(subject, &format!("{subject}@example.com"))).await.expect("a link");
        }
        (scene, ada)
    }

    async fn ways(&self, user_id: &str) -> Vec<Way> {
        self.users.ways(user_id).await.expect("the ways")
    }

    /// The way with this address.
    async fn way(&self, user_id: &str, email: &str) -> Way {
        let mut ways = self.ways(user_id).await.into_iter();
        ways.find(|way| way.email.as_deref() == Some(email)).expect("a way")
    }

    async fn unlink(&self, user_id: &str, email: &str) -> Unlinked {
        let id = self.way(user_id, email).await.id;
        self.users.unlink(user_id, &id, nothing).await.expect("an answer")
    }

    /// Removes the only way through a provider.
    async fn unlink_subject(&self, user_id: &str) -> Unlinked {
        let way = self.ways(user_id).await.into_iter().find(|way| way.kind == WayKind::Oidc).expect("a way");
        self.users.unlink(user_id, &way.id, nothing).await.expect("an answer")
    }

    /// Removes the password from the address: a provider remains, or nothing.
    async fn without_password(&self) {
        self.stores.change("user_identities", ADDRESS, |row| row["password_hash"] = Value::Null).await;
    }
}

#[tokio::test]
async fn every_way_is_told_oldest_first_and_none_of_anybody_else() {
    let (scene, ada) = Scene::with_subjects(&["one", "two"]).await;
    scene.add("bob@example.com", Some(PASSWORD)).await.unwrap();
    for (number, subject) in ["two", "one"].iter().enumerate() {
        let key = format!("oidc#https://id.example#{subject}");
        scene.stores.change("user_identities", ("identity", &key), |row| row["created_at"] = json!(number + 1)).await;
    }
    let ways = scene.ways(&ada).await;
    let told: Vec<_> = ways.iter().map(|way| (way.kind, way.provider.as_deref(), way.email.as_deref())).collect();
    assert_eq!(
        told,
        [
            (WayKind::Oidc, Some("acme"), Some("two@example.com")),
            (WayKind::Oidc, Some("acme"), Some("one@example.com")),
            (WayKind::Password, None, Some(EMAIL)),
        ]
    );
    // SHA-256 of "email#ada@example.com": neither address nor subject is in an id.
    assert_eq!(ways[2].id, "CueyFsx8Z5eyOqmRZGr37YG5gz9kBjGPRr_iAF6145A");
    scene.without_password().await;
    assert_eq!(scene.way(&ada, EMAIL).await.kind, WayKind::Email);
    assert_eq!(scene.ways("nobody").await, []);
}

/// The index returns a megabyte per call.
#[tokio::test]
async fn a_list_of_several_pages_is_told_whole() {
    let (scene, ada) = Scene::with_ada().await;
    let row = scene.stores.row("user_identities", ADDRESS).await.unwrap();
    for number in 0..8 {
        let mut more = row.clone();
        more["identity"] = json!(format!("oidc#https://id.example#{number}"));
        more["padding"] = json!("x".repeat(390_000));
        scene.stores.put("user_identities", &more).await;
    }
    let queries = scene.stores.dynamo_proxy.calls_of("Query");
    assert_eq!(scene.ways(&ada).await.len(), 9);
    assert!(scene.stores.dynamo_proxy.calls_of("Query") - queries > 1, "more than one page");
}

#[tokio::test]
async fn a_way_that_is_used_says_when() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    assert_eq!(scene.way(&ada, "one@example.com").await.last_used_at, None);
    let then = testkit::then();
    let entrant = scene.users.with_identity(&somebody("one", "one@example.com"), letter, then).await.unwrap();
    scene.users.note_entry(&entrant, then).await;
    assert_eq!(scene.way(&ada, "one@example.com").await.last_used_at, Some(then));
    // The first use is noted with the identity itself.
    let created =
        scene.users.with_identity(&somebody("new", "new@example.com"), letter, then).await.unwrap().account.user_id;
    let used: Vec<_> = scene.ways(&created).await.iter().map(|way| (way.kind, way.last_used_at)).collect();
    assert!(used.contains(&(WayKind::Oidc, Some(then))) && used.contains(&(WayKind::Email, None)), "{used:?}");
}

#[tokio::test]
async fn a_use_that_is_not_noted_keeps_nobody_out() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    assert_eq!(scene.enter(&somebody("one", "one@example.com")).await.unwrap().0, ada);
}

/// An incomplete row would let no user in, but block its key for every user.
#[tokio::test]
async fn a_use_that_is_noted_after_the_way_is_gone_leaves_nothing() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    let who = somebody("one", "one@example.com");
    let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
    let unlink = async {
        held.arrived().await;
        assert!(matches!(scene.unlink(&ada, "one@example.com").await, Unlinked::Gone(_)));
        held.release();
    };
    let (entered, ()) = tokio::join!(scene.enter(&who), unlink);
    assert_eq!(entered.unwrap().0, ada, "they came in before it went");
    assert_eq!(scene.count("user_identities").await, 1);
}

#[tokio::test]
async fn a_way_beside_others_goes_and_lets_nobody_in_any_more() {
    let (scene, ada) = Scene::with_subjects(&["one", "two"]).await;
    let way = scene.way(&ada, "one@example.com").await;
    assert_eq!(scene.unlink(&ada, "one@example.com").await, Unlinked::Gone(way.clone()));
    assert_ne!(scene.enter(&somebody("one", "other@example.com")).await.unwrap().0, ada, "free for somebody new");
    assert_eq!(scene.users.unlink(&ada, &way.id, nothing).await.unwrap(), Unlinked::Absent);
    assert_eq!(scene.ways(&ada).await.len(), 2);
}

#[tokio::test]
async fn a_way_of_somebody_else_is_as_absent_as_one_that_never_was() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    let bob = scene.add("bob@example.com", Some(PASSWORD)).await.unwrap();
    let theirs = scene.way(&ada, "one@example.com").await.id;
    let contents = scene.stores.contents().await;
    for id in [&*theirs, "", "oidc#https://id.example#one", &"A".repeat(43)] {
        assert_eq!(scene.users.unlink(&bob, id, nothing).await.unwrap(), Unlinked::Absent, "{id}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// Mail goes to the address, with or without a password.
#[tokio::test]
async fn the_address_stays() {
    let (scene, ada) = Scene::with_subjects(&["one", "two"]).await;
    assert_eq!(scene.unlink(&ada, EMAIL).await, Unlinked::Needed);
    scene.without_password().await;
    assert_eq!(scene.unlink(&ada, EMAIL).await, Unlinked::Needed);
    assert_eq!(scene.count("user_identities").await, 3);
}

/// An address without a password is not a way in.
#[tokio::test]
async fn the_last_way_in_stays() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    scene.without_password().await;
    assert_eq!(scene.unlink(&ada, "one@example.com").await, Unlinked::Needed);
    assert_eq!(scene.enter(&somebody("one", EMAIL)).await.unwrap().0, ada);
}

/// The remaining way is removed, or loses its password, after the list was read.
#[tokio::test]
async fn the_way_that_remains_is_checked_in_the_same_moment() {
    for rescue in [false, true] {
        let subjects: &[&str] = if rescue { &["one", "two"] } else { &["one"] };
        let (scene, ada) = Scene::with_subjects(subjects).await;
        let id = scene.way(&ada, "one@example.com").await.id;
        let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
        let overtake = async {
            held.arrived().await;
            scene.without_password().await;
            held.release();
        };
        let (unlinked, ()) = tokio::join!(scene.users.unlink(&ada, &id, nothing), overtake);
        let gone = matches!(unlinked.unwrap(), Unlinked::Gone(_));
        assert_eq!(gone, rescue, "another way in is looked for");
    }
}

#[tokio::test]
async fn of_the_last_two_ways_taken_away_at_once_one_stays() {
    let (scene, ada) = Scene::with_ada().await;
    scene.without_password().await;
    for round in 0..50 {
        let subjects = [0, 1].map(|number| format!("{round}-{number}"));
        for subject in &subjects {
            scene.link(&ada, &somebody(subject, &format!("{subject}@example.com"))).await.unwrap();
        }
        // A way left over from the round before would be a third one.
        for way in scene.ways(&ada).await {
            let mine = subjects.iter().any(|subject| way.email == Some(format!("{subject}@example.com")));
            if way.kind == WayKind::Oidc && !mine {
                assert!(matches!(scene.users.unlink(&ada, &way.id, nothing).await.unwrap(), Unlinked::Gone(_)));
            }
        }
        let [one, two] = subjects.each_ref().map(|subject| format!("{subject}@example.com"));
        let unlinked = tokio::join!(scene.unlink(&ada, &one), scene.unlink(&ada, &two));
        assert!(
            matches!(unlinked, (Unlinked::Gone(_), Unlinked::Needed) | (Unlinked::Needed, Unlinked::Gone(_))),
            "{unlinked:?}"
        );
        assert_eq!(scene.ways(&ada).await.iter().filter(|way| way.kind == WayKind::Oidc).count(), 1);
    }
}

#[tokio::test]
async fn a_store_that_fails_takes_nothing_away_and_a_repeat_tells() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    let id = scene.way(&ada, "one@example.com").await.id;
    for operation in ["Query", "TransactWriteItems"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        assert!(is_unknown(&scene.users.unlink(&ada, &id, nothing).await), "{operation}");
        scene.stores.dynamo_proxy.heal();
    }
    assert_eq!(scene.count("user_identities").await, 2);
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::Conflict, Fault::Conflict]);
    assert!(matches!(scene.users.unlink(&ada, &id, nothing).await.unwrap(), Unlinked::Gone(_)));
}

/// A malformed row is neither listed nor used as a way in.
#[tokio::test]
async fn a_corrupt_way_is_an_error() {
    let (scene, ada) = Scene::with_subjects(&["one"]).await;
    scene.stores.change("user_identities", ADDRESS, |row| row["created_at"] = json!("odd")).await;
    assert!(is_unknown(&scene.users.ways(&ada).await));
}

/// The provider has proven the account's own address, through which a new subject would join it.
#[tokio::test]
async fn a_way_that_was_taken_away_does_not_come_back_by_the_address() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", EMAIL);
    assert_eq!(scene.enter(&who).await.unwrap(), (ada.clone(), Joined::Linked));
    assert!(matches!(scene.unlink_subject(&ada).await, Unlinked::Gone(_)));
    let contents = scene.stores.contents().await;
    assert!(matches!(scene.enter(&who).await, Err(Error::Taken)));
    assert_eq!(scene.stores.contents().await, contents);
    assert_eq!(scene.enter(&somebody("other", EMAIL)).await.unwrap(), (ada, Joined::Linked), "which is another one");
}

/// The user may bring back what they removed.
#[tokio::test]
async fn linking_lifts_the_mark_of_a_way_that_was_taken_away() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", EMAIL);
    scene.enter(&who).await.unwrap();
    for _ in 0..2 {
        scene.unlink_subject(&ada).await;
        assert_eq!(scene.stores.stored_account(&ada).await.unlinked.len(), 1);
        assert_eq!(scene.link(&ada, &who).await.unwrap(), Joined::Linked);
        assert!(scene.stores.stored_account(&ada).await.unlinked.is_empty());
        assert_eq!(scene.enter(&who).await.unwrap(), (ada.clone(), Joined::Known));
    }
}

/// Between the read of the account and the write.
#[tokio::test]
async fn a_way_that_is_taken_away_meanwhile_does_not_join() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", EMAIL);
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let overtake = async {
        held.arrived().await;
        scene.link(&ada, &who).await.unwrap();
        scene.unlink_subject(&ada).await;
        held.release();
    };
    let (entered, ()) = tokio::join!(scene.enter(&who), overtake);
    assert!(matches!(entered, Err(Error::Taken)), "{entered:?}");
    assert_eq!(scene.count("user_identities").await, 1);
}

/// The mark is part of the account.
#[tokio::test]
async fn a_way_that_was_taken_away_is_free_once_the_account_is_gone() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", EMAIL);
    scene.enter(&who).await.unwrap();
    scene.unlink_subject(&ada).await;
    scene.erase(&ada).await;
    assert!(!format!("{:?}", scene.stores.contents().await).contains("unlinked"));
    assert_eq!(scene.enter(&who).await.unwrap().1, Joined::Created);
}
