//! The language of a page: what the person chose, else what the browser prefers.

use crate::{BRAND, LOCAL, Scene};
use scene::Request;

fn in_portuguese(request: Request) -> Request {
    request.header("accept-language", "pt-BR,pt;q=0.9,en;q=0.8")
}

#[tokio::test]
async fn a_page_is_in_the_language_that_the_browser_prefers() {
    let scene = Scene::fixed(&BRAND).await;
    let english = scene.ask(&Request::get("/login")).await.body;
    assert!(english.contains("<html lang=\"en\">") && english.contains("Forgot your password?"), "{english}");
    let portuguese = scene.ask(&in_portuguese(Request::get("/login"))).await.body;
    assert!(portuguese.contains("<html lang=\"pt-BR\">") && portuguese.contains("Esqueceu sua senha?"));
}

#[tokio::test]
async fn what_a_person_chooses_is_kept_and_the_rest_of_the_query_stays() {
    let scene = Scene::fixed(&BRAND).await;
    let page = scene.get("/login", "return_to=%2Finbox%3Fa%3Db").await.body;
    let link = "href=\"?return_to=%2Finbox%3Fa%3Db&#38;language=pt-BR\" lang=\"pt-BR\"";
    assert!(page.contains(link), "{page}");
    let chosen = scene.get("/auth/login", "return_to=%2Finbox%3Fa%3Db&language=pt-BR").await;
    assert_eq!(chosen.status, 303);
    let location = "https://api.example.com/auth/login?return_to=%2Finbox%3Fa%3Db";
    assert_eq!((chosen.header("location"), chosen.cookie("__Host-language")), (Some(location), Some("pt-BR")));
    assert!(chosen.cookies[0].contains("SameSite=Lax"), "a link from elsewhere shows it too");

    let local = Scene::fixed(&LOCAL).await;
    assert_eq!(local.get("/", "language=pt-BR").await.header("location"), Some("http://localhost:9000/"));

    let kept = scene.ask(&Request::get("/login").cookie("__Host-language", "pt-BR")).await.body;
    assert!(kept.contains("<html lang=\"pt-BR\">"), "{kept}");
    let kept = scene.ask(&in_portuguese(Request::get("/login").cookie("__Host-language", "en"))).await.body;
    assert!(kept.contains("<html lang=\"en\">"), "{kept}");
}

#[tokio::test]
async fn a_language_that_we_do_not_write_is_no_choice() {
    let scene = Scene::fixed(&BRAND).await;
    for query in ["language=de", "language=", "language=en&language=pt", "language=*"] {
        assert_eq!(scene.get("/login", query).await.status, 200, "{query}");
    }
    let kept = scene.ask(&in_portuguese(Request::get("/login").cookie("__Host-language", "de"))).await.body;
    assert!(kept.contains("<html lang=\"pt-BR\">"), "{kept}");
}
