//! A password is replaced by a person who knows it. ASVS 6.2.2, 6.2.3, 7.4.3.

use crate::support::{EMAIL, PASSWORD, Scene, denial, is_unknown, letter, secret, somebody};
use futures_util::future::join_all;
use serde_json::json;
use session::{Account, Client, Login, Token};
use testkit::{Fault, Logs, RedisFault, Stores, now, on_both_stores};
use users::{Denial, Error, PasswordChange};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");
const NEW: &str = "an entirely new passphrase";

impl Scene {
    async fn change(&self, user_id: &str, current: &str, new: &str) -> Result<Account, Error> {
        let (current, new) = (secret(current), secret(new));
        let change = PasswordChange { user_id, current: &current, new: &new };
        let holder = self.users.holder(user_id, Some(EMAIL)).await?;
        self.users.change_password(&self.sessions(), change, holder, letter, now()).await
    }

    /// Begins a session for the account that a change returned.
    async fn begin(&self, account: Account) -> Token {
        let login = Login { account, auth_method: "password".to_owned(), client: Client::default(), presented: None };
        self.sessions().create(login, now()).await.expect("a session").0
    }
}

on_both_stores! {
    async fn a_change_ends_every_session_and_lets_a_new_one_begin(stores) {
        let scene = Scene::on(stores);
        let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
        let old = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
        let account = scene.change(&user_id, PASSWORD, NEW).await.unwrap();
        assert_eq!((account.security_epoch, account.sessions.len()), (1, 0));
        assert!(!scene.lives(&old).await);
        let token = scene.begin(account).await;
        assert!(scene.lives(&token).await);
        assert_eq!(denial(scene.log_in(EMAIL, PASSWORD).await).0, Denial::WrongPassword);
        scene.log_in(EMAIL, NEW).await.unwrap();
        let row = scene.stores.row("sessions", ("session_id", old.id().as_str())).await.unwrap();
        assert_eq!(row["revoked_why"], "password_changed");
    }
}

/// One line for one request, though it compares the hash with both passwords.
#[tokio::test]
async fn a_hash_that_cannot_be_read_takes_no_change() {
    let (scene, user_id) = Scene::with_ada().await;
    scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = json!("$argon2id$")).await;
    let logs = Logs::capture();
    assert_eq!(denial(scene.change(&user_id, PASSWORD, NEW).await).0, Denial::WrongPassword);
    assert_eq!(logs.of("users::users").len(), 1, "{}", logs.text());
}

/// The letter is committed with the change, once, and only to a proven address.
#[tokio::test]
async fn a_change_writes_one_letter_to_a_proven_address() {
    let (scene, user_id) = Scene::with_ada().await;
    assert_eq!(denial(scene.change(&user_id, "wrong password", NEW).await).0, Denial::WrongPassword);
    assert_eq!(scene.count("outbox").await, 0);
    scene.change(&user_id, PASSWORD, NEW).await.unwrap();
    assert_eq!(scene.stores.contents().await["test-outbox"], json!([{ "mail_id": EMAIL }]));
    scene
        .stores
        .dynamo_itself()
        .client()
        .delete_item()
        .table_name("test-outbox")
        .key("mail_id", dynamo::text(EMAIL))
        .send()
        .await
        .unwrap();
    scene.change(&user_id, PASSWORD, NEW).await.unwrap();
    assert_eq!(scene.count("outbox").await, 0, "a repeat writes none");
    scene.stores.change("users", ("user_id", &user_id), |row| row["email_verified"] = json!(false)).await;
    scene.change(&user_id, NEW, PASSWORD).await.unwrap();
    assert_eq!(scene.count("outbox").await, 0, "nobody has shown that the address is theirs");
}

