use crate::support::{Probe, call, faults};
use edge::{Answer, Call, Gate, Problem};
use jiff::SignedDuration;
use scene::{COOKIE, Logs, PUBLIC_URL, Request, gate, settings, then};
use session::{Kind, Left, Record, Session, Token};
use std::time::Duration;

fn gate_with(name: &str, value: &str) -> Gate {
    let variables = [("PUBLIC_URL", PUBLIC_URL), (name, value)];
    settings(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), Gate::from_environment)
}

fn session(token: &Token, left: SignedDuration) -> Session {
    let record = Record {
        user_id: "u".to_owned(),
        email: None,
        email_verified: false,
        name: None,
        picture: None,
        scopes: Vec::new(),
        kind: Kind::Browser,
        auth_method: "password".to_owned(),
        auth_time: then(),
        created_at: then(),
        absolute_expires_at: then() + SignedDuration::from_hours(24),
    };
    Session { id: token.id(), record, expires_at: then() + left, renewed: false, held_until: None }
}

/// ASVS 3.3.1–3.3.4: the name binds it to the host, and no script, plain connection or other path gets it.
#[test]
fn a_session_cookie_is_written_whole() {
    let token = Token::generate().unwrap();
    let session = session(&token, SignedDuration::from_millis(43_199_999));
    let secret = token.expose();
    let expected = |same_site: &str| {
        format!("__Host-session_id={}; HttpOnly; SameSite={same_site}; Secure; Path=/; Max-Age=43199", *secret)
    };
    assert_eq!(gate().session_cookie(&token, &session, then()).to_string(), expected("None"));
    for same_site in ["None", "Lax", "Strict"] {
        let gate = gate_with("COOKIE_SAMESITE", same_site);
        assert_eq!(gate.session_cookie(&token, &session, then()).to_string(), expected(same_site));
        let cleared = format!("__Host-session_id=; HttpOnly; SameSite={same_site}; Secure; Path=/; Max-Age=0");
        assert_eq!(gate.clear_session_cookie(), cleared);
    }
    let other_name = gate_with("COOKIE_NAME", "__Host-a.B_1-");
    assert!(other_name.session_cookie(&token, &session, then()).to_string().starts_with("__Host-a.B_1-="));
}

