//! The conversations of `conformance/http1/cases`, played against the codecs and the connection
//! driver over real sockets. Each case is named by a sentence and says its RFC section, and the
//! advisory where there is one; a failure prints both.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::thread;
use std::time::Duration;

use waterspout_http::server::ServerConfig;

use support::play::{fault, play_all};
use support::{case_file, testbed};

#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

fn play_file(name: &str) {
    play_all(
        &case_file::load(name),
        testbed::start(ServerConfig::default()),
    );
}

#[test]
fn reads_the_request_line_as_rfc_9112_section_3_says() {
    play_file("start_line");
}

#[test]
fn reads_the_four_forms_of_a_target_of_rfc_9112_section_3_2() {
    play_file("target");
}

#[test]
fn wants_exactly_one_valid_host_by_rfc_9112_section_3_2() {
    play_file("host");
}

#[test]
fn reads_field_lines_as_rfc_9112_section_5_says_and_refuses_what_is_obsolete() {
    play_file("fields");
}

#[test]
fn refuses_every_known_shape_of_request_smuggling_by_rfc_9112_section_6() {
    play_file("framing");
}

#[test]
fn reads_the_chunked_coding_as_rfc_9112_section_7_1_says() {
    play_file("chunked");
}

#[test]
fn answers_expectations_as_rfc_9110_section_10_1_1_says() {
    play_file("expect");
}

#[test]
fn keeps_or_closes_a_connection_as_rfc_9112_section_9_says() {
    play_file("keep_alive");
}

#[test]
fn answers_pipelined_requests_in_order_by_rfc_9112_section_9_3_2() {
    play_file("pipelining");
}

#[test]
fn frames_answers_without_a_body_as_rfc_9112_section_6_3_says() {
    play_file("no_body");
}

#[test]
fn answers_http_10_as_rfc_9112_section_9_3_says() {
    play_file("http_10");
}

#[test]
fn drains_or_closes_and_never_takes_an_unread_body_for_a_request_cve_2025_4366() {
    play_file("unread_body");
}

#[test]
fn holds_its_limits_and_names_them() {
    play_file("limits");
}

#[test]
fn holds_its_deadlines() {
    let config = ServerConfig::default().every_deadline(Duration::from_secs(1));
    let address = testbed::start(config);
    // Each case waits for a deadline of a second, so all wait at once.
    let cases = case_file::load("deadlines");
    let threads = cases
        .into_iter()
        .map(|case| thread::spawn(move || fault(&case, address)));
    let threads: Vec<_> = threads.collect();
    let faults: Vec<String> = threads
        .into_iter()
        .filter_map(|t| t.join().unwrap())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
