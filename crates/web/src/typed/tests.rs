use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Order {
    Up,
    Down,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Id(u64);

#[derive(Debug, Deserialize, PartialEq)]
struct Search {
    q: String,
    page: Option<u8>,
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    exact: bool,
    order: Option<Order>,
    id: Option<Id>,
    range: Option<(i8, f32)>,
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T> {
    from_arguments(&Arguments::parse(query.as_bytes()).unwrap())
}

#[track_caller]
fn refused<T: DeserializeOwned + std::fmt::Debug>(query: &str, message: &str) {
    let error = read::<T>(query).unwrap_err();
    assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
    assert_eq!(error.message(), Some(message));
}

#[test]
fn arguments_become_values_of_the_type() {
    let query = "q=+caf%C3%A9+&page=2&tag=a&tag=b&exact=on&order=down&id=7&range=-1&range=.5&x=";
    let search: Search = read(query).unwrap();
    let expected = Search {
        q: "café".to_owned(),
        page: Some(2),
        tag: vec!["a".to_owned(), "b".to_owned()],
        exact: true,
        order: Some(Order::Down),
        id: Some(Id(7)),
        range: Some((-1, 0.5)),
    };
    assert_eq!(search, expected);
    let map: HashMap<String, String> = read("a=1&b=2").unwrap();
    assert_eq!(map["b"], "2");
    let lists: BTreeMap<String, Vec<u8>> = read("a=1&b=2&a=3").unwrap();
    assert_eq!(lists["a"], [1, 3]);
    let pairs: Vec<(String, u8)> = read("a=1&b=2&a=3").unwrap();
    assert_eq!(pairs.len(), 3);
    read::<()>("a=1").unwrap();
}

#[test]
fn what_is_optional_may_be_left_blank() {
    let search: Search = read("q=&page=&order=+&id=&range=&tag=").unwrap();
    let expected = Search {
        q: String::new(),
        page: None,
        tag: vec![String::new()],
        exact: false,
        order: None,
        id: None,
        range: None,
    };
    assert_eq!(search, expected);
    assert_eq!(
        read::<HashMap<String, Option<String>>>("a=").unwrap()["a"],
        None
    );
    refused::<HashMap<String, Option<u8>>>("a=&a=", "Invalid argument a: given 2 times");
}

#[test]
fn values_of_a_name_are_kept_together_however_many_names_there_are() {
    for names in [1, 16, 17, 40] {
        let query: String = (0..3 * names)
            .map(|number| format!("n{}={number}&", number % names))
            .collect();
        let lists: HashMap<String, Vec<usize>> = read(&query).unwrap();
        assert_eq!(lists.len(), names);
        for at in 0..names {
            assert_eq!(lists[&format!("n{at}")], [at, at + names, at + 2 * names]);
        }
        let pairs: Vec<(String, usize)> = read(&query).unwrap();
        let first: Vec<usize> = pairs.iter().map(|(_, number)| *number).take(4).collect();
        assert_eq!(first, [0, names, 2 * names, 1][..first.len()]);
    }
}

#[test]
fn errors_name_the_field() {
    refused::<Search>("", "Missing argument q");
    refused::<Search>(
        "q=&page=x",
        "Invalid argument page: \"x\" is no u8: invalid digit found in string",
    );
    refused::<Search>(
        "q=&page=256",
        "Invalid argument page: \"256\" is no u8: number too large to fit in target type",
    );
    refused::<Search>("q=a&q=b", "Invalid argument q: given 2 times");
    refused::<Search>(
        "q=&exact=maybe",
        "Invalid argument exact: \"maybe\" is not true or false",
    );
    refused::<Search>(
        "q=&order=left",
        "Invalid argument order: unknown variant `left`, expected `up` or `down`",
    );
    refused::<Search>(
        "q=&range=1",
        "Invalid argument range: given 1 times, not 2 times",
    );
    refused::<HashMap<String, Search>>("a=1", "Invalid argument a: arguments cannot be nested");
}

#[test]
fn bad_utf_8_names_the_field() {
    let error = read::<Search>("q=%ff").unwrap_err();
    assert!(error.message().unwrap().starts_with("Invalid unicode in q"));
}

#[test]
fn long_values_are_not_repeated_in_full() {
    let error = read::<Search>(&format!("q=&page={}", "x".repeat(5000))).unwrap_err();
    assert!(error.message().unwrap().len() < 200);
    let error = from_json::<u8>(format!("\"{}\"", "x".repeat(5000)).as_bytes()).unwrap_err();
    assert!(error.message().unwrap().chars().count() <= MAX_MESSAGE + 1);
}

#[derive(Debug, Deserialize)]
struct User {
    #[expect(dead_code, reason = "it is only read from JSON")]
    name: String,
    #[expect(dead_code, reason = "it is only read from JSON")]
    ages: Vec<u8>,
}

#[track_caller]
fn refused_json(body: &str, message: &str) {
    let error = from_json::<HashMap<String, User>>(body.as_bytes()).unwrap_err();
    assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
    let found = error.message().unwrap();
    assert!(found.starts_with(message), "{found}");
}

#[test]
fn errors_in_json_name_path_line_and_column() {
    refused_json(
        r#"{"a": {"name": "x", "ages": [1, "2"]}}"#,
        "Invalid JSON: a.ages[1]: invalid type: string \"2\", expected u8 at line 1 column",
    );
    refused_json(
        r#"{"a": {"ages": []}}"#,
        "Invalid JSON: a: missing field `name`",
    );
    refused_json(
        r#"{"a": {"name": "x", "name": "y", "ages": []}}"#,
        "Invalid JSON: a: duplicate field `name`",
    );
    refused_json(
        r#"{"a": {"name": "x", "ages": [256]}}"#,
        "Invalid JSON: a.ages[0]: invalid value",
    );
    refused_json("", "Invalid JSON: the body is empty");
    refused_json("{} x", "Invalid JSON: trailing characters");
    refused_json("[]", "Invalid JSON: invalid type: sequence, expected a map");
}

#[test]
fn deep_json_is_refused() {
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        let error = from_json::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert!(
            error
                .message()
                .unwrap()
                .contains("recursion limit exceeded")
        );
        // What is not wanted is skipped without recursion.
        let unknown = format!("{{\"a\": {{\"unknown\": {deep}");
        let error = from_json::<HashMap<String, User>>(unknown.as_bytes()).unwrap_err();
        assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
    }
}

proptest! {
    #[test]
    fn any_query_is_a_value_or_a_400(query in "([qpage&=+%0-9]|tag=|page=|order=|range=){0,30}") {
        if let Err(error) = read::<Search>(&query) {
            prop_assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        }
    }
}
