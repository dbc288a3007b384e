//! Plays one case and says what was wrong with the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::answer::find;
use super::case_file::{Case, Interim, Step, Then, Wanted};
use super::client::Client;

const PROBE: &[u8] = b"GET /plaintext HTTP/1.1\r\nHost: probe\r\n\r\n";
const PROBE_BODY: &[u8] = b"Hello, World!";
const PATIENCE: Duration = Duration::from_secs(5);

/// Plays every case and fails with a list of those that did not go as they say.
pub(crate) fn play_all(cases: &[Case], address: SocketAddr) {
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| fault(case, address))
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

/// Plays the case and, after it, has the next client served.
pub(crate) fn fault(case: &Case, address: SocketAddr) -> Option<String> {
    let outcome = play(case, address).and_then(|()| {
        let mut next = Client::connect(address, []);
        let served = is_kept(&mut next, 0)?;
        served
            .then_some(())
            .ok_or_else(|| "the next client is not served".into())
    });
    outcome
        .err()
        .map(|fault| format!("{} ({}): {fault}", case.name, case.rfc))
}

fn play(case: &Case, address: SocketAddr) -> Result<(), String> {
    let start = Instant::now();
    let mut client = Client::connect(address, case.answers.iter().map(|answer| answer.head));
    for step in &case.steps {
        walk(step, case, &mut client)?;
    }
    let needed = case
        .answers
        .iter()
        .filter(|answer| !answer.optional)
        .count();
    client.read_until(PATIENCE, |client| client.answers.len() >= needed)?;
    let mut count = client.answers.len().max(needed);
    check_connection(case, &mut client, count)?;
    if matches!(case.then, Then::Close | Then::End) {
        count = client.answers.len();
    }
    if case
        .at_most
        .is_some_and(|most| start.elapsed().as_secs_f64() > most)
    {
        return Err(format!("took {:?}", start.elapsed()));
    }
    check_answers(case, &client, count)?;
    check_content(case, &client)
}

fn walk(step: &Step, case: &Case, client: &mut Client) -> Result<(), String> {
    match step {
        Step::Send(octets) => {
            client.send(octets);
        }
        Step::Drip(seconds, octets) => client.drip(octets, Duration::from_secs_f64(*seconds))?,
        Step::Await(count) => {
            let came = client.read_until(PATIENCE, |client| match case.interim {
                Interim::One => client.interims.len() >= *count,
                _ => client.answers.len() >= *count,
            })?;
            came.then_some(())
                .ok_or("what the client waited for did not come")?;
        }
        Step::Stall(seconds) => {
            client.read_until(Duration::from_secs_f64(*seconds), |_| false)?;
        }
        Step::Shutdown => client.shutdown(),
    }
    Ok(())
}

/// Whether the connection was kept or closed, and whether it was allowed to.
fn check_connection(case: &Case, client: &mut Client, count: usize) -> Result<(), String> {
    if matches!(case.then, Then::Keep | Then::Any) {
        let kept = is_kept(client, count)?;
        return (kept || case.then == Then::Any)
            .then_some(())
            .ok_or("closed".into());
    }
    if !client.read_until(PATIENCE, |client| client.ended)? {
        return Err("not closed".into());
    }
    let said = client
        .answers
        .last()
        .is_none_or(|answer| answer.says_close());
    (case.then == Then::End || said)
        .then_some(())
        .ok_or("closed without saying so".into())
}

/// Asks once more: true if the right answer came, false if the connection is closed.
fn is_kept(client: &mut Client, count: usize) -> Result<bool, String> {
    client.send(PROBE);
    let answered = client.read_until(PATIENCE, |client| client.answers.len() > count)?;
    if !answered {
        return client
            .ended
            .then_some(false)
            .ok_or("neither answered nor closed".into());
    }
    let answer = &client.answers[count];
    if answer.status != 200 || answer.body != PROBE_BODY {
        return Err(format!("an answer nobody asked for: {answer:?}"));
    }
    Ok(true)
}

/// `count` answers belong to the case; one more may be that of the probe.
fn check_answers(case: &Case, client: &Client, count: usize) -> Result<(), String> {
    let got: Vec<u16> = client
        .answers
        .iter()
        .take(count)
        .map(|answer| answer.status)
        .collect();
    let fits = |(at, wanted): (usize, &Wanted)| match got.get(at) {
        Some(status) => wanted.statuses.contains(status),
        None => wanted.optional,
    };
    if got.len() > case.answers.len() || !case.answers.iter().enumerate().all(fits) {
        return Err(format!("answers {got:?}, wanted {:?}", case.answers));
    }
    if !client.left_over().is_empty() {
        return Err(format!(
            "left over: {:?}",
            String::from_utf8_lossy(client.left_over())
        ));
    }
    Ok(())
}

/// Interim answers, and what the case says about its last answer.
fn check_content(case: &Case, client: &Client) -> Result<(), String> {
    let wrong_interims = match case.interim {
        Interim::None => !client.interims.is_empty(),
        Interim::One => client.interims.len() != 1,
        Interim::Any => false,
    };
    if wrong_interims {
        return Err(format!("{} interim answers", client.interims.len()));
    }
    let last = client
        .answers
        .get(case.answers.len().wrapping_sub(1))
        .or(client.answers.last());
    let Some(last) = last.filter(|_| !case.answers.is_empty()) else {
        return Ok(());
    };
    let body_differs = case.body.as_ref().is_some_and(|body| *body != last.body);
    if body_differs && last.status == 200 {
        return Err(format!("body {:?}", String::from_utf8_lossy(&last.body)));
    }
    if case
        .contains
        .iter()
        .any(|part| find(&last.body, part).is_none())
    {
        return Err(format!("body {:?}", String::from_utf8_lossy(&last.body)));
    }
    let has = |name: &str, value: &str| {
        last.values(name)
            .iter()
            .any(|known| known.eq_ignore_ascii_case(value))
    };
    let missing = case.fields.iter().any(|(name, value)| !has(name, value));
    let unwanted = case.absent.iter().any(|name| !last.values(name).is_empty());
    if missing || unwanted {
        return Err(format!("fields {:?}", last.fields));
    }
    Ok(())
}