#[tokio::test]
async fn whoever_does_not_know_the_password_changes_nothing() {
    let (scene, ada) = Scene::with_ada().await;
    let (oidc, _) = scene.enter(&somebody("oidc", "oidc@example.com")).await.unwrap();
    let disabled = scene.add("disabled@example.com", Some(PASSWORD)).await.unwrap();
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    let contents = scene.stores.contents().await;
    for (user_id, current, expected) in [
        (&*ada, "wrong password", Denial::WrongPassword),
        (&*oidc, PASSWORD, Denial::NoPassword),
        (&*disabled, PASSWORD, Denial::Disabled),
        ("nobody", PASSWORD, Denial::UnknownAccount),
    ] {
        assert_eq!(denial(scene.change(user_id, current, NEW).await).0, expected, "{user_id}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// The address in the account's row is another user's way in.
#[tokio::test]
async fn nobody_changes_the_password_of_another_user() {
    let (scene, ada) = Scene::with_ada().await;
    let eve = scene.add("eve@example.com", Some("the password of eve")).await.unwrap();
    scene.stores.change("users", ("user_id", &eve), |row| row["email"] = json!(EMAIL)).await;
    assert_eq!(denial(scene.change(&eve, PASSWORD, NEW).await).0, Denial::UnknownAccount);
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, ada);
}

/// The repeat of a change whose answer was lost sends the old password, which is no longer valid.
#[tokio::test]
async fn a_new_password_that_is_the_account_s_already_is_a_repeat() {
    let (scene, user_id) = Scene::with_ada().await;
    scene.change(&user_id, PASSWORD, NEW).await.unwrap();
    let token = scene.sign_in(EMAIL, NEW).await.unwrap();
    let account = scene.change(&user_id, PASSWORD, NEW).await.unwrap();
    assert_eq!(account.security_epoch, 1, "nothing is ended twice");
    assert!(scene.lives(&token).await);
    scene.begin(account).await;
}

#[tokio::test]
async fn a_change_is_finished_for_whoever_knows_the_new_password() {
    let (scene, user_id) = Scene::with_ada().await;
    scene.change(&user_id, PASSWORD, NEW).await.unwrap();
    let finish = async |user_id: &str, password| {
        let holder = scene.users.holder(user_id, Some(EMAIL)).await?;
        scene.users.finish_change(&scene.sessions(), holder, &secret(password)).await
    };
    assert_eq!(denial(finish(&user_id, PASSWORD).await).0, Denial::WrongPassword);
    assert_eq!(finish(&user_id, NEW).await.unwrap().security_epoch, 1);
    assert_eq!(denial(finish("nobody", NEW).await).0, Denial::UnknownAccount);
}

on_both_stores! {
    async fn a_repeat_finishes_a_change_whose_answer_is_lost(stores) {
        let scene = Scene::on(stores);
        let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
        let token = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
        scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer; 3]);
        assert!(is_unknown(&scene.change(&user_id, PASSWORD, NEW).await));
        let account = scene.change(&user_id, PASSWORD, NEW).await.unwrap();
        assert_eq!((account.security_epoch, account.sessions.len()), (1, 0));
        assert!(!scene.lives(&token).await);
        assert!(scene.stores.stored_account(&user_id).await.sessions.is_empty());
        scene.begin(account).await;
    }
}

#[tokio::test]
async fn a_redis_that_fails_leaves_a_change_to_be_finished() {
    let scene = Scene::on(Stores::start().await);
    let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
    let token = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    redis.break_all(None, RedisFault::Close);
    let changed = scene.change(&user_id, PASSWORD, NEW).await;
    assert!(matches!(changed, Err(Error::Session(session::Error::Unfinished(_)))), "{changed:?}");
    redis.heal();
    scene.change(&user_id, PASSWORD, NEW).await.unwrap();
    assert!(!scene.lives(&token).await);
}

/// ASVS 7.4.3: a login that read the old hash loses, at any point in time.
#[tokio::test]
async fn no_login_with_the_old_password_survives_a_change() {
    let (scene, user_id) = Scene::with_ada().await;
    for round in 0..3 {
        let [old, new] =
            [round, round + 1].map(|round| if round == 0 { PASSWORD.to_owned() } else { format!("{NEW} {round}") });
        let logins = join_all((0..12).map(|_| scene.sign_in(EMAIL, &old)));
        let (logins, changed) = tokio::join!(logins, scene.change(&user_id, &old, &new));
        changed.unwrap();
        for token in logins.iter().flatten() {
            assert!(!scene.lives(token).await);
        }
    }
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let (scene, user_id) = Scene::with_ada().await;
    let (one, two) = ("the first new password", "the second new password");
    let results = tokio::join!(scene.change(&user_id, PASSWORD, one), scene.change(&user_id, PASSWORD, two));
    let winner = match results {
        (Ok(_), Err(Error::Denied { denial: Denial::WrongPassword, .. })) => one,
        (Err(Error::Denied { denial: Denial::WrongPassword, .. }), Ok(_)) => two,
        other => panic!("{other:?}"),
    };
    assert!(scene.log_in(EMAIL, winner).await.is_ok());
    assert_eq!(scene.stores.stored_account(&user_id).await.security_epoch, 1);
}

/// The hash was renewed after it was read, but the password is the same.
#[tokio::test]
async fn a_change_that_meets_a_stronger_hash_tries_again() {
    let (scene, user_id) = Scene::with_ada().await;
    let other = scene.users.hash(&secret(PASSWORD)).await.unwrap();
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let overtake = async {
        held.arrived().await;
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = json!(other)).await;
        held.release();
    };
    let (changed, ()) = tokio::join!(scene.change(&user_id, PASSWORD, NEW), overtake);
    changed.unwrap();
    assert!(scene.log_in(EMAIL, NEW).await.is_ok());
}

#[tokio::test]
async fn a_store_that_fails_is_no_denial() {
    let (scene, user_id) = Scene::with_ada().await;
    for operation in ["TransactGetItems", "TransactWriteItems"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        let changed = scene.change(&user_id, PASSWORD, NEW).await;
        assert!(is_unknown(&changed), "{operation}: {changed:?}");
        scene.stores.dynamo_proxy.heal();
    }
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_ok());
}
