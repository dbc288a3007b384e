//! The case files of `conformance/http1/cases`; their format is described in
//! `conformance/README.md`.

use std::fs;

/// One conversation with the server and what must come of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) rfc: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) answers: Vec<Wanted>,
    pub(crate) then: Then,
    pub(crate) interim: Interim,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) contains: Vec<Vec<u8>>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) absent: Vec<String>,
    /// The longest time from connecting to the end, in seconds.
    pub(crate) at_most: Option<f64>,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// One octet at a time, with so many seconds between.
    Drip(f64, Vec<u8>),
    /// Waits for so many answers, or interim answers if the case wants one.
    Await(usize),
    Stall(f64),
    Shutdown,
}

/// What one final answer may be.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) statuses: Vec<u16>,
    pub(crate) optional: bool,
    pub(crate) head: bool,
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Then {
    #[default]
    Keep,
    /// Closed, and the last answer said so.
    Close,
    /// Closed, said or not.
    End,
    Any,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Interim {
    #[default]
    None,
    One,
    Any,
}

/// Reads every case of a file.
pub(crate) fn load(file: &str) -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/http1/cases");
    let text = fs::read_to_string(format!("{folder}/{file}.txt")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    let starts = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.starts_with("== "));
    let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let blocks = starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &lines[*start..end]);
    blocks.flat_map(expand).map(|block| build(&block)).collect()
}

/// The lines of a family once for each of its values, or once if it is no family.
fn expand(block: &[&str]) -> Vec<Vec<String>> {
    let each = block.iter().find_map(|line| line.strip_prefix("each "));
    let values = each.map_or(vec![""], |values| values.split_whitespace().collect());
    let lines = || block.iter().filter(|line| !line.starts_with("each "));
    values
        .iter()
        .map(|value| lines().map(|line| line.replace("{v}", value)).collect())
        .collect()
}

fn build(block: &[String]) -> Case {
    let mut case = Case {
        name: block[0][3..].into(),
        ..Case::default()
    };
    for line in &block[1..] {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        apply(&mut case, word, rest);
    }
    case
}

fn apply(case: &mut Case, word: &str, rest: &str) {
    match word {
        "send" => case.steps.push(Step::Send(unescape(rest))),
        "drip" => {
            let (seconds, octets) = rest.split_once(' ').unwrap();
            case.steps
                .push(Step::Drip(seconds.parse().unwrap(), unescape(octets)));
        }
        "await" => case.steps.push(Step::Await(rest.parse().unwrap())),
        "stall" => case.steps.push(Step::Stall(rest.parse().unwrap())),
        "shutdown" => case.steps.push(Step::Shutdown),
        "answers" => case.answers = rest.split(' ').map(wanted).collect(),
        "refused" => end(case, rest, Then::Close),
        "served" => end(case, if rest.is_empty() { "200" } else { rest }, Then::Keep),
        "then" => case.then = then(rest),
        "interim" => {
            case.interim = if rest == "100" {
                Interim::One
            } else {
                Interim::Any
            }
        }
        "rfc" => case.rfc = rest.into(),
        "body" => case.body = Some(unescape(rest)),
        "contains" => case.contains.push(unescape(rest)),
        "field" => {
            let (name, value) = rest.split_once(": ").unwrap();
            case.fields.push((name.into(), value.into()));
        }
        "absent" => case.absent.push(rest.into()),
        "seconds" => {
            case.at_most = rest
                .split(' ')
                .next_back()
                .map(|most| most.parse().unwrap())
        }
        "server" => {}
        _ => panic!("{}: what is `{word} {rest}`?", case.name),
    }
}

fn end(case: &mut Case, answer: &str, then: Then) {
    case.answers.push(wanted(answer));
    case.then = then;
}

fn then(word: &str) -> Then {
    match word {
        "keep" => Then::Keep,
        "close" => Then::Close,
        "end" => Then::End,
        "any" => Then::Any,
        _ => panic!("what is `then {word}`?"),
    }
}

fn wanted(text: &str) -> Wanted {
    let (head, set) = text
        .strip_prefix("HEAD:")
        .map_or((false, text), |set| (true, set));
    Wanted {
        statuses: set
            .split('|')
            .filter_map(|status| status.parse().ok())
            .collect(),
        optional: set.contains("none"),
        head,
    }
}

/// Turns `\r`, `\xNN` and `{3*ab}` into octets.
fn unescape(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(letter) = rest.chars().next() {
        let (octets, used) = match letter {
            '\\' => escape(rest),
            '{' => repetition(rest).unwrap_or((vec![b'{'], 1)),
            _ => (letter.to_string().into_bytes(), letter.len_utf8()),
        };
        out.extend_from_slice(&octets);
        rest = &rest[used..];
    }
    out
}

fn escape(text: &str) -> (Vec<u8>, usize) {
    let octet = match text.as_bytes()[1] {
        b'r' => b'\r',
        b'n' => b'\n',
        b't' => b'\t',
        b'0' => b'\0',
        b'x' => return (vec![u8::from_str_radix(&text[2..4], 16).unwrap()], 4),
        other => other,
    };
    (vec![octet], 2)
}

/// `{3*ab}`: the octets of `ab` three times.
fn repetition(text: &str) -> Option<(Vec<u8>, usize)> {
    let end = text.find('}')?;
    let (count, what) = text[1..end].split_once('*')?;
    Some((unescape(what).repeat(count.parse().ok()?), end + 1))
}
