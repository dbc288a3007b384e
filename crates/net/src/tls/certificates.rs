//! The certificates of a server, which can be read anew while it runs.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::TlsError;
use super::files::Pair;

/// The certificates of a server and the files they come from.
#[derive(Debug)]
pub(super) struct Certificates {
    default: Pair,
    named: Vec<(String, Pair)>,
    provider: Arc<CryptoProvider>,
    loaded: RwLock<Arc<Loaded>>,
    /// How the files were when they were last read.
    seen: Mutex<Vec<Option<Seen>>>,
}

#[derive(Debug)]
struct Loaded {
    default: Arc<CertifiedKey>,
    named: HashMap<String, Arc<CertifiedKey>>,
}

/// What tells whether a file has changed.
type Seen = (SystemTime, u64);

impl Certificates {
    pub(super) fn load(
        default: Pair,
        named: Vec<(String, Pair)>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let seen = look(&default, &named);
        let loaded = Loaded::load(&default, &named, &provider)?;
        Ok(Self {
            default,
            named,
            provider,
            loaded: RwLock::new(Arc::new(loaded)),
            seen: Mutex::new(seen),
        })
    }

    /// Reads the files anew. If one is bad, all stays as it was.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            look(&self.default, &self.named);
        let loaded = Loaded::load(&self.default, &self.named, &self.provider)?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        Ok(())
    }

    /// Tells whether a file is not as it was when it was last read.
    pub(super) fn has_changed(&self) -> bool {
        let now = look(&self.default, &self.named);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != now
    }
}

thread_local! {
    /// The name that the client of the handshake that goes on here asks for. rustls tells it to those
    /// who choose the certificate only, and does so within the call that reads the client's message.
    static ASKED_FOR: Cell<Option<Box<str>>> = const { Cell::new(None) };
}

/// Takes the name that was asked for since the last call.
pub(super) fn take_asked_for() -> Option<Box<str>> {
    ASKED_FOR.take()
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        ASKED_FOR.set(hello.server_name().map(Into::into));
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(loaded.find(hello.server_name())))
    }
}

impl Loaded {
    fn load(
        default: &Pair,
        named: &[(String, Pair)],
        provider: &CryptoProvider,
    ) -> Result<Self, TlsError> {
        let load = |pair: &Pair| pair.load(provider).map(Arc::new);
        let named = named
            .iter()
            .map(|(name, pair)| Ok((name.clone(), load(pair)?)));
        Ok(Self {
            default: load(default)?,
            named: named.collect::<Result<_, TlsError>>()?,
        })
    }

    fn find(&self, name: Option<&str>) -> &Arc<CertifiedKey> {
        let found = name.filter(|_| !self.named.is_empty()).and_then(|name| {
            let name = name.to_ascii_lowercase();
            self.named.get(&name).or_else(|| {
                let (_, parent) = name.split_once('.')?;
                self.named.get(&format!("*.{parent}"))
            })
        });
        found.unwrap_or(&self.default)
    }
}

fn look(default: &Pair, named: &[(String, Pair)]) -> Vec<Option<Seen>> {
    let pairs = std::iter::once(default).chain(named.iter().map(|(_, pair)| pair));
    pairs
        .flat_map(|pair| [&pair.certificate, &pair.key])
        .map(|path| {
            let data = fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        })
        .collect()
}
