//! The result of a future is used before it is there.
//~ consider `await`ing on the `Future`
use waterspout::{Context, Result};

async fn upload(cx: &mut Context) -> Result<usize> {
    let chunk = cx.chunk()?;
    Ok(chunk.map_or(0, |chunk| chunk.len()))
}

fn main() {
    let _ = upload;
}
