use super::*;
use crate::handler::Verb;

fn router(routes: &[(Syntax, &str, Verb)]) -> Router {
    let mut router = Router::new();
    for (target, (syntax, pattern, verb)) in routes.iter().enumerate() {
        let entry = router.register(0, *syntax, pattern).unwrap();
        let target = u32::try_from(target).unwrap();
        router.entry_mut(entry).add(*verb, target).unwrap();
    }
    router
}

fn found(router: &Router, method: Method, path: &str) -> Option<(u32, Vec<String>)> {
    let mut captures = Captures::NONE;
    let found = router.find("", path.as_bytes(), &method, &mut captures)?;
    let count = router.entry(found.entry).pattern().names().len();
    let texts = (0..count).map(|at| match captures.range(at) {
        Some(range) => path[range].to_owned(),
        None => "-".to_owned(),
    });
    Some((found.target, texts.collect()))
}

fn captures() -> Captures {
    Captures::NONE
}

fn allow(router: &Router, path: &str) -> Option<String> {
    router.allow("", path)
}

const PATH: Syntax = Syntax::Path;
const REGEX: Syntax = Syntax::Regex;

#[test]
fn literals_win_over_names_and_names_over_the_rest() {
    let routes = [
        (PATH, "/{*rest}", Verb::Get),
        (PATH, "/user/{id}", Verb::Get),
        (PATH, "/user/me", Verb::Get),
    ];
    let router = router(&routes);
    assert_eq!(found(&router, Method::GET, "/user/me"), Some((2, vec![])));
    let user = Some((1, vec!["a%2Fb".to_owned()]));
    assert_eq!(found(&router, Method::GET, "/user/a%2Fb"), user);
    let rest = Some((0, vec!["x/y/z".to_owned()]));
    assert_eq!(found(&router, Method::GET, "/x/y/z"), rest);
}

#[test]
fn regular_expressions_follow_in_their_order_and_match_whole_paths() {
    let routes = [
        (REGEX, "/n/([0-9]+)", Verb::Get),
        (REGEX, "/n/(.*?)(x)?", Verb::Get),
        (PATH, "/n/12", Verb::Get),
    ];
    let router = router(&routes);
    assert_eq!(found(&router, Method::GET, "/n/12"), Some((2, vec![])));
    let digits = Some((0, vec!["13".to_owned()]));
    assert_eq!(found(&router, Method::GET, "/n/13"), digits);
    let text = Some((1, vec!["13a".to_owned(), "-".to_owned()]));
    assert_eq!(found(&router, Method::GET, "/n/13a"), text);
    assert_eq!(found(&router, Method::GET, "/z/n/13"), None);
}

#[test]
fn get_answers_head_until_head_has_a_handler() {
    let both = [(PATH, "/", Verb::Get), (PATH, "/", Verb::Head)];
    assert_eq!(found(&router(&both[..1]), Method::HEAD, "/").unwrap().0, 0);
    assert_eq!(found(&router(&both), Method::HEAD, "/").unwrap().0, 1);
    let reversed = [both[1], both[0]];
    assert_eq!(found(&router(&reversed), Method::HEAD, "/").unwrap().0, 0);
}

#[test]
fn refused_methods_come_with_all_that_are_allowed() {
    let routes = [
        (PATH, "/x", Verb::Get),
        (PATH, "/x", Verb::Delete),
        (REGEX, "/(x|y)", Verb::Put),
    ];
    let router = router(&routes);
    let all = "GET, HEAD, PUT, DELETE, OPTIONS";
    assert_eq!(found(&router, Method::POST, "/x"), None);
    assert_eq!(allow(&router, "/x").unwrap(), all);
    assert_eq!(allow(&router, "/y").unwrap(), "PUT, OPTIONS");
    assert_eq!(found(&router, Method::PUT, "/x").unwrap().0, 2);
    assert_eq!(allow(&router, "/z"), None);
}

#[test]
fn extension_methods_and_any_have_their_targets() {
    let mut router = router(&[(PATH, "/", Verb::Get)]);
    let purge = Method::from_bytes(b"PURGE").unwrap();
    let entry = router.register(0, PATH, "/").unwrap();
    router.add_extension(&purge);
    let added = router.entry_mut(entry).add_extension(purge.clone(), 7);
    added.unwrap();
    assert_eq!(found(&router, purge.clone(), "/").unwrap().0, 7);
    assert_eq!(found(&router, Method::POST, "/"), None);
    assert_eq!(allow(&router, "/").unwrap(), "GET, HEAD, OPTIONS, PURGE");
    assert!(router.recognizes(&purge));
    assert!(!router.recognizes(&Method::from_bytes(b"BREW").unwrap()));
    router.entry_mut(entry).add_any(8).unwrap();
    assert_eq!(found(&router, Method::POST, "/").unwrap().0, 8);
}

#[test]
fn hosts_come_before_the_default_and_fall_through_to_it() {
    let mut router = router(&[(PATH, "/", Verb::Get), (PATH, "/all", Verb::Get)]);
    let table = router.table_of(HostPattern::parse("*.example.com").unwrap());
    let entry = router.register(table, PATH, "/").unwrap();
    router.entry_mut(entry).add(Verb::Get, 9).unwrap();
    let target = |host: &str, path: &str| {
        let found = router.find(host, path.as_bytes(), &Method::GET, &mut captures());
        found.map(|found| found.target)
    };
    assert_eq!(target("a.example.com", "/"), Some(9));
    assert_eq!(target("other.com", "/"), Some(0));
    assert_eq!(target("a.example.com", "/all"), Some(1));
    router.table_mut(table).set_final();
    assert_eq!(router.allow("a.example.com", "/all"), None);
    let found = router.find("a.example.com", b"/all", &Method::GET, &mut captures());
    assert_eq!(found, None);
}

#[test]
fn conflicts_and_doubles_are_errors() {
    let mut router = router(&[(PATH, "/a/{x}", Verb::Get)]);
    assert!(router.register(0, PATH, "/a/{y}").is_err());
    assert!(router.register(0, PATH, "/a/{x}-{y}").is_err());
    assert!(router.register(0, PATH, "/{*x}/a").is_err());
    let entry = router.register(0, PATH, "/a/{x}").unwrap();
    assert!(router.entry_mut(entry).add(Verb::Get, 3).is_err());
    router.add_name("a", entry).unwrap();
    let other = router.register(0, PATH, "/b").unwrap();
    assert!(router.add_name("a", other).is_err());
}
