//! Where a person comes back to whose navigation failed.

use crate::{
    problems::PROBLEMS,
    support::{faults, without_way_back},
};
use dynamo::SdkConfig;
use edge::{Answer, Call, Destination, Function, Gate, Method, Problem, ReturnTo, Routes, WayBack};
use environment::Environment;
use scene::{Reply, Request, gate, settings, then, variables};
use std::time::Duration;

/// A function that people come to, and that fails in one way.
struct Failing {
    gate: Gate,
    return_to: ReturnTo,
    way_back: WayBack,
    problem: fn() -> Problem,
}

impl Function for Failing {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::GET, "/probe", ()), (Method::POST, "/login", ())];

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn way_back(&self, call: &Call<'_>) -> Option<Destination<'_>> {
        let return_to = call.query("return_to").ok()?.and_then(|asked| self.return_to.judge(Some(asked)).ok());
        Some(if call.header("x-links").is_some() {
            self.way_back.to_account(return_to)
        } else {
            self.way_back.to_sign_in(return_to)
        })
    }

    fn spent_cookie(&self, _: &Call<'_>) -> Option<String> {
        Some(self.gate.login_cookie("__Host-login_x", "", Duration::ZERO))
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        match call.query("works")? {
            Some(_) => Ok(Answer::empty()),
            None => Err((self.problem)()),
        }
    }
}

async fn ask(request: &Request, problem: fn() -> Problem, more: &[(&str, &str)]) -> Reply {
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let variables = [variables(), more.collect()].concat();
    let return_to = settings(variables.clone(), ReturnTo::from_environment);
    let way_back = settings(variables, WayBack::from_environment);
    request.send(&Failing { gate: gate(), return_to, way_back, problem }, then()).await
}

async fn location(request: &Request, problem: fn() -> Problem, more: &[(&str, &str)]) -> String {
    let reply = ask(request, problem, more).await;
    assert_eq!((reply.status, &*reply.body, reply.header("retry-after")), (303, "", None), "{reply:?}");
    reply.header("location").expect("a location").to_owned()
}

fn navigation() -> Request {
    Request::get("/probe").navigated()
}

/// The page gets the slug, from a closed list, and nothing of the problem that a request or an error chose. ASVS 16.5.1.
#[tokio::test]
async fn every_problem_leads_a_person_back_by_its_slug() {
    for problem in PROBLEMS {
        let slug = problem().slug();
        let reply = ask(&navigation(), problem, &[]).await;
        if slug == "method-not-allowed" {
            assert_eq!(reply.status, 405, "a program's mistake");
            continue;
        }
        let wait = match slug {
            "unavailable" => "&retry_after=1",
            "too-many-attempts" => "&retry_after=30",
            _ => "",
        };
        let page = "https://api.example.com/auth/login";
        let expected = format!("{page}?problem={slug}&request=JKJaXmPLvHcESHA%3D{wait}");
        assert_eq!((reply.status, reply.header("location")), (303, Some(&*expected)));
    }
}

#[tokio::test]
async fn a_program_gets_the_problem_document() {
    for request in [
        Request::get("/probe"),
        Request::get("/probe").without("accept"),
        Request::get("/probe").without("accept").header("accept", "application/json"),
        Request::post("/login").navigated(),
    ] {
        let reply = ask(&request, || Problem::LoginExpired, &[]).await;
        assert_eq!((reply.status, &*reply.problem(), reply.header("location")), (400, "login-expired", None));
    }
    let reply = navigation().send(&without_way_back(|| Problem::LoginExpired), then()).await;
    assert_eq!((reply.status, &*reply.problem()), (400, "login-expired"), "the function has no way back");
}

/// The page may have the path of another function's route.
#[tokio::test]
async fn the_page_never_leads_to_itself() {
    let reply = ask(&Request::get("/login").navigated(), || Problem::Internal, &[]).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
}

/// Text of a request stays text in the address.
#[tokio::test]
async fn the_page_learns_where_the_person_wanted_to_go() {
    let at = async |query: &str| location(&navigation().query(query), || Problem::LoginExpired, &[]).await;
    let start = "https://api.example.com/auth/login?problem=login-expired&request=JKJaXmPLvHcESHA%3D";
    let inbox = "&return_to=https%3A%2F%2Fapp.example.com%2Finbox%3Fx%3D1%26problem%3Dinternal%23y";
    assert_eq!(at("return_to=%2Finbox%3Fx%3D1%26problem%3Dinternal%23y").await, format!("{start}{inbox}"));
    assert_eq!(at("return_to=https%3A%2F%2Fevil.example").await, start);
    assert_eq!(at("").await, start);
    let request = navigation().id("a&problem=internal#b c\u{e9}");
    let told = location(&request, || Problem::LoginExpired, &[]).await;
    assert!(told.ends_with("?problem=login-expired&request=a%26problem%3Dinternal%23b+c%C3%A9"), "{told}");
}

#[tokio::test]
async fn both_pages_are_settings() {
    let link = navigation().header("x-links", "yes");
    for (more, sign_in, account) in [
        (&[][..], "https://api.example.com/auth/login?", "https://api.example.com/auth/account?"),
        (
            &[("PUBLIC_URL", "https://api.example.com/")],
            "https://api.example.com/login?",
            "https://api.example.com/account?",
        ),
        (
            &[("SIGN_IN_URL", "https://app.example.com/in")],
            "https://app.example.com/in?",
            "https://api.example.com/auth/account?",
        ),
        (
            &[("ACCOUNT_URL", "https://app.example.com/me")],
            "https://api.example.com/auth/login?",
            "https://app.example.com/me?",
        ),
    ] {
        assert!(location(&navigation(), || Problem::Internal, more).await.starts_with(sign_in), "{more:?}");
        assert!(location(&link, || Problem::Internal, more).await.starts_with(account), "{more:?}");
    }
    let public = ("PUBLIC_URL", "https://api.example.com");
    for name in ["SIGN_IN_URL", "ACCOUNT_URL"] {
        for url in ["http://app.example.com/in", "/in", "https://app.example.com/in?x=1", "javascript:alert(1)"] {
            assert_eq!(faults(&[public, (name, url)], WayBack::from_environment), [name], "{url}");
        }
    }
    assert_eq!(faults(&[("SIGN_IN_URL", "x"), ("ACCOUNT_URL", "x")], WayBack::from_environment).len(), 3);
}

/// An answer that succeeds says itself what becomes of it.
#[tokio::test]
async fn what_a_call_presented_is_spent_if_it_fails() {
    let spent = "__Host-login_x=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0";
    for request in [navigation(), Request::get("/probe")] {
        assert_eq!(ask(&request, || Problem::Internal, &[]).await.cookies, [spent]);
        assert_eq!(ask(&request.query("works"), || Problem::Internal, &[]).await.cookies, [""; 0]);
    }
}
