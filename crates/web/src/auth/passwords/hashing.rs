//! The computation itself, which runs on a thread.

use argon2::password_hash::{Error, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use super::config::PasswordConfig;

/// Why a hash cannot be made or read. It holds neither password nor hash.
#[derive(Debug)]
pub(super) struct HashingError(String);

impl std::fmt::Display for HashingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "password hash: {}", self.0)
    }
}

impl std::error::Error for HashingError {}

pub(super) fn hash(password: &str, config: PasswordConfig) -> Result<String, HashingError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(failed)?;
    let params = Params::new(config.memory_kib, config.passes, config.lanes, None);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(failed)?);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(failed)?.to_string())
}

pub(super) fn verify(password: &str, hash: &str) -> Result<bool, HashingError> {
    if hash.starts_with("$2") {
        return bcrypt::verify(password, hash).map_err(failed);
    }
    let hash = PasswordHash::new(hash).map_err(failed)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn is_cheaper(hash: &str, config: PasswordConfig) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return true;
    };
    let Ok(params) = Params::try_from(&hash) else {
        return true;
    };
    hash.algorithm != argon2::ARGON2ID_IDENT
        || params.m_cost() < config.memory_kib
        || params.t_cost() < config.passes
}

fn failed(error: impl std::fmt::Display) -> HashingError {
    HashingError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> PasswordConfig {
        PasswordConfig::default().memory_kib(64).passes(1)
    }

    #[test]
    fn hashes_are_phc_text_with_a_salt_of_their_own() {
        let hash_of = || hash("open sesame", cheap()).unwrap();
        let (one, other) = (hash_of(), hash_of());
        assert!(one.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(verify("open sesame", &one).unwrap() && verify("open sesame", &other).unwrap());
        assert!(!verify("open sesame ", &one).unwrap());
        assert!(!verify("", &one).unwrap());
    }

    #[test]
    fn the_reference_hash_of_argon2_is_read() {
        // From the README of the reference implementation.
        let hash = "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
        assert!(verify("password", hash).unwrap());
        assert!(!verify("Password", hash).unwrap());
        assert!(is_cheaper(hash, PasswordConfig::default()));
    }

    #[test]
    fn hashes_of_bcrypt_are_read() {
        // The vectors of the OpenBSD and crypt_blowfish test suites.
        for (password, hash) in [
            (
                "U*U",
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            ),
            (
                "U*U*",
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",
            ),
            (
                "",
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy",
            ),
        ] {
            assert!(verify(password, hash).unwrap(), "{hash}");
            assert!(!verify("another", hash).unwrap());
            assert!(is_cheaper(hash, cheap()));
        }
    }

    #[test]
    fn what_is_no_hash_is_an_error_that_does_not_show_it() {
        for text in [
            "",
            "x",
            "$argon2id$",
            "$argon2id$v=19$m=1$s$h",
            "$2b$",
            "$2a$05$short",
            "$1$a$b",
            "plain",
        ] {
            let error = verify("open sesame", text).unwrap_err().to_string();
            assert!(!error.contains("sesame"), "{text:?}: {error}");
            assert!(is_cheaper(text, cheap()));
        }
    }

    #[test]
    fn a_cost_that_rises_is_noticed() {
        let old = hash("x", cheap()).unwrap();
        assert!(!is_cheaper(&old, cheap()));
        assert!(is_cheaper(&old, cheap().memory_kib(128)));
        assert!(is_cheaper(&old, cheap().passes(2)));
    }
}
