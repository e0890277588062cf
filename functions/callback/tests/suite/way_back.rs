//! Where a person comes back to whose login failed. `answers` tests the same for programs.

use crate::support::{Scene, Visit, route};
use insta::assert_snapshot;
use jiff::SignedDuration;
use scene::{Answer, COOKIE, Endpoint, Fault, Lie, Reply, Request};

const SIGN_IN: &str = "https://api.example.com/auth/login";
const ACCOUNT: &str = "https://api.example.com/auth/account";
const INBOX: &str = "&return_to=https%3A%2F%2Fapp.example.com%2Finbox";

impl Scene {
    /// The answer to a person who is led back, with nothing in it but that and the attempt that is spent.
    async fn leads_back(&self, request: Request, page: &str, slug: &str, more: &str) -> Reply {
        let reply = self.ask(&request.navigated()).await;
        let expected = format!("{page}?problem={slug}&request=JKJaXmPLvHcESHA%3D{more}");
        assert_eq!((reply.status, reply.header("location")), (303, Some(&*expected)), "{reply:?}");
        assert_eq!((&*reply.body, reply.cookie(COOKIE), reply.header("retry-after")), ("", None, None), "{reply:?}");
        reply
    }
}

#[tokio::test]
async fn a_login_that_failed_is_303_and_the_attempt_is_spent() {
    let scene = Scene::fixed().await;
    let visit = scene.visit().await.without("code");
    assert_snapshot!(scene.ask(&visit.request().navigated()).await);
}

#[tokio::test]
async fn each_failed_login_leads_to_the_sign_in_page_and_from_there_to_where_it_was_to_end() {
    let mut scene = Scene::fixed().await;
    let visit = scene.visit().await;
    let (no_code, query) = (visit.without("code"), visit.query.clone());
    let cancelled = no_code.with(format!("{}&error=access_denied", no_code.query));
    scene.leads_back(cancelled.request(), SIGN_IN, "login-cancelled", INBOX).await;
    scene.leads_back(no_code.request(), SIGN_IN, "login-refused", INBOX).await;
    scene.leads_back(visit.with(format!("{query}&code=x")).request(), SIGN_IN, "bad-request", INBOX).await;
    let planted = visit.request().cookie(COOKIE, "a").cookie(COOKIE, "b");
    scene.leads_back(planted, SIGN_IN, "duplicate-cookie", INBOX).await;
    scene.leads_back(visit.request().fill("nobody"), SIGN_IN, "not-found", INBOX).await;

    scene.provider.lie(Lie::Answer(Endpoint::Token, Answer::Status(500)));
    scene.leads_back(visit.request(), SIGN_IN, "provider-failed", INBOX).await;
    scene.provider.repent();
    scene.add("ana@example.com").await;
    scene.provider.lie(Lie::Claim("email_verified", false.into()));
    scene.leads_back(scene.visit().await.request(), SIGN_IN, "account-exists", INBOX).await;
    scene.provider.repent();

    scene.now += SignedDuration::from_secs(601);
    scene.leads_back(visit.request(), SIGN_IN, "login-expired", INBOX).await;
    let visit = scene.visit().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    let wait = format!("&retry_after=1{INBOX}");
    scene.leads_back(visit.request(), SIGN_IN, "unavailable", &wait).await;
}

/// Where it was to end is in the attempt, and the attempt in the cookie of this state alone.
#[tokio::test]
async fn without_its_attempt_it_is_unknown_where_a_login_was_to_end() {
    let scene = Scene::fixed().await;
    let (visit, another) = (scene.visit().await, scene.visit().await);
    let of_another = visit.without_cookie().cookie(&another.cookie_name(), &another.attempt.encode());
    for request in [route(), visit.without_cookie(), of_another, visit.without("state").request()] {
        scene.leads_back(request, SIGN_IN, "login-expired", "").await;
    }
    let twice = visit.request().cookie(&visit.cookie_name(), "planted");
    scene.leads_back(twice, SIGN_IN, "duplicate-cookie", "").await;
}

/// ASVS 3.7.2.
#[tokio::test]
async fn an_address_that_is_not_allowed_is_not_passed_on() {
    let scene = Scene::fixed().await;
    let mut visit = scene.visit().await;
    visit.attempt.return_to = "https://evil.example/".to_owned();
    scene.leads_back(visit.request(), SIGN_IN, "bad-request", "").await;
}

#[tokio::test]
async fn a_provider_that_is_not_added_leads_to_the_account_page() {
    let scene = Scene::fixed().await;
    let ana = scene.user_of(&scene.log_in().await).await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    assert_ne!(ana, bob);
    scene.leads_back(browser.with_cookie(visit.request()), ACCOUNT, "account-exists", INBOX).await;
    let visit: Visit = scene.linking_visit(&browser).await;
    scene.leads_back(visit.request(), ACCOUNT, "login-expired", INBOX).await;
    let no_code = visit.without("code");
    let cancelled = no_code.with(format!("{}&error=access_denied", no_code.query));
    scene.leads_back(browser.with_cookie(cancelled.request()), ACCOUNT, "login-cancelled", INBOX).await;
}

/// Browsers do not navigate with another method: a program sent it.
#[tokio::test]
async fn another_method_is_a_problem_document_whatever_is_accepted() {
    let scene = Scene::fixed().await;
    let reply = scene.ask(&route().method("POST").navigated()).await;
    assert_eq!((reply.status, &*reply.problem(), reply.header("allow")), (405, "method-not-allowed", Some("GET")));
}
