//! A class returns its user as it is.
//~ expected `CurrentUser`, found `Option<User>`
//~ call `Into::into` on this expression to convert `Option<User>` into `CurrentUser`
use waterspout::auth::CurrentUser;
use waterspout::{Application, Context, RequestHandler, Result};

struct User;

#[derive(Clone)]
struct Account;

impl RequestHandler for Account {
    async fn current_user(&self, _cx: &mut Context) -> Result<CurrentUser> {
        Ok(Some(User))
    }
}

fn main() {
    drop(Application::new(()).route("/", Account));
}
