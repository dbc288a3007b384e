//! A future that is not awaited.
//~ futures do nothing unless you `.await` or poll them
#![deny(unused_must_use)]
use waterspout::{Application, Context, Result};

async fn stream(cx: &mut Context) -> Result<()> {
    cx.write("one")?;
    cx.flush();
    Ok(())
}

fn main() {
    let _ = Application::new(()).get("/", stream);
}
