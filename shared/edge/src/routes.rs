//! Which of its routes a function is asked for.

use crate::Problem;
use http::Method;

/// The routes of a function: a method, a path, and what the code calls the two. A segment of the path in braces, such as
/// `{provider}`, stands for any segment. Only a page has
/// a path of another function too; otherwise the methods here are all that a path has.
pub type Routes<R> = &'static [(Method, &'static str, R)];

/// What stands in the place of the segments in braces, by the names in them.
pub(crate) type Parameters = Vec<(&'static str, String)>;

/// The route of a request, with what stands in the place of its segments in braces.
///
/// # Errors
/// [`Problem::NotFound`] when no route has this path; [`Problem::MethodNotAllowed`] when those that have it have other methods.
pub(crate) fn find<R: Copy>(routes: Routes<R>, method: &Method, path: &str) -> Result<(R, Parameters), Problem> {
    let here = || routes.iter().filter_map(|(method, template, route)| Some((method, route, fill(template, path)?)));
    if let Some((_, route, parameters)) = here().find(|(served, ..)| *served == method) {
        return Ok((*route, parameters));
    }
    let allowed: Vec<_> = here().map(|(served, ..)| served.clone()).collect();
    Err(if allowed.is_empty() { Problem::NotFound } else { Problem::MethodNotAllowed(allowed) })
}

/// The routes as a list: `GET /sessions,DELETE /sessions/{id}`.
pub fn list<R>(routes: Routes<R>) -> String {
    let routes = routes.iter().map(|(method, path, _)| format!("{method} {path}"));
    routes.collect::<Vec<_>>().join(",")
}

/// What a path has in the place of the template's braces, decoded (RFC 3986, section 2.1); `None` when it is another path.
fn fill(template: &'static str, path: &str) -> Option<Parameters> {
    let (mut expected, mut found) = (template.split('/'), path.split('/'));
    let mut parameters = Parameters::new();
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return Some(parameters),
            (Some(expected), Some(found)) => match placeholder(expected) {
                Some(name) if !found.is_empty() => parameters.push((name, decoded(found))),
                None if expected == found => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

fn placeholder(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Route {
        All,
        Others,
        One,
        New,
        Deep,
    }

    const ROUTES: Routes<Route> = &[
        (Method::GET, "/things", Route::All),
        (Method::DELETE, "/things", Route::Others),
        (Method::GET, "/things/new", Route::New),
        (Method::DELETE, "/things/{id}", Route::One),
        (Method::POST, "/things/{id}/parts/{part}", Route::Deep),
    ];

    fn found(method: Method, path: &str) -> Option<Route> {
        find(ROUTES, &method, path).ok().map(|(route, _)| route)
    }

    #[test]
    fn a_route_is_a_method_and_a_path() {
        assert_eq!(found(Method::GET, "/things"), Some(Route::All));
        assert_eq!(found(Method::DELETE, "/things"), Some(Route::Others));
        assert_eq!(found(Method::GET, "/things/new"), Some(Route::New));
        assert_eq!(found(Method::DELETE, "/things/new"), Some(Route::One));
        for path in
            ["", "/", "things", "/things/", "//things", "/things/1/", "/things/1/parts", "/auth/things", "/THINGS"]
        {
            assert!(matches!(find(ROUTES, &Method::GET, path), Err(Problem::NotFound)), "{path}");
        }
    }

    #[test]
    fn what_stands_for_a_placeholder_is_decoded_once() {
        let filled = |path| find(ROUTES, &Method::POST, path).unwrap().1;
        let expected = |id: &str, part: &str| vec![("id", id.to_owned()), ("part", part.to_owned())];
        assert_eq!(filled("/things/1/parts/b"), expected("1", "b"));
        assert_eq!(filled("/things/%31%2F/parts/%2525"), expected("1/", "%25"));
        assert_eq!(filled("/things/%ff/parts/%zz"), expected("\u{fffd}", "%zz"));
    }

    /// RFC 9110, section 15.5.6.
    #[test]
    fn another_method_hears_which_there_are() {
        for (path, expected) in [("/things", "GET, DELETE"), ("/things/new", "GET, DELETE"), ("/things/1", "DELETE")] {
            let problem = find(ROUTES, &Method::PUT, path).unwrap_err();
            assert_eq!(problem.headers(), [("allow", expected.to_owned())], "{path}");
        }
    }

    #[test]
    fn the_list_names_each_route() {
        let expected = "GET /things,DELETE /things,GET /things/new,DELETE /things/{id},POST /things/{id}/parts/{part}";
        assert_eq!(list(ROUTES), expected);
    }

    proptest! {
        #[test]
        fn no_path_breaks_it(path in "(/[a-z{}%]{0,6}){0,5}|\\PC{0,40}") {
            if let Ok((route, _)) = find(ROUTES, &Method::GET, &path) {
                prop_assert!(matches!((route, &*path), (Route::All, "/things") | (Route::New, "/things/new")));
            }
        }
    }
}
