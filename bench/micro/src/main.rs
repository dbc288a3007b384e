//! Runs one codec many times, for callgrind: `micro CODEC N`.
//!
//! There is no clock and no output in it; the runner subtracts a run with few turns from one with many.

mod body;
mod head;
mod response;

const USAGE: &str = "usage: micro \
head|browser-head|httparse-head|httparse-browser-head|response|chunked N";

fn main() {
    let mut args = std::env::args().skip(1);
    let codec = args.next().expect(USAGE);
    let turns: u32 = args.next().and_then(|text| text.parse().ok()).expect(USAGE);
    match codec.as_str() {
        "head" => head::ours(head::SHORT, turns),
        "browser-head" => head::ours(head::BROWSER, turns),
        "httparse-head" => head::httparse(head::SHORT, turns),
        "httparse-browser-head" => head::httparse(head::BROWSER, turns),
        "response" => response::encode(turns),
        "chunked" => body::decode(turns),
        _ => panic!("{USAGE}"),
    }
}
