//! Forms in parts: `multipart/form-data` as a client sends it (RFC 7578).

mod encode;
mod form;
mod part;

pub use form::MultipartForm;
pub use part::Part;
