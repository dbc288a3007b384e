//! Arguments of query and form, by Tornado's rules.

use super::Context;
use crate::arguments::{Arguments, missing};
use crate::error::Result;

impl<S> Context<S> {
    /// Returns the last value of an argument, of the form if it has one, else of the query.
    ///
    /// Control characters become blanks, and blanks at both ends are taken away.
    ///
    /// # Errors
    ///
    /// Fails with a 400 `Missing argument x` if there is none, and with a 400 if the value is not
    /// UTF-8 or there are more than 1000 arguments.
    pub fn argument(&mut self, name: &str) -> Result<String> {
        self.argument_optional(name)?.ok_or_else(|| missing(name))
    }

    /// Returns an argument as [`argument`](Self::argument) does, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if the value is not UTF-8 or there are more than 1000 arguments.
    pub fn argument_optional(&mut self, name: &str) -> Result<Option<String>> {
        match self.body_pairs()?.last(name)? {
            Some(value) => Ok(Some(value)),
            None => self.query_pairs()?.last(name),
        }
    }

    /// Returns an argument as [`argument`](Self::argument) does, or the default if there is none.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if the value is not UTF-8 or there are more than 1000 arguments.
    pub fn argument_or(&mut self, name: &str, default: &str) -> Result<String> {
        let value = self.argument_optional(name)?;
        Ok(value.unwrap_or_else(|| default.to_owned()))
    }

    /// Returns every value of an argument, those of the query first.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if a value is not UTF-8 or there are more than 1000 arguments.
    pub fn arguments(&mut self, name: &str) -> Result<Vec<String>> {
        let mut values = self.query_pairs()?.all(name)?;
        values.extend(self.body_pairs()?.all(name)?);
        Ok(values)
    }

    /// Returns the last value of an argument of the query.
    ///
    /// # Errors
    ///
    /// Fails as [`argument`](Self::argument) does.
    pub fn query_argument(&mut self, name: &str) -> Result<String> {
        let value = self.query_pairs()?.last(name)?;
        value.ok_or_else(|| missing(name))
    }

    /// Returns every value of an argument of the query.
    ///
    /// # Errors
    ///
    /// Fails as [`arguments`](Self::arguments) does.
    pub fn query_arguments(&mut self, name: &str) -> Result<Vec<String>> {
        self.query_pairs()?.all(name)
    }

    /// Returns the last value of an argument of the form in the body.
    ///
    /// # Errors
    ///
    /// Fails as [`argument`](Self::argument) does.
    pub fn body_argument(&mut self, name: &str) -> Result<String> {
        let value = self.body_pairs()?.last(name)?;
        value.ok_or_else(|| missing(name))
    }

    /// Returns every value of an argument of the form in the body.
    ///
    /// # Errors
    ///
    /// Fails as [`arguments`](Self::arguments) does.
    pub fn body_arguments(&mut self, name: &str) -> Result<Vec<String>> {
        self.body_pairs()?.all(name)
    }

    /// Returns all arguments of the query. It is parsed once, when somebody first asks.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if there are more than 1000 arguments.
    pub fn query_pairs(&mut self) -> Result<&Arguments> {
        if self.more.as_ref().is_none_or(|more| more.query.is_none()) {
            let query = self.request().query().unwrap_or("");
            let parsed = Arguments::parse(query.as_bytes())?;
            self.more().query = Some(parsed);
        }
        Ok(self.more().query.get_or_insert_default())
    }

    /// Returns all arguments of a form in the body: of `application/x-www-form-urlencoded`, or the
    /// fields of `multipart/form-data` that are no [files](Self::files).
    ///
    /// A body of another type has none. The form is parsed once, when somebody first asks.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if there are more than 1000 arguments, or if a form in parts is malformed or
    /// breaks a limit; with a 415 if the body has a `Content-Encoding`.
    pub fn body_pairs(&mut self) -> Result<&Arguments> {
        if self.more.as_ref().is_none_or(|more| more.form.is_none()) {
            let (parsed, files) = self.parse_form()?;
            self.more().files = files;
            self.more().form = Some(parsed);
        }
        Ok(self.more().form.get_or_insert_default())
    }
}
