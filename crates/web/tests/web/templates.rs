use std::fs;
use std::time::{Duration, SystemTime};

use waterspout::template::{Serde, TemplateError, Templates, Value};
use waterspout::{Application, Context, Html, HttpError, Result, StatusCode, context};

use super::support::{Text, with_server};

fn app(templates: Templates) -> Application {
    Application::new(()).templates(templates)
}

/// An application with one page.
fn page(text: &str) -> Application {
    app(Templates::embedded([("page.html", text)])).get("/", show)
}

async fn show(cx: &mut Context) -> Result {
    cx.render(
        "page.html",
        context! { name => "<Ann>", items => vec![1, 2] },
    )
}

#[track_caller]
fn renders(text: &str, body: &str) {
    with_server(page(text), async |client| {
        let response = client.get("/?q=<x>").await;
        assert_eq!((response.status(), response.body()), (200, body));
        assert_eq!(response.field("content-type"), "text/html; charset=UTF-8");
    });
}

#[test]
fn values_are_escaped_and_markup_is_not() {
    renders(
        "<b>{{ name }}</b> {{ name|safe }} {{ items[0] }} {{ '\"\\'/&' }}",
        "<b>&lt;Ann&gt;</b> <Ann> 1 &quot;&#x27;/&amp;",
    );
    renders("{{ items }} {{ true }} {{ 1.5 }}", "[1, 2] True 1.5");
    renders("{{ (name|xhtml_escape)|e }}", "&lt;Ann&gt;");
    renders(
        "{% autoescape false %}{{ name }}{% endautoescape %}",
        "<Ann>",
    );
}

#[test]
fn templates_inherit_include_and_call_macros() {
    let templates = Templates::embedded([
        (
            "base.html",
            "<h1>{% block title %}none{% endblock %}</h1>{% block body %}{% endblock %}",
        ),
        (
            "pages/page.html",
            "{% extends 'base.html' %}{% from './macros.html' import twice %}\
             {% block title %}{{ name }} {{ super() }}{% endblock %}\
             {% block body %}{% include '../part.html' %}{{ twice(name) }}{% endblock %}lost",
        ),
        (
            "pages/macros.html",
            "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}",
        ),
        ("part.html", "<i>{{ name }}</i>"),
    ]);
    templates.check().unwrap();
    let app = app(templates).get("/", async |cx: &mut Context| {
        cx.render("pages/page.html", context! { name => "&" })
    });
    with_server(app, async |client| {
        let body = "<h1>&amp; none</h1><i>&amp;</i>&amp;&amp;";
        assert_eq!(client.get("/").await.body(), body);
    });
}

#[test]
fn loops_have_break_continue_and_else() {
    renders(
        "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}\
         {% if i > 3 %}{% break %}{% endif %}{{ i }}{% endfor %}\
         {% for i in [] %}{% else %}nothing{% endfor %}",
        "013nothing",
    );
    renders(
        "{% set n = items|length %}{{ n }}{# gone #}{% raw %}{{ x }}{% endraw %}",
        "2{{ x }}",
    );
}

#[test]
fn lines_of_tags_leave_no_blank_lines() {
    renders(
        "<ul>\n  {% for i in items %}\n  <li>{{ i }}\n  {% endfor %}\n</ul>",
        "<ul>\n  <li>1\n  <li>2\n</ul>",
    );
}

