//! What a page says to whom, and where it leads.

use crate::{BRAND, LOCAL, START, Scene};
use scene::{Browser, COOKIE, HOSTILE, PUBLIC_URL, Request};
use session::Token;

const PAGES: [&str; 7] =
    ["/login", "/register", "/verify", "/password/forgot", "/password/reset", "/account", "/problem"];

#[tokio::test]
async fn the_way_back_is_taken_along() {
    let scene = Scene::fixed(&BRAND).await;
    let page = scene.get("/login", "return_to=/inbox").await.body;
    for part in [
        "data-return-to=\"https://app.example.com/inbox\"",
        "href=\"/auth/login/google?return_to=https%3A%2F%2Fapp.example.com%2Finbox\"",
        "href=\"/auth/login/acme-id?return_to=https%3A%2F%2Fapp.example.com%2Finbox\"",
        "href=\"/auth/register?return_to=https%3A%2F%2Fapp.example.com%2Finbox\"",
        "Continue with Acme ID",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = scene.get("/login", "").await.body;
    assert!(page.contains("data-return-to=\"https://app.example.com/home\""), "{page}");
    assert!(page.contains("href=\"/auth/login/google\""), "{page}");
}

/// ASVS 3.7.2: and the person hears that the link was none of ours.
#[tokio::test]
async fn a_page_goes_nowhere_else() {
    let scene = Scene::fixed(&BRAND).await;
    for asked in
        ["https://evil.example/", "//evil.example", "javascript:alert(1)", "https://api.example.com/auth/logout"]
    {
        for path in PAGES {
            let page = scene.get(path, &format!("return_to={}", asked.replace(':', "%3A"))).await.body;
            assert!(!page.contains("evil.example") || page.contains("language=pt-BR"), "{path}: {page}");
            assert!(page.contains("data-return-to=\"https://app.example.com/home\""), "{path}: {page}");
        }
        let page = scene.get("/login", &format!("return_to={}", asked.replace(':', "%3A"))).await.body;
        assert!(page.contains("The link does not lead anywhere"), "{page}");
    }
    let account = format!("{PUBLIC_URL}/account");
    let page = scene.get("/login", &format!("return_to={account}")).await.body;
    assert!(page.contains(&format!("data-return-to=\"{account}\"")), "{page}");
}

#[tokio::test]
async fn a_problem_is_told_with_what_to_do_and_the_request() {
    let scene = Scene::fixed(&BRAND).await;
    for path in ["/login", "/account", "/problem"] {
        let page = scene.get(path, "problem=login-cancelled&request=JKJaXmPLvHcESHA%3D").await.body;
        assert!(page.contains("You cancelled the sign-in") && page.contains("<code>"), "{path}: {page}");
        assert!(page.contains("JKJaXmPLvHcESHA&#61;") || page.contains("JKJaXmPLvHcESHA="), "{path}: {page}");
    }
    // It is a closed list: what is not on it is told in general words, and not repeated.
    let page = scene.get("/login", "problem=you-won-a-prize&request=call+0800").await.body;
    assert!(page.contains("Something went wrong") && !page.contains("prize") || page.contains("language="), "{page}");
    assert!(!page.contains("<code>"), "{page}");
}

/// ASVS 1.2.1.
#[tokio::test]
async fn no_text_of_a_query_is_obeyed() {
    let scene = Scene::fixed(&BRAND).await;
    for text in HOSTILE {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for path in PAGES {
            let query = format!("return_to={text}&problem={text}&request={text}&x={text}");
            let reply = scene.get(path, &query).await;
            assert_eq!(reply.status, 200, "{path}?{query}");
            assert!(!reply.body.contains("<script>") && !reply.body.contains("onerror="), "{}", reply.body);
        }
    }
}

/// CSP Level 3: nothing inline, nothing of another origin but pictures.
#[tokio::test]
async fn a_page_may_load_what_is_ours_and_the_logo() {
    let scene = Scene::fixed(&BRAND).await;
    for path in PAGES {
        let reply = scene.get(path, "").await;
        let images = if path == "/account" { "'self' https:" } else { "'self' https://cdn.example.com" };
        let expected = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; connect-src 'self'; form-action \
             'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        );
        assert_eq!(reply.header("content-security-policy"), Some(&*expected), "{path}");
        for inline in [" style=", "<style", " onclick", "<script>", "javascript:"] {
            assert!(!reply.body.contains(inline), "{inline}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn the_address_without_a_path_leads_to_the_sign_in_or_the_account() {
    let scene = Scene::fixed(&BRAND).await;
    let location = async |request: Request| scene.ask(&request).await.header("location").unwrap().to_owned();
    assert_eq!(location(Request::get("/")).await, format!("{PUBLIC_URL}/login"));
    let browser = Browser { token: Token::generate().unwrap() };
    assert_eq!(location(browser.get("/")).await, format!("{PUBLIC_URL}/account"));
    let twice = browser.get("/").cookie(COOKIE, "planted");
    assert_eq!(location(twice).await, format!("{PUBLIC_URL}/account"), "which tells what is wrong");
    assert_eq!(location(Request::get("/.well-known/change-password")).await, format!("{PUBLIC_URL}/account"));
}

#[tokio::test]
async fn a_developer_finds_the_demo_user_and_the_mails() {
    let scene = Scene::fixed(&LOCAL).await;
    let page = scene.get("/", "").await.body;
    for part in [
        "demo@example.com",
        "open sesame",
        "http://localhost:9002",
        "href=\"/login/local\"",
        "http://localhost:9000/auth.js",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let sent = scene.get("/register", "").await.body;
    assert!(sent.contains("href=\"http://localhost:9002\""), "{sent}");
}

/// A password that everybody reads is for a developer's machine alone.
#[test]
fn the_start_page_is_refused_in_a_deployment() {
    for (url, start, good) in [
        ("http://localhost:9000", START, true),
        ("https://localhost:9000", START, true),
        ("https://login.example.com", START, false),
        ("http://localhost:9000", "{}", false),
        ("http://localhost:9000", "x", false),
    ] {
        let mut environment = environment::Environment::of([
            ("PUBLIC_URL", url),
            ("APP_URL", "https://app.example.com"),
            ("START_PAGE", start),
        ]);
        let wired = <pages::Pages as edge::Function>::wire(&mut environment, &stand::sdk_config("http://127.0.0.1:1"))
            .map(drop);
        let faults = environment.finish(wired).err().map(|faults| faults.to_string());
        assert_eq!(faults.is_none(), good, "{url} {start}: {faults:?}");
        assert!(faults.is_none_or(|faults| faults.contains("START_PAGE: ")));
    }
}

/// RFC 9116.
#[tokio::test]
async fn who_finds_a_vulnerability_learns_whom_to_tell() {
    let scene = Scene::fixed(&BRAND).await;
    let reply = scene.get("/.well-known/security.txt", "").await;
    let expected = "Contact: mailto:help@example.com\nExpires: 2031-08-04T07:08:09Z\nPreferred-Languages: en, pt\n\
                    Canonical: https://api.example.com/auth/.well-known/security.txt\n";
    assert_eq!((reply.status, &*reply.body), (200, expected));
    let scene = Scene::fixed(&[]).await;
    assert_eq!(scene.get("/.well-known/security.txt", "").await.problem(), "not-found");
}
