//! Requests at the same time. ASVS 2.3.3, 15.4.1–15.4.3.

use crate::support::{EMAIL, NEW, PASSWORD, Scene, change, confirm, token};
use futures_util::future::{join, join_all};
use scene::{Stores, now, on_both_stores};
use session::{Client, Login, Policy, Token};
use users::{Email, Password};

impl Scene {
    /// Signs in as `login` does, if the password is right.
    async fn sign_in(&self, password: &str) -> Option<Token> {
        let (email, password) = (Email::parse(EMAIL).unwrap(), Password::parse(password).unwrap());
        let account = self.users().with_password(&email, &password, self.now).await.ok()?;
        let login = Login { account, auth_method: "password".to_owned(), client: Client::default(), presented: None };
        Some(self.stores.sessions(Policy::default()).create(login, self.now).await.ok()?.0)
    }
}

on_both_stores! {
    async fn twenty_confirmations_of_one_token_set_one_password(stores) {
        let scene = Scene::new(stores, now()).await;
        let mail = scene.mailed(EMAIL).await;
        let passwords: Vec<_> = (0..20).map(|number| format!("{NEW} {number}")).collect();
        let requests: Vec<_> = passwords.iter().map(|password| confirm(&mail, password)).collect();
        let replies = join_all(requests.iter().map(|request| scene.ask(request))).await;
        let won: Vec<_> = replies.iter().zip(&passwords).filter(|(reply, _)| reply.status == 204).collect();
        let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
        let [(_, password)] = &won[..] else { panic!("one: {statuses:?}") };
        assert!(statuses.iter().all(|status| [204, 400].contains(status)), "{statuses:?}");
        assert_eq!(scene.epoch().await, 1);
        assert!(scene.opens(password).await);
    }

    /// ASVS 7.4.3: a fast login with the old password.
    async fn no_login_with_the_old_password_survives_a_change(stores) {
        let scene = Scene::new(stores, now()).await;
        let request = change(&scene.browser().await, PASSWORD, NEW);
        let logins = join_all((0..10).map(|_| scene.sign_in(PASSWORD)));
        let (reply, logins) = join(scene.ask(&request), logins).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        for token in logins.iter().flatten() {
            assert!(!scene.lives(token).await);
        }
        assert!(scene.lives(&token(&reply)).await);
    }
}

#[tokio::test]
async fn no_login_with_the_old_password_survives_a_reset() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let request = confirm(&scene.mailed(EMAIL).await, NEW);
    let logins = join_all((0..10).map(|_| scene.sign_in(PASSWORD)));
    let (reply, logins) = join(scene.ask(&request), logins).await;
    assert_eq!(reply.status, 204, "{reply:?}");
    for token in logins.iter().flatten() {
        assert!(!scene.lives(token).await);
    }
}

/// Each is complete, and the last one stays.
#[tokio::test]
async fn of_a_change_and_a_reset_at_once_one_password_remains() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (changed, reset) = (format!("{NEW} changed"), format!("{NEW} reset"));
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    let (change, confirm) = (change(&browser, PASSWORD, &changed), confirm(&mail, &reset));
    let (one, two) = join(scene.ask(&change), scene.ask(&confirm)).await;
    // A change that lost finds another current password than the one it sent.
    match (one.status, two.status) {
        (200, 400) => assert!(scene.opens(&changed).await),
        (401 | 409 | 503, 204) => assert!(scene.opens(&reset).await),
        other => panic!("{other:?}"),
    }
}