#[test]
fn escaping_follows_the_extension() {
    let text = "{{ value }}";
    let names = [
        "a.html",
        "a.xml",
        "a.unknown",
        "a",
        "a.txt",
        "a.json",
        "a.js",
    ];
    let templates = Templates::embedded(names.map(|name| (name, text)));
    let app = app(templates).get("/{name}", async |cx: &mut Context| -> Text {
        let name: String = cx.path("name")?;
        cx.render_string(&name, context! { value => "</b>\"" })
    });
    with_server(app, async |client| {
        for name in ["a.html", "a.xml", "a.unknown", "a"] {
            let response = client.get(&format!("/{name}")).await;
            assert_eq!(response.body(), "&lt;/b&gt;&quot;", "{name}");
        }
        assert_eq!(client.get("/a.txt").await.body(), "</b>\"");
        assert_eq!(client.get("/a.json").await.body(), r#""<\/b>\"""#);
        assert_eq!(client.get("/a.js").await.body(), r#""<\/b>\"""#);
    });
}

#[test]
fn functions_know_the_request() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a b.css"), "x").unwrap();
    let text = "{{ request.method }} {{ request.path }} {{ request.host }} {{ request.full_url }} \
                {{ request.headers['x-one'] }} {{ path('id') }} {{ argument('q') }} {{ cookie('c') }} \
                {{ reverse_url('story', 'a/b') }} {{ static_url('a b.css')[:19] }} \
                {{ argument('none') is none }}";
    let app = app(Templates::embedded([("page.html", text)]))
        .get("/story/{id}", show)
        .name("story")
        .static_files("/static", directory.path());
    with_server(app, async |client| {
        let response = client
            .request("GET", "/story/7?q=%26", "X-One: 1\r\nCookie: c=2\r\n")
            .await;
        let body = "GET /story/7 test http://test/story/7?q=%26 1 7 &amp; 2 /story/a%2Fb \
                    /static/a%20b.css?v True";
        assert_eq!(response.body(), body);
    });
}

#[test]
fn filters_are_those_of_escape_and_of_the_application() {
    let templates = Templates::embedded([(
        "page.html",
        "{{ name|shout }} {{ 'a b/'|url_escape }} {{ 'a b/'|url_escape(plus=false) }} \
         {{ '</'|json_encode|safe }} {{ ' a  b '|squeeze }} {{ '<www.a.com>'|linkify(extra_params='id=x') }} \
         {% filter shout %}x{{ name }}{% endfilter %}",
    )]);
    let templates = templates.filter("shout", str::to_uppercase);
    with_server(app(templates).get("/", show), async |client| {
        let body = "&lt;ANN&gt; a+b%2F a%20b/ \"<\\/\" a b \
                    &lt;<a href=\"http://www.a.com\" id=x>www.a.com</a>&gt; X&amp;LT;ANN&amp;GT;";
        assert_eq!(client.get("/").await.body(), body);
    });
}

#[test]
fn values_of_the_handler_come_before_those_of_the_application() {
    let templates = Templates::embedded([("page.html", "{{ a }}{{ b }}{{ c }}{{ d() }}")])
        .global("c", "global ")
        .global("a", "hidden ");
    let app = app(templates)
        .template_namespace(|cx: &mut Context| {
            context! { a => "hidden ", b => format!("{} ", cx.method()) }
        })
        .ui_method("d", |cx: &mut Context, _: &_| Ok(Value::from(cx.uri())))
        .get("/", async |cx: &mut Context| {
            cx.render("page.html", context! { a => "handler " })
        });
    with_server(app, async |client| {
        assert_eq!(client.get("/").await.body(), "handler GET global /");
    });
}

#[derive(serde::Serialize)]
struct Page {
    title: String,
}

#[test]
fn any_value_of_serde_can_be_rendered() {
    let app =
        app(Templates::embedded([("a.html", "{{ title }}")])).get("/", async |cx: &mut Context| {
            let title = "One & two".to_owned();
            cx.render("a.html", Serde(Page { title }))
        });
    with_server(app, async |client| {
        assert_eq!(client.get("/").await.body(), "One &amp; two");
    });
}

#[test]
fn a_rendered_response_is_complete_and_its_head_is_not() {
    let app = page("{{ name }}")
        .get("/twice", async |cx: &mut Context| -> Result {
            cx.set_status(StatusCode::CREATED);
            cx.render("page.html", context! { name => 1 })?;
            assert!(cx.write("more").is_err());
            assert!(cx.render("page.html", context! { name => 2 }).is_err());
            cx.set_header("X-After", "1")
        })
        .get("/xml", async |cx: &mut Context| -> Result {
            cx.set_header("Content-Type", "application/atom+xml")?;
            cx.render("page.html", context! { name => 3 })
        });
    with_server(app, async |client| {
        let response = client.get("/twice").await;
        assert_eq!((response.status(), response.body()), (201, "1"));
        assert_eq!(response.field("x-after"), "1");
        assert_eq!(
            client.get("/xml").await.field("content-type"),
            "application/atom+xml"
        );
    });
}

#[track_caller]
fn fails(text: &str, expected: &str) {
    let app = page(text).debug(true);
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert_eq!(response.status(), 500);
        assert!(response.body().contains(expected), "{}", response.body());
    });
    with_server(page(text), async |client| {
        let bare = "<html><title>500: Internal Server Error</title>\
                    <body>500: Internal Server Error</body></html>";
        let response = client.get("/").await;
        assert_eq!((response.status(), response.body()), (500, bare));
    });
}

