use std::cell::Cell;
use std::fmt;
use std::io;

use waterspout_net::{Executor, IoLoop, ThreadPool};

use super::config::PasswordConfig;
use super::hashing;
use crate::error::{HttpError, Result};

/// The most octets of a password. A longer one only costs time; nobody types it.
const MAX_PASSWORD: usize = 1024;

/// Hashes and verifies passwords on threads of its own, so that the loop goes on meanwhile.
///
/// One belongs into the state of each worker's application. A hash takes tens of milliseconds and
/// megabytes on purpose; how many are computed at once, and how many wait, is bounded.
///
/// # Examples
///
/// ```
/// use waterspout::{HttpError, Passwords, Result};
///
/// struct Site {
///     passwords: Passwords,
///     hash_of_ada: String,
/// }
///
/// async fn login(cx: &mut waterspout::Context<Site>) -> Result<&'static str> {
///     let (name, password) = (cx.body_argument("name")?, cx.body_argument("password")?);
///     let site = cx.app();
///     // A name that is not known takes as long as one that is.
///     let hash = (name == "ada").then_some(&*site.hash_of_ada);
///     if !site.passwords.verify(&password, hash).await? {
///         return Err(HttpError::forbidden("name or password is wrong").into());
///     }
///     cx.set_signed_cookie("user", &name)?;
///     Ok("welcome")
/// }
/// # fn main() -> std::io::Result<()> {
/// # _ = Site { passwords: Passwords::new()?, hash_of_ada: String::new() };
/// # _ = login;
/// # Ok(())
/// # }
/// ```
pub struct Passwords {
    executor: Box<dyn Executor>,
    config: PasswordConfig,
    /// Hashes that are computed or wait.
    pending: Cell<usize>,
}

impl Passwords {
    /// Starts a thread that hashes with the default cost.
    ///
    /// # Errors
    ///
    /// Fails if the thread cannot be started.
    pub fn new() -> io::Result<Self> {
        Self::with_config(PasswordConfig::default())
    }

    /// Starts the threads of a configuration.
    ///
    /// # Errors
    ///
    /// Fails if a thread cannot be started.
    pub fn with_config(config: PasswordConfig) -> io::Result<Self> {
        let pool = ThreadPool::new(config.threads)?;
        Ok(Self::with_executor(config, pool))
    }

    /// Hashes on an executor that is there already. It decides how many are computed at once.
    #[must_use]
    pub fn with_executor(config: PasswordConfig, executor: impl Executor + 'static) -> Self {
        Self {
            executor: Box::new(executor),
            config,
            pending: Cell::new(0),
        }
    }

    /// Hashes a password with a new salt: text in the PHC form, `$argon2id$v=19$…`, to be stored.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if the password has more than 1024 octets, with a 503 if too many wait
    /// ([`max_waiting`](PasswordConfig::max_waiting)), and with a 500 if the system has no random numbers.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses the hash.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let _place = self.place(password)?;
        let (password, config) = (password.to_owned(), self.config);
        let job = move || hashing::hash(&password, config);
        Ok(self.run(job).await??)
    }

    /// Tells whether a password is the one that was hashed: by argon2 in PHC form, or by bcrypt (`$2b$…`).
    ///
    /// Without a hash the answer is `false` after the time that one takes, so that nobody learns by the clock
    /// which names are known.
    ///
    /// # Errors
    ///
    /// Fails as [`hash`](Self::hash) does, and with a 500 if the stored text is no hash.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses the answer.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let _place = self.place(password)?;
        let password = password.to_owned();
        let Some(hash) = hash.map(str::to_owned) else {
            let config = self.config;
            self.run(move || hashing::hash(&password, config)).await??;
            return Ok(false);
        };
        let job = move || hashing::verify(&password, &hash);
        Ok(self.run(job).await??)
    }

    /// Tells whether a hash should be made anew, now that the password is known: because it is of another
    /// kind or cheaper than what this configuration makes.
    #[must_use]
    pub fn needs_rehash(&self, hash: &str) -> bool {
        hashing::is_cheaper(hash, self.config)
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let io_loop = IoLoop::current();
        Ok(io_loop.run_in_executor(Some(&*self.executor), job).await?)
    }

    /// Takes a place among those who wait.
    fn place(&self, password: &str) -> Result<Place<'_>> {
        if password.len() > MAX_PASSWORD {
            let message = "the password has more than 1024 octets";
            return Err(HttpError::bad_request(message).into());
        }
        let pending = self.pending.get();
        if pending >= self.config.max_waiting {
            let error = HttpError::SERVICE_UNAVAILABLE.with_header("Retry-After", "1");
            let message = "too many sign in at once (limit max_waiting)";
            return Err(error.with_message(message).into());
        }
        self.pending.set(pending + 1);
        Ok(Place(&self.pending))
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("config", &self.config)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}

/// A place among those who wait, given back when it is dropped.
struct Place<'p>(&'p Cell<usize>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
