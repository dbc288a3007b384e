//! What flags switch on: static files; and who the client is.

use serde::Serialize;
use waterspout::{Application, Compression, Context, Json, Result, StaticFileHandler};

use crate::flags::Flags;

/// Adds the routes of this file.
pub(crate) fn add_to(mut app: Application, flags: &Flags) -> Application {
    if let Some(directory) = &flags.static_files {
        let files = StaticFileHandler::new(directory)
            .default_file("index.html")
            .precompressed(true);
        app = app.static_files("/static", files);
        app = app.get("/static-url/{*path}", static_url);
    }
    if flags.compress {
        app = app.compress_response(Compression::default());
    }
    app.get("/remote", remote)
}

async fn static_url(cx: &mut Context) -> Result<String> {
    cx.static_url(&cx.path::<String>("path")?)
}

#[derive(Serialize)]
struct Remote {
    ip: String,
    protocol: &'static str,
}

/// The client as handlers see it.
async fn remote(cx: &mut Context) -> Json<Remote> {
    Json(Remote {
        ip: cx.remote_ip().to_string(),
        protocol: cx.protocol(),
    })
}