#[test]
fn broken_templates_are_a_500_that_names_the_line_to_nobody_else() {
    fails(
        "one\n{{ missing }}\nthree",
        "`missing` is undefined in page.html, line 2",
    );
    fails("one\n{{ missing }}\nthree", "&gt;    2 | {{ missing }}");
    fails("{% if %}", "syntax error");
    fails("{{ name|nothing }}", "unknown filter");
    fails("{% include 'none.html' %}", "none.html");
    fails("{{ name.upper( }}", "in page.html, line 1");
    fails(
        "{{ static_url('a.css') }}",
        "static_url() needs static_files()",
    );
    fails(
        "{{ reverse_url('none') }}",
        "no route is named &quot;none&quot;",
    );
    fails(
        "{{ module('None') }}",
        "no UI module is named &quot;None&quot;",
    );
    fails("{{ 'x'|linkify(shorter=true) }}", "shorter");
}

#[test]
fn templates_outside_are_not_found() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("templates");
    fs::create_dir_all(inside.join("sub")).unwrap();
    fs::write(directory.path().join("secret.html"), "secret").unwrap();
    fs::write(inside.join(".hidden.html"), "secret").unwrap();
    fs::write(inside.join("sub/a.html"), "fine").unwrap();
    fs::write(
        inside.join("sub/up.html"),
        "{% include '../../secret.html' %}",
    )
    .unwrap();
    let templates = Templates::directory(&inside).unwrap();
    let app = app(templates).get("/", async |cx: &mut Context| -> Text {
        let name = cx.argument("name")?;
        cx.render_string(&name, context! {})
    });
    with_server(app, async |client| {
        assert_eq!(client.get("/?name=sub/a.html").await.body(), "fine");
        let secret = directory.path().join("secret.html");
        let absolute = secret.to_str().unwrap();
        let tries = [
            "../secret.html",
            "sub/../../secret.html",
            ".hidden.html",
            absolute,
            "sub",
            "sub/up.html",
            "..%5Csecret.html",
            "",
            "//secret.html",
        ];
        for name in tries {
            let response = client.get(&format!("/?name={name}")).await;
            assert_eq!(response.status(), 500, "{name}");
            assert!(!response.body().contains("secret"), "{name}");
        }
    });
}

#[test]
fn a_directory_that_is_none_is_an_error_at_once() {
    let error = Templates::directory("/no/such/templates").unwrap_err();
    assert!(error.to_string().contains("/no/such/templates"));
}

#[test]
fn all_templates_can_be_checked_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("b")).unwrap();
    fs::write(directory.path().join("a.html"), "fine").unwrap();
    fs::write(directory.path().join("b/c.html"), "\n{% block x %}").unwrap();
    let error = Templates::directory(directory.path())
        .unwrap()
        .check()
        .unwrap_err();
    assert_eq!((error.name(), error.line()), (Some("b/c.html"), Some(2)));
}

