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

/// One request.
pub(crate) fn one(options: &Options) -> Vec<u8> {
    let fields = match (options.mode, options.browser) {
        (Mode::PerRequest, _) => "Connection: close\r\n",
        (_, true) => BROWSER,
        (_, false) => "",
    };
    format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n",
        options.path, options.target
    )
    .into_bytes()
}
