//! Signing.

use std::fmt::Write;
use std::time::SystemTime;

use waterspout_http::base64;

use super::secret::{CookieSecret, SignatureVersion};
use super::unix_seconds;

impl CookieSecret {
    /// Signs a value for a cookie of a name, as of a time: Tornado's `create_signed_value`.
    ///
    /// The value can be read by everybody, and changed by nobody.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use waterspout::CookieSecret;
    ///
    /// let secret = CookieSecret::new("It's a secret to everybody");
    /// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_300_000_000);
    /// assert_eq!(
    ///     secret.create_signed_value("key", "value", time),
    ///     "2|1:0|10:1300000000|3:key|8:dmFsdWU=|\
    ///      3d4e60b996ff9c5d5788e333a0cba6f238a22c6c0f94788870e1a9ecd482e152"
    /// );
    /// ```
    #[must_use]
    pub fn create_signed_value(
        &self,
        name: &str,
        value: impl AsRef<[u8]>,
        time: SystemTime,
    ) -> String {
        let value = base64::encode(value);
        let time = unix_seconds(time).to_string();
        let (number, key) = self.current();
        match self.write_version {
            SignatureVersion::V1 => {
                let parts = [name.as_bytes(), value.as_bytes(), time.as_bytes()];
                format!("{value}|{time}|{}", key.sign_v1(parts))
            }
            SignatureVersion::V2 => {
                let mut out = String::with_capacity(name.len() + value.len() + 100);
                out.push_str("2|");
                for field in [&number.to_string(), &time, name, &value] {
                    let length = field.len();
                    write!(out, "{length}:{field}|").expect("a string takes everything");
                }
                let mac = key.sign_v2(out.as_bytes());
                out.push_str(&mac);
                out
            }
        }
    }
}
