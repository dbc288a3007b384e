//! A body in JSON is read as a type that serde cannot read.
//~ `Order: serde::de::DeserializeOwned` is not satisfied
//~ is not implemented for `Order`
use waterspout::{Application, Context, Result};

struct Order {
    article: String,
}

async fn order(cx: &mut Context) -> Result<String> {
    let order: Order = cx.json()?;
    Ok(order.article)
}

fn main() {
    drop(Application::new(()).post("/", order));
}
