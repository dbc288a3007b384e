//! A bar that shows how far something is.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

const WIDTH: u64 = 40;

/// Draws a line on the terminal again whenever it has changed. Copies draw the same one.
#[derive(Clone)]
pub(crate) struct Bar {
    out: Rc<RefCell<dyn Write>>,
    drawn: Rc<RefCell<String>>,
}

impl Bar {
    /// Draws on standard error, if that is a terminal.
    pub(crate) fn on_terminal() -> Self {
        match io::stderr().is_terminal() {
            true => Self::to(Rc::new(RefCell::new(io::stderr()))),
            false => Self::to(Rc::new(RefCell::new(io::sink()))),
        }
    }

    pub(crate) fn to(out: Rc<RefCell<dyn Write>>) -> Self {
        Self {
            out,
            drawn: Rc::default(),
        }
    }

    /// Shows that `done` octets of `all` are done.
    pub(crate) fn show(&self, done: u64, all: u64) -> io::Result<()> {
        let share = |of: u64| (done * of).checked_div(all).unwrap_or(of);
        let full = usize::try_from(share(WIDTH)).unwrap_or(0);
        let empty = usize::try_from(WIDTH).unwrap_or(0).saturating_sub(full);
        let line = format!(
            "[{}{}] {:3}%",
            "#".repeat(full),
            ".".repeat(empty),
            share(100)
        );
        if *self.drawn.borrow() == line {
            return Ok(());
        }
        let mut out = self.out.borrow_mut();
        write!(out, "\r{line}{}", if done >= all { "\n" } else { "" })?;
        out.flush()?;
        self.drawn.replace(line);
        Ok(())
    }
}
