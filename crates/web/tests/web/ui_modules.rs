use serde::{Deserialize, Serialize};
use waterspout::template::{ModuleArguments, Templates, UiModule};
use waterspout::{Application, Context, Result, context};

use super::support::with_server;

#[derive(Serialize, Deserialize)]
struct Entry {
    title: String,
}

struct Foo;

impl UiModule for Foo {
    fn render(&self, cx: &mut Context, arguments: &ModuleArguments) -> Result<String> {
        let entry: Entry = arguments.get(0, "entry")?;
        let strong: Option<bool> = arguments.get(1, "strong")?;
        cx.render_string("entry.html", context! { entry, strong })
    }

    fn css_files(&self) -> Vec<String> {
        vec![
            "/base.css".to_owned(),
            "/foo.css".to_owned(),
            "/base.css".to_owned(),
        ]
    }

    fn embedded_css(&self) -> Option<String> {
        Some(".entry { margin-bottom: 1em; }".to_owned())
    }

    fn javascript_files(&self) -> Vec<String> {
        vec!["/common.js".to_owned()]
    }

    fn embedded_javascript(&self) -> Option<String> {
        Some("js_embed()".to_owned())
    }

    fn html_head(&self) -> Option<String> {
        Some("<meta>".to_owned())
    }

    fn html_body(&self) -> Option<String> {
        Some("<script>document.write(\"</body>\")</script>".to_owned())
    }
}

fn app(page: &str) -> Application {
    let templates = Templates::embedded([
        ("page.html", page),
        ("entry.html", "<p>{{ entry.title }}{{ '!' if strong }}</p>"),
        (
            "part.html",
            "{{ set_resources(embedded_css='.a{}', css_files=['/a.css', '/base.css']) }}({{ word }})",
        ),
        ("itself.html", "{{ module('Template', 'itself.html') }}"),
    ]);
    Application::new(())
        .templates(templates)
        .debug(true)
        .ui_module("Foo", Foo)
        .get("/", show)
}

async fn show(cx: &mut Context) -> Result {
    let entries = [
        Entry {
            title: "<1>".to_owned(),
        },
        Entry {
            title: "2".to_owned(),
        },
    ];
    cx.render("page.html", context! { entries })
}

#[track_caller]
fn renders(page: &str, expected: &str) {
    with_server(app(page), async |client| {
        let response = client.get("/").await;
        assert_eq!(response.body(), expected);
    });
}

#[track_caller]
fn fails(page: &str, expected: &str) {
    with_server(app(page), async |client| {
        let response = client.get("/").await;
        assert_eq!(response.status(), 500);
        assert!(response.body().contains(expected), "{}", response.body());
    });
}

/// The page of Tornado's test, octet by octet where Tornado and we agree.
#[test]
fn what_modules_need_is_in_the_page_once() {
    renders(
        "<html><head><title>x</title></head><body>\
         {% for entry in entries %}{{ module('Foo', entry, strong=true) }}{% endfor %}</body></html>",
        "<html><head><title>x</title>\
         <link href=\"/base.css\" type=\"text/css\" rel=\"stylesheet\"/>\
         <link href=\"/foo.css\" type=\"text/css\" rel=\"stylesheet\"/>\n\
         <style type=\"text/css\">\n.entry { margin-bottom: 1em; }\n</style>\n<meta>\n</head><body>\
         <p>&lt;1&gt;!</p><p>2!</p>\
         <script src=\"/common.js\" type=\"text/javascript\"></script>\n\
         <script type=\"text/javascript\">\n//<![CDATA[\njs_embed()\n//]]>\n</script>\n\
         <script>document.write(\"</body>\")</script>\n</body></html>",
    );
}

#[test]
fn templates_are_modules_that_say_what_they_need() {
    renders(
        "<head></head>{{ module('Template', 'part.html', word='&') }}\
         {{ module('Template', 'part.html', word=2) }}",
        "<head><link href=\"/a.css\" type=\"text/css\" rel=\"stylesheet\"/>\
         <link href=\"/base.css\" type=\"text/css\" rel=\"stylesheet\"/>\n\
         <style type=\"text/css\">\n.a{}\n</style>\n</head>(&amp;)(2)",
    );
}

#[test]
fn linkify_is_a_module() {
    renders(
        "{{ module('linkify', 'www.a.com <b>') }}",
        "<a href=\"http://www.a.com\">www.a.com</a> &lt;b&gt;",
    );
}

#[test]
fn functions_are_modules() {
    let app = app("{{ module('twice', 'x') }}").ui_module(
        "twice",
        |cx: &mut Context, arguments: &ModuleArguments| -> Result<String> {
            let text: String = arguments.get(0, "text")?;
            Ok(format!("<i>{text}{text}</i>{}", cx.locale().code()))
        },
    );
    with_server(app, async |client| {
        assert_eq!(client.get("/").await.body(), "<i>xx</i>en_US");
    });
}

#[test]
fn wrong_calls_say_what_is_wrong() {
    fails("{{ module('Foo') }}", "the argument entry is missing");
    fails("{{ module('Foo', 7) }}", "the argument entry is wrong");
    fails("{{ module() }}", "module() needs the name of a module");
    fails(
        "{{ set_resources(css_files='a') }}",
        "set_resources() is for templates",
    );
    fails("{{ module('Foo', entries[0]) }}", "has no &lt;/body&gt;");
}

#[test]
fn templates_that_call_themselves_end() {
    fails(
        "{{ module('Template', 'itself.html') }}",
        "more than 32 deep",
    );
}

#[test]
fn wrong_resources_of_the_same_template_are_an_error() {
    let templates = Templates::embedded([
        (
            "page.html",
            "{{ module('Template', 'p.html', n=1) }}{{ module('Template', 'p.html', n=2) }}",
        ),
        ("p.html", "{{ set_resources(html_head=n ~ '') }}"),
    ]);
    let app = Application::new(())
        .templates(templates)
        .debug(true)
        .get("/", show);
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert!(
            response
                .body()
                .contains("something else for the same template")
        );
    });
}
