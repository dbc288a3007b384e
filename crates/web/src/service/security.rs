//! What the application says once about cookies and forms.

use std::rc::Rc;

use crate::signed::CookieSecret;
use crate::xsrf::XsrfConfig;

/// Settings of an application that concern who may do what.
#[derive(Debug, Default)]
pub(crate) struct Security {
    pub(crate) cookie_secret: Option<CookieSecret>,
    pub(crate) xsrf: Rc<XsrfConfig>,
    /// Handlers are wrapped in the check when the application is built.
    pub(crate) checks_xsrf: bool,
}
