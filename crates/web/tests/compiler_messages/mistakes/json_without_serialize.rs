//! A reply in JSON of a type that serde does not know.
//~ `Story: serde::Serialize` is not satisfied
//~ consider adding `#[derive(serde::Serialize)]` to your `Story` type
use waterspout::{Application, Context, Json};

struct Story;

async fn show(_: &mut Context) -> Json<Story> {
    Json(Story)
}

fn main() {
    let _ = Application::new(()).get("/", show);
}
