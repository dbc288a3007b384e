//! The modules of the page.

use waterspout::template::{ModuleArguments, UiModule};
use waterspout::{Result, context};

use crate::{Context, Post, Stream};

/// One post, with its markup in a template.
pub(crate) struct PostModule;

impl UiModule<Stream> for PostModule {
    fn render(&self, cx: &mut Context, arguments: &ModuleArguments) -> Result<String> {
        let post: Post = arguments.get(0, "post")?;
        cx.render_string("modules/post.html", context! { post })
    }

    fn embedded_css(&self) -> Option<String> {
        Some(".post { border-bottom: 1px solid #ccc; padding: 0.5em 0; }".to_owned())
    }
}

/// How many like something, and a button that counts in the browser.
pub(crate) struct Likes;

impl UiModule<Stream> for Likes {
    fn render(&self, cx: &mut Context, arguments: &ModuleArguments) -> Result<String> {
        let likes: u32 = arguments.get(0, "likes")?;
        let text = cx
            .locale()
            .translate_plural("%(count)d like", "%(count)d likes", likes.into())
            .replace("%(count)d", &likes.to_string());
        Ok(format!("<button class=\"likes\">{text}</button>"))
    }

    fn embedded_javascript(&self) -> Option<String> {
        let script = "document.addEventListener('click', function (event) {\n  \
                      if (event.target.className === 'likes') event.target.disabled = true;\n});";
        Some(script.to_owned())
    }
}
