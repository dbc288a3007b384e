//! What the testbed reads as values of a type: forms of both kinds and JSON.

use std::process::Command;

use waterspout::http::client::{HttpClient, HttpRequest};
use waterspout::net::IoLoop;

use crate::{program, testbed};

/// Posts bodies, each to a path and with its type; gives status and text of each response.
fn post_each(requests: &[(&str, &str, &str)]) -> Vec<(u16, String)> {
    IoLoop::new().unwrap().run_sync(async {
        let (server, _stdout, url) = testbed(Command::new(program("testbed"))).await;
        let client = HttpClient::new();
        let mut answers = Vec::new();
        for (path, kind, body) in requests {
            let request = HttpRequest::post(format!("{url}{path}"))
                .with_body((*body).to_owned())
                .header("Content-Type", kind)
                .raise_error(false);
            let response = client.fetch(request).await.unwrap();
            let status = response.status().as_u16();
            answers.push((status, response.text().into_owned()));
        }
        drop(client);
        server.terminate().unwrap();
        server.wait_for_success().await.unwrap();
        answers
    })
}

#[test]
fn forms_and_json_are_values_or_a_400() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const FORM_BODY: &str = "name=Ada+L&email=a%40b&age=36&country=GB&newsletter=on";
    const PARTS: &str = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAda L\r\n\
        --b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b\r\n\
        --b\r\nContent-Disposition: form-data; name=\"age\"\r\n\r\n36\r\n\
        --b\r\nContent-Disposition: form-data; name=\"country\"\r\n\r\nGB\r\n\
        --b\r\nContent-Disposition: form-data; name=\"newsletter\"\r\n\r\noff\r\n\
        --b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.gif\"\r\n\r\nGIF89a\r\n\
        --b--\r\n";
    const ORDER: &str = r#"{"article":"tea","count":3,"price":1250,"express":true,"tags":["a"]}"#;
    let (parts, json) = ("multipart/form-data; boundary=b", "application/json");
    let answers = post_each(&[
        ("/signup", FORM, FORM_BODY),
        ("/signup", FORM, "name=Ada&age=x"),
        ("/signup", json, ORDER),
        ("/signup/picture", parts, PARTS),
        ("/order", json, ORDER),
        ("/order", json, r#"{"article":1}"#),
        ("/order", FORM, FORM_BODY),
    ]);
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 400, 415, 200, 200, 400, 415]);
    assert_eq!(answers[0].1, "Ada L <a@b>, 36, GB, newsletter: true");
    assert!(answers[1].1.contains("Invalid argument age"));
    assert_eq!(
        answers[3].1,
        "Ada L <a@b>, 36, GB, newsletter: false, picture: 6"
    );
    assert_eq!(
        answers[4].1,
        r#"{"article":"tea","count":3,"total":3750,"express":true,"tags":["a"]}"#
    );
}