/// ASVS 14.3.1. If the app has the origin of the API, its own data would go too.
#[tokio::test]
async fn a_sign_out_clears_what_it_is_told() {
    let cleared = async |gate: Gate| {
        let probe = Probe { gate, ..Probe::new(|gate, _| Ok(gate.signed_out(None))) };
        probe.ask(&Request::post("/probe")).await.header("clear-site-data").map(str::to_owned)
    };
    assert_eq!(cleared(gate()).await, None);
    for (word, header) in [
        ("none", None),
        ("cache", Some(r#""cache""#)),
        ("storage", Some(r#""storage""#)),
        ("cache,storage", Some(r#""cache", "storage""#)),
    ] {
        assert_eq!(cleared(gate_with("LOGOUT_CLEARS", word)).await.as_deref(), header, "{word}");
    }
}

/// The browser must send it with the provider's redirect, which is a navigation from another site.
#[test]
fn the_cookie_of_a_login_under_way_is_lax_whatever_the_session_cookie_is() {
    for same_site in ["None", "Strict"] {
        let gate = gate_with("COOKIE_SAMESITE", same_site);
        let cookie = gate.login_cookie("__Host-login_x", "value", Duration::from_secs(600));
        assert_eq!(cookie, "__Host-login_x=value; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600");
    }
}

/// RFC 6265bis 4.1.3.2: without the prefix another host of the domain could plant one.
#[test]
fn only_names_that_bind_the_cookie_to_the_host_are_taken() {
    let longest = format!("__Host-{}", "a".repeat(57));
    let too_long = format!("{longest}a");
    for (name, good) in [
        ("__Host-sid", true),
        (&longest, true),
        (&too_long, false),
        ("session_id", false),
        ("__Secure-session_id", false),
        ("__host-session_id", false),
        ("__Host-", false),
        ("__Host-a b", false),
        ("__Host-a;b", false),
        ("__Host-a=b", false),
        ("__Host-\u{e9}", false),
        ("__Host-login_x", false),
        ("__Host-registration", false),
        ("__Host-browser", false),
        ("__Host-browser2", true),
    ] {
        let found = faults(&[("PUBLIC_URL", PUBLIC_URL), ("COOKIE_NAME", name)], Gate::from_environment);
        assert_eq!(found, if good { vec![] } else { vec!["COOKIE_NAME"] }, "{name}");
    }
}

#[test]
fn same_site_is_one_of_three_words() {
    for word in ["none", "LAX", "strict", "Lax ", "0"] {
        let found = faults(&[("PUBLIC_URL", PUBLIC_URL), ("COOKIE_SAMESITE", word)], Gate::from_environment);
        assert_eq!(found, ["COOKIE_SAMESITE"], "{word}");
    }
}

/// ASVS 7.2.1, 2.2.1: a value that cannot be a token is no session, and no error either.
#[test]
fn a_malformed_cookie_is_like_none() {
    let token = Token::generate().unwrap().expose();
    for value in [
        "",
        "x",
        &token[..42],
        &format!("{}A", *token),
        &format!("{}=", *token),
        &format!("\"{}\"", *token),
        &format!("%{}", &token[1..]),
        &format!("+{}", &token[1..]),
        &"\u{e9}".repeat(43),
        &"A".repeat(4096),
    ] {
        let found = gate().token(&call(&Request::get("/probe").cookie(COOKIE, value)));
        assert!(matches!(found, Ok(None)), "{value:?}");
    }
}

#[test]
fn cookies_of_other_names_are_not_ours() {
    let token = Token::generate().unwrap().expose();
    for name in ["__host-session_id", "__HOST-SESSION_ID", "session_id", "__Host-session_id2", "x__Host-session_id"] {
        let found = gate().token(&call(&Request::get("/probe").cookie(name, &token)));
        assert!(matches!(found, Ok(None)), "{name}");
    }
}

/// Cookies that a sibling host can set in a browser. Chromium does not see the prefix, so it does not require `Secure`.
const IMITATIONS: [&str; 8] = [
    "\u{2000}__Host-session_id",
    "\u{85}__Host-session_id",
    "\u{a0}__Host-session_id",
    "\u{feff}__Host-session_id",
    "\u{200b}__Host-session_id",
    "\u{c}__Host-session_id",
    "__Host-session_id\u{3000}",
    "__HOST-SESSION_ID",
];

/// RFC 6265bis 4.1.3.2, ASVS 3.3.3, 16.3.3: a reader that trims would sign a person in as another user.
#[tokio::test]
async fn a_cookie_that_only_looks_like_ours_is_ignored_and_told_once() {
    let token = Token::generate().unwrap();
    let secret = token.expose();
    for name in IMITATIONS {
        let request = Request::get("/probe").cookie(name, &secret).cookie(name, "again");
        assert!(matches!(gate().token(&call(&request)), Ok(None)), "{name:?}");
        // Our own cookie counts beside it, and the two are not taken for the same cookie twice.
        let own = Token::generate().unwrap();
        let both = request.clone().cookie(COOKIE, &own.expose());
        assert_eq!(gate().token(&call(&both)).unwrap().unwrap().id(), own.id(), "{name:?}");

        let logs = Logs::capture();
        let reply = Probe::new(|_, _| Ok(Answer::empty())).ask(&both).await;
        assert_eq!(reply.status, 204, "{name:?}");
        let [event] = &logs.of("audit")[..] else { panic!("one event: {}", logs.text()) };
        assert_eq!((&event["event"], &event["reason"]), (&"denied".into(), &"imitated-cookie".into()), "{name:?}");
        assert!(!logs.text().contains(&**secret), "{name:?}");
    }
}

/// An attempt in such a cookie signs a person in as the user who began it.
#[test]
fn an_attempt_that_only_looks_like_ours_is_ignored() {
    let name = "__Host-login_AAAAAAAAAAAAAAAA";
    for planted in [format!("\u{2000}{name}"), format!("{name}\u{a0}"), name.to_lowercase()] {
        let call = call(&Request::get("/probe").cookie(&planted, "value"));
        assert_eq!(gate().cookie(&call, name).ok(), Some(None), "{planted:?}");
        assert!(gate().cookie_names(&call, name).is_empty(), "{planted:?}");
    }
}

/// ASVS 7.2.1: browsers trim only space and tab from a value.
#[test]
fn nothing_is_taken_off_a_value() {
    let token = Token::generate().unwrap().expose();
    let found = |cookie: String| gate().token(&call(&Request::get("/probe").raw_cookie(&cookie))).unwrap();
    for blank in ["", " ", "\t", " \t "] {
        assert!(found(format!("{blank}{COOKIE}={}{blank}", *token)).is_some(), "{blank:?}");
    }
    for other in ["\u{a0}", "\u{2000}", "\u{85}", "\r\n", "\u{c}", "\"", "\u{200b}"] {
        assert!(found(format!("{COOKIE}={}{other}", *token)).is_none(), "{other:?}");
        assert!(found(format!("{COOKIE}={other}{}", *token)).is_none(), "{other:?}");
    }
}

/// If the gateway sends no list of cookies, the header is read. Bytes in it that are not text do not hide the other
/// cookies.
#[test]
fn a_header_of_cookies_is_read_by_bytes() {
    let token = Token::generate().unwrap();
    let header = format!("a=\u{e9}; \u{2000}{COOKIE}=planted; {COOKIE}={}", *token.expose());
    let found = gate().token(&call(&Request::get("/probe").header("cookie", &header)));
    assert_eq!(found.unwrap().unwrap().id(), token.id());
}

/// Its user may have signed in again in another tab meanwhile: this would remove the new cookie.
#[tokio::test]
async fn no_problem_takes_a_cookie_away() {
    let signed_out = Probe::new(|_, _| Err(Problem::SignedOut));
    for value in ["no-token", "", &Token::generate().unwrap().expose()] {
        let reply = signed_out.ask(&Request::get("/probe").cookie(COOKIE, value)).await;
        assert_eq!((reply.status, reply.cookies.len()), (401, 0), "{value}");
    }
}

/// If another session took its place, the browser holds the new cookie, or is about to.
#[test]
fn the_end_of_a_session_clears_its_cookie_unless_it_was_replaced() {
    let token = Token::generate().unwrap();
    let left = |was_replaced| Left { record: session(&token, SignedDuration::ZERO).record, was_replaced };
    let cookies = |ended: Option<&Left>| format!("{:?}", gate().signed_out(ended)).matches("Max-Age=0").count();
    assert_eq!([None, Some(&left(false)), Some(&left(true))].map(cookies), [1, 1, 0]);
}

/// An answer with the cookie of a new session.
fn with_cookie(gate: &Gate, call: &Call<'_>, held_for: SignedDuration) -> Result<Answer, Problem> {
    let token = Token::generate().unwrap();
    let session = Session { held_until: Some(call.now + held_for), ..session(&token, SignedDuration::from_hours(1)) };
    Ok(Answer::empty().cookie(gate.session_cookie(&token, &session, call.now)))
}

/// An answer that renewed the old session may be under way, and would put the old cookie back.
#[tokio::test]
async fn a_new_cookie_is_held_back_for_as_long_as_it_says() {
    let held = Probe::new(|gate, call| with_cookie(gate, call, SignedDuration::from_secs(3)));
    let request = Request::post("/probe");
    tokio::select! {
        biased;
        reply = held.ask(&request) => panic!("at once: {reply:?}"),
        () = tokio::time::sleep(Duration::from_millis(20)) => {}
    }
    let over = Probe::new(|gate, call| with_cookie(gate, call, SignedDuration::from_millis(-1)));
    assert_eq!(over.ask(&request).await.cookies.len(), 1);
    let soon = Probe::new(|gate, call| with_cookie(gate, call, SignedDuration::from_millis(50)));
    assert_eq!(soon.ask(&request).await.cookies.len(), 1);
}

/// Only a browser that says that another site has sent it, and only where the cookie is kept back from there.
#[test]
fn a_strict_cookie_is_kept_back_from_what_another_site_began() {
    let lacks = |same_site: &str, sent: &[&str]| {
        let request = sent.iter().fold(Request::get("/probe"), |request, site| request.header("sec-fetch-site", site));
        gate_with("COOKIE_SAMESITE", same_site).lacks_cookies(&call(&request))
    };
    assert!(lacks("Strict", &["cross-site"]));
    for other in [&["same-origin"][..], &["same-site"], &["none"], &[""], &["cross-site", "cross-site"], &[]] {
        assert!(!lacks("Strict", other), "{other:?}");
    }
    assert!(!lacks("Lax", &["cross-site"]) && !lacks("None", &["cross-site"]));
}

/// A browser takes no `Lax` cookie from an answer to another site's page; the callback must get a cookie that is not
/// `Strict`.
#[test]
fn an_attempt_that_a_page_begins_goes_where_the_session_cookie_goes() {
    for (same_site, written) in [("None", "None"), ("Lax", "Lax"), ("Strict", "Lax")] {
        let gate = gate_with("COOKIE_SAMESITE", same_site);
        let life = std::time::Duration::from_secs(600);
        let attributes =
            |same_site: &str| format!("name=x; HttpOnly; SameSite={same_site}; Secure; Path=/; Max-Age=600");
        assert_eq!(gate.link_cookie("name", "x", life), attributes(written));
        assert_eq!(gate.login_cookie("name", "x", life), attributes("Lax"));
    }
}