/// Writes a file whose time differs from that of the one before.
fn rewrite(path: &std::path::Path, text: &str, seconds: u64) {
    fs::write(path, text).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .unwrap();
}

#[test]
fn changed_files_are_compiled_again_under_debug_alone() {
    for debug in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("page.html");
        rewrite(&path, "one", 1);
        let templates = Templates::directory(directory.path()).unwrap();
        let app = app(templates).debug(debug).get("/", show);
        with_server(app, async |client| {
            assert_eq!(client.get("/").await.body(), "one");
            rewrite(&path, "two", 2);
            let expected = if debug { "two" } else { "one" };
            assert_eq!(client.get("/").await.body(), expected);
        });
    }
}

#[test]
fn render_without_templates_says_what_is_missing() {
    let app = Application::new(()).debug(true).get("/", show);
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert!(
            response
                .body()
                .contains("render() needs Application::templates")
        );
    });
}

#[test]
fn a_panic_in_a_function_leaves_the_request_whole() {
    let app =
        page("{{ explode() }}").ui_method("explode", |_: &mut Context, _: &_| panic!("on purpose"));
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert_eq!(response.status(), 500);
        assert!(response.body().contains("500: Internal Server Error"));
        assert_eq!(client.get("/").await.status(), 500);
    });
}

#[test]
fn an_error_of_a_function_keeps_its_status() {
    let app = page("{{ gone() }}").ui_method("gone", |_: &mut Context, _: &_| -> Result<Value> {
        Err(HttpError::GONE.with_message("no more").into())
    });
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert_eq!(response.status(), 410);
        assert!(response.body().contains("no more"));
    });
}

#[derive(askama::Template)]
#[template(source = "Hello, {{ name }}", ext = "html")]
struct Hello<'a> {
    name: &'a str,
}

/// Engines that work while the program is compiled need nothing of ours.
#[test]
fn templates_of_askama_are_html() {
    let app = Application::new(()).get("/", async |_: &mut Context| -> Result<Html<String>> {
        Ok(Html(askama::Template::render(&Hello { name: "<you>" })?))
    });
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert_eq!(response.body(), "Hello, &#60;you&#62;");
        assert_eq!(response.field("content-type"), "text/html; charset=UTF-8");
    });
}

#[test]
fn template_errors_are_known_by_their_type() {
    fn is_error<E: std::error::Error>() {}
    is_error::<TemplateError>();
}

#[derive(serde::Serialize)]
struct User {
    name: String,
}

#[test]
fn pages_know_the_user_that_was_asked_for() {
    let templates =
        Templates::embedded([("page.html", "{{ current_user.name if current_user }}!")]);
    let app = app(templates)
        .debug(true)
        .template_user::<User>()
        .current_user(async |cx: &mut Context| -> Result<Option<User>> {
            Ok(cx.cookie("user").map(|name| User { name }))
        })
        .get("/", async |cx: &mut Context| -> Result {
            cx.current_user::<User>().await?;
            cx.render("page.html", context! {})
        })
        .get("/unasked", show);
    with_server(app, async |client| {
        assert_eq!(
            client
                .request("GET", "/", "Cookie: user=ann\r\n")
                .await
                .body(),
            "ann!"
        );
        assert_eq!(client.get("/").await.body(), "!");
        let response = client.get("/unasked").await;
        assert_eq!(response.status(), 500);
        assert!(response.body().contains("await current_user() before"));
    });
}

#[test]
fn forms_have_their_token_and_set_its_cookie() {
    let app = page("<form>{{ xsrf_form_html() }}{{ module('xsrf_form_html') }}</form>");
    with_server(app, async |client| {
        let response = client.get("/").await;
        let field = "<form><input type=\"hidden\" name=\"_xsrf\" value=\"2|";
        assert!(response.body().starts_with(field), "{}", response.body());
        assert!(response.field("set-cookie").starts_with("_xsrf=2|"));
    });
}
