//! What compression alone costs an echo: the library inflates and compresses, and nothing else happens.

use std::io::{Error, Result};

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush};

use crate::limit::Limit;
use crate::options::Options;
use crate::probe::Probe;
use crate::websocket;

/// What a server does to each message without context takeover, with its level, window and memory.
pub(crate) struct Load {
    message: Vec<u8>,
    /// The message as a client sends it, with the octets that are left out on the wire.
    compressed: Vec<u8>,
    inflate: Inflate,
    deflate: Deflate,
    inflated: Vec<u8>,
    out: Vec<u8>,
}

impl Load {
    /// Prepares the message.
    pub(crate) fn new(options: &Options) -> Self {
        let message = websocket::message(options);
        let mut compressed = websocket::deflated(&message);
        compressed.extend([0, 0, 0xff, 0xff]);
        Self {
            inflated: vec![0; message.len() + 64],
            out: vec![0; message.len() + 64],
            inflate: Inflate::new(false, 15),
            deflate: Deflate::new_with_config(DeflateConfig {
                window_bits: -15,
                ..DeflateConfig::default()
            }),
            message,
            compressed,
        }
    }

    /// What is worked on, in place of what is sent and comes back.
    pub(crate) fn probe(&self) -> Probe {
        Probe {
            request: self.compressed.clone(),
            length: self.compressed.len(),
        }
    }

    /// Echoes until the limit; returns how many messages.
    ///
    /// # Errors
    ///
    /// When the message does not come out as it was.
    pub(crate) fn run(&mut self, limit: &mut Limit) -> Result<u64> {
        let mut messages = 0;
        while limit.take(1) > 0 {
            self.echo()?;
            messages += 1;
            if messages % 64 == 0 {
                limit.look();
            }
        }
        Ok(messages)
    }

    fn echo(&mut self) -> Result<()> {
        let (compressed, inflated) = (&self.compressed, &mut self.inflated);
        let done = self
            .inflate
            .decompress(compressed, inflated, InflateFlush::SyncFlush);
        done.map_err(|error| Error::other(format!("{error:?}")))?;
        let length = usize::try_from(self.inflate.total_out()).map_err(Error::other)?;
        self.inflate.reset(false);
        let message = &self.inflated[..length];
        if message != self.message {
            return Err(Error::other("the message has changed"));
        }
        let done = self
            .deflate
            .compress(message, &mut self.out, DeflateFlush::SyncFlush);
        done.map_err(|error| Error::other(format!("{error:?}")))?;
        let length = usize::try_from(self.deflate.total_out()).map_err(Error::other)?;
        self.deflate.reset();
        if self.out[..length] != self.compressed {
            return Err(Error::other("the message is compressed otherwise"));
        }
        Ok(())
    }
}
