//! The bytes that are sent.

use crate::options::{Mode, Options};

/// Eleven fields that a browser sends besides `Host`; their total is close to what Chromium sends.
const BROWSER: &str = "\
Connection: keep-alive\r\n\
sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n\
sec-ch-ua-mobile: ?0\r\n\
sec-ch-ua-platform: \"Linux\"\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/142.0.0.0 Safari/537.36\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
Sec-Fetch-Site: same-origin\r\n\
Sec-Fetch-Mode: navigate\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
Cookie: session=b2f1c7d09a5e4c6d8f3a; theme=dark\r\n";

/// The request that is repeated. `learnt` are fields that an earlier response taught, each with its line end.
pub(crate) fn one(options: &Options, learnt: &str) -> Vec<u8> {
    let fields = match (options.mode, options.browser) {
        (Mode::PerRequest, _) => "Connection: close\r\n",
        (_, true) => BROWSER,
        (_, false) => "",
    };
    let Options {
        path, target, body, ..
    } = options;
    let text = match &options.post {
        Some(kind) => format!(
            "POST {path} HTTP/1.1\r\nHost: {target}\r\n{fields}{learnt}Content-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ),
        None => format!("GET {path} HTTP/1.1\r\nHost: {target}\r\n{fields}{learnt}\r\n"),
    };
    text.into_bytes()
}

/// A plain request on the way to that one.
pub(crate) fn earlier(options: &Options, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", options.target).into_bytes()
}
