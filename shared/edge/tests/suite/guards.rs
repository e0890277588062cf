use crate::support::guarded;
use scene::{Browser, COOKIE, Request};
use session::Token;

fn browser() -> Browser {
    Browser { token: Token::generate().unwrap() }
}

async fn outcome(request: &Request) -> String {
    let reply = guarded().ask(request).await;
    if reply.status == 204 { "passes".to_owned() } else { format!("{} {}", reply.status, reply.problem()) }
}

/// ASVS 3.5.1.
#[tokio::test]
async fn a_cookie_needs_the_csrf_token_of_its_session() {
    let (browser, other) = (browser(), browser());
    assert_eq!(outcome(&browser.post("/probe")).await, "passes");

    let without = || browser.post("/probe").without("x-csrf-token");
    assert_eq!(outcome(&without()).await, "403 csrf");
    let csrf = browser.token.csrf();
    for wrong in [
        "",
        "null",
        "undefined",
        &other.token.csrf(),
        &browser.token.expose(),
        browser.token.id().as_str(),
        &csrf.to_lowercase(),
        &csrf[..42],
        &format!("{csrf}="),
        &format!("{csrf}A"),
        &format!(" {csrf}"),
        &format!("{csrf}\u{e9}"),
    ] {
        assert_eq!(outcome(&without().header("x-csrf-token", wrong)).await, "403 csrf", "{wrong:?}");
    }
    assert_eq!(outcome(&browser.post("/probe").header("x-csrf-token", &csrf)).await, "403 csrf", "twice");
}

/// ASVS 3.5.1: the order matters little, but every guard must pass.
#[tokio::test]
async fn a_csrf_token_does_not_make_up_for_a_foreign_origin() {
    let request = browser().post("/probe").without("origin").header("origin", "https://evil.example");
    assert_eq!(outcome(&request).await, "403 foreign-origin");
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_forge() {
    assert_eq!(outcome(&Request::post("/probe")).await, "passes");
    assert_eq!(outcome(&Request::post("/probe").cookie(COOKIE, "no-token")).await, "passes");
}

/// ASVS 15.3.7.
#[tokio::test]
async fn two_session_cookies_are_never_a_guess() {
    let (one, other) = (browser(), browser());
    for request in [
        other.with_cookie(one.post("/probe")),
        one.with_cookie(one.post("/probe")),
        one.post("/probe").cookie(COOKIE, "no-token"),
        one.post("/probe").cookie(COOKIE, ""),
        Request::post("/probe").raw_cookie(&format!("{COOKIE}=a; {COOKIE}=b")),
    ] {
        assert_eq!(outcome(&request).await, "400 duplicate-cookie");
    }
}

/// A gateway that leaves the header unchanged, as some local ones do, is understood too.
#[tokio::test]
async fn the_cookie_header_stands_in_for_the_list_of_cookies() {
    let browser = browser();
    let pair = format!("{COOKIE}={}", *browser.token.expose());
    let in_header = Request::post("/probe").header("cookie", &format!("other=1; {pair}"));
    assert_eq!(outcome(&in_header).await, "403 csrf");
    assert_eq!(outcome(&in_header.header("x-csrf-token", &browser.token.csrf())).await, "passes");
    let twice = Request::post("/probe").header("cookie", &format!("{pair}; {pair}"));
    assert_eq!(outcome(&twice).await, "400 duplicate-cookie");
}
