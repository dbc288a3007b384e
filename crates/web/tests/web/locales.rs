use std::fs;

use waterspout::locale::Locales;
use waterspout::{Application, Context};

use super::support::{Client, with_server};

fn locales() -> Locales {
    let locales = Locales::new()
        .with_csv("es_LA", "Sign out,Salir\n")
        .unwrap();
    locales.with_csv("fr", "Sign out,Se déconnecter\n").unwrap()
}

fn app() -> Application {
    Application::new(())
        .locales(locales())
        .user_locale(|cx: &mut Context| cx.cookie("language"))
        .get("/", async |cx: &mut Context| {
            let locale = cx.locale();
            format!("{} {}", locale.code(), locale.translate("Sign out"))
        })
}

async fn asked(client: Client, fields: &str) -> String {
    let response = client.request("GET", "/", fields).await;
    assert_eq!(response.status(), 200);
    response.body().to_owned()
}

#[test]
fn the_browser_chooses_where_the_user_does_not() {
    with_server(app(), async |client| {
        assert_eq!(asked(client, "").await, "en_US Sign out");
        let field = "Accept-Language: de, fr-FR;q=0.7, es-LA;q=0.8\r\n";
        assert_eq!(asked(client, field).await, "es_LA Salir");
        assert_eq!(
            asked(client, "Accept-Language: fr-CH; q=0.9\r\n").await,
            "fr Se déconnecter"
        );
        assert_eq!(
            asked(client, "Accept-Language: fr;q=0, es;q=-1\r\n").await,
            "en_US Sign out"
        );
    });
}

#[test]
fn the_user_comes_before_the_browser() {
    with_server(app(), async |client| {
        let fields = "Cookie: language=fr\r\nAccept-Language: es-LA\r\n";
        assert_eq!(asked(client, fields).await, "fr Se déconnecter");
    });
}

#[test]
fn unknown_locales_do_no_harm() {
    with_server(app(), async |client| {
        for cookie in [
            "xx",
            "../../etc/passwd",
            "%00",
            "\"\"",
            "zzzzzzzzzzzzzzzzzz",
        ] {
            let fields = format!("Cookie: language={cookie}\r\nAccept-Language: es-LA\r\n");
            assert_eq!(asked(client, &fields).await, "es_LA Salir", "{cookie}");
        }
        let many = format!("Accept-Language: {}\r\n", "x-y;q=0.3,".repeat(1000));
        assert_eq!(asked(client, &many).await, "en_US Sign out");
    });
}

#[test]
fn a_handler_may_set_the_locale() {
    let app = app().get("/set", async |cx: &mut Context| {
        let french = cx.locales().get("fr").unwrap();
        cx.set_locale(french);
        cx.locale().code().to_owned()
    });
    with_server(app, async |client| {
        assert_eq!(client.get("/set").await.body(), "fr");
    });
}

#[test]
fn changed_translations_are_read_again_under_debug_alone() {
    for debug in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("en_US.csv");
        fs::write(&path, "Sign out,Leave\n").unwrap();
        let app = app()
            .debug(debug)
            .locales(Locales::load_csv(directory.path()).unwrap());
        with_server(app, async |client| {
            assert_eq!(asked(client, "").await, "en_US Leave");
            fs::write(&path, "Sign out,Go away\n").unwrap();
            let expected = if debug {
                "en_US Go away"
            } else {
                "en_US Leave"
            };
            assert_eq!(asked(client, "").await, expected);
            fs::write(&path, "\"broken").unwrap();
            assert_eq!(asked(client, "").await, expected);
        });
    }
}

#[cfg(feature = "templates")]
#[test]
fn templates_speak_the_language_of_the_request() {
    use waterspout::context;
    use waterspout::template::Templates;

    let text = "{{ _('Sign out') }} {{ locale.code }} {{ locale.name }} {{ locale.rtl }} \
                {{ _('Hello %(name)s', name='<b>') }} \
                {{ ngettext('%(count)d day', '%(count)d days', 3) }} {{ pgettext('law', 'right') }} \
                {{ locale.list(['a', 'b', 'c']) }} {{ locale.friendly_number(1234) }} \
                {{ locale.format_day(0) }} {{ locale.format_date(0, full_format=true, shorter=true) }}";
    let french = "Sign out,Se déconnecter\nHello %(name)s,Salut %(name)s\n\
                  %(count)d days,%(count)d jours,plural\nright,droit\n";
    let app = Application::new(())
        .locales(Locales::new().with_csv("fr_FR", french).unwrap())
        .templates(Templates::embedded([("page.html", text)]))
        .get("/", async |cx: &mut Context| {
            cx.render("page.html", context! {})
        });
    with_server(app, async |client| {
        let french = "Se déconnecter fr_FR Français False Salut &lt;b&gt; 3 jours droit \
                      a, b and c 1234 Thursday, January 1 January 1, 1970";
        assert_eq!(asked(client, "Accept-Language: fr-FR\r\n").await, french);
        let english = "Sign out en_US English (US) False Hello &lt;b&gt; 3 days right \
                       a, b and c 1,234 Thursday, January 1 January 1, 1970";
        assert_eq!(asked(client, "").await, english);
    });
}
