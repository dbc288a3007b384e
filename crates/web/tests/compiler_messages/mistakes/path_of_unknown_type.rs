//! Nothing says what a parameter is read as.
//~ FromStr
use waterspout::{Context, Result};

async fn show(cx: &mut Context) -> Result<String> {
    let id = cx.path("id")?;
    Ok(format!("story {id}"))
}

fn main() {
    let _ = show;
}
