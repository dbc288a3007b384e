//! `request` in templates.

use std::sync::Arc;

use minijinja::value::{Object, Value};

use super::page::current;

/// The request of the page that is being rendered.
#[derive(Debug)]
pub(super) struct RequestObject;

impl Object for RequestObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "headers" => Some(Value::from_object(Headers)),
            field => current()?.request(field),
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }
}

/// `request.headers["Name"]`: the first field of a name, in any case.
#[derive(Debug)]
struct Headers;

impl Object for Headers {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        current()?.header(key.as_str()?).map(Value::from)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }
}
