//! An application at work: from the request's head to the finished response.

mod access_log;
mod compression;
mod dispatch;
mod error_page;
mod failure;
mod languages;
#[cfg(not(feature = "templates"))]
#[path = "no_rendering.rs"]
mod rendering;
#[cfg(feature = "templates")]
mod rendering;
mod security;
mod site;
mod transforms;
mod watch;

pub(crate) use access_log::AccessLog;
pub use compression::Compression;
pub use dispatch::ApplicationService;
pub(crate) use failure::{ErrorLog, ErrorPage};
pub(crate) use languages::Languages;
pub(crate) use rendering::{PageParts, Rendering};
pub(crate) use security::Security;
pub(crate) use site::{RouteOptions, Scope, Site, Target, outwards};
pub(crate) use transforms::Transforms;
pub(crate) use watch::{by_name, watch};
