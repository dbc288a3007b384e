//! Drives a connection from the first octet of a request until nothing is left to do.

use std::future::poll_fn;
use std::io;
use std::rc::Rc;

use http::StatusCode;

use super::conn::{Conn, EmptyLine, Wait};
use super::exchange::Exchange;
use super::pace::Pace;
use crate::h1::parse::{Head, Stop};
use crate::{Rejection, Service};

/// How the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It waits for a request with nothing in hand.
    Idle,
    /// It ends.
    Close,
    /// It goes on with another protocol.
    Upgrade,
}

/// Responses that may gather before they are written although more requests are buffered.
const HIGH_WATER: usize = 64 * 1024;

/// Octets that are read and thrown away after an early close.
const LINGER_LIMIT: usize = 1024 * 1024;

/// Answers every complete request in the buffer, in order, and writes the answers at once.
#[inline]
pub(crate) async fn drive<S: Service>(conn: Rc<Conn>, service: &S) -> Next {
    let mut exchange = Exchange::start(&conn);
    loop {
        let read = match parse_head(&conn, &mut exchange, EmptyLines::One) {
            HeadRead::Partial(empty_lines) => {
                // What was answered is written before this waits.
                if flush(&conn).await.is_err() {
                    return Next::Close;
                }
                if conn.release_input() {
                    exchange.give_back();
                    return Next::Idle;
                }
                wait_for_head(&conn, &mut exchange, empty_lines).await
            }
            read => read,
        };
        match read {
            HeadRead::Complete(head) => exchange.begin(&head),
            HeadRead::Refused(rejection) => {
                exchange.reject(rejection);
                let exchange = service.call(exchange).await;
                return end(&conn, exchange).await;
            }
            HeadRead::Partial(_) => return Next::Close,
        }
        exchange = service.call(exchange).await;
        if exchange.complete().is_err() || !exchange.keeps_alive() {
            return end(&conn, exchange).await;
        }
        if exchange.is_reading() && exchange.discard_body().await.is_err() {
            return end(&conn, exchange).await;
        }
        exchange.reset();
        if conn.stream.borrow().queued() > HIGH_WATER && flush(&conn).await.is_err() {
            return Next::Close;
        }
    }
}

/// What came of reading a head.
enum HeadRead {
    Complete(Head),
    /// More must arrive first; if nothing more comes, the peer is gone.
    Partial(EmptyLines),
    Refused(Box<Rejection>),
}

/// How many empty lines may still precede the request line (RFC 9112 §2.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum EmptyLines {
    One,
    NoMore,
}

/// Parses a head from what is buffered.
#[inline]
fn parse_head(conn: &Conn, exchange: &mut Exchange, empty_lines: EmptyLines) -> HeadRead {
    match conn.parse_head(exchange.request_mut()) {
        Ok(head) => HeadRead::Complete(head),
        Err(Stop::Partial) => HeadRead::Partial(empty_lines),
        Err(Stop::Bad(rejection)) => refuse(conn, exchange, empty_lines, rejection),
    }
}

/// Refuses a head, unless an empty line that may stand before it is all that is wrong.
#[cold]
fn refuse(
    conn: &Conn,
    exchange: &mut Exchange,
    empty_lines: EmptyLines,
    rejection: Box<Rejection>,
) -> HeadRead {
    if empty_lines == EmptyLines::NoMore {
        return HeadRead::Refused(rejection);
    }
    match conn.skip_empty_line() {
        EmptyLine::Skipped => parse_head(conn, exchange, EmptyLines::NoMore),
        EmptyLine::Incomplete => HeadRead::Partial(empty_lines),
        EmptyLine::None => HeadRead::Refused(rejection),
    }
}

/// Waits for the rest of a head whose first octets have come. [`HeadRead::Partial`] then means that
/// the peer has gone.
async fn wait_for_head(
    conn: &Conn,
    exchange: &mut Exchange,
    mut empty_lines: EmptyLines,
) -> HeadRead {
    let mut pace = Pace::new(conn.shared.head_pace);
    loop {
        let searched = conn.stream.borrow().buffered().len();
        match poll_fn(|cx| conn.poll_more(cx, Wait::Head, &mut pace)).await {
            Ok(0) => return HeadRead::Partial(empty_lines),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                let reason = "request head did not arrive in time (limit head_timeout)";
                let rejection = Rejection::new(StatusCode::REQUEST_TIMEOUT, reason);
                return HeadRead::Refused(Box::new(rejection));
            }
            Err(_) => return HeadRead::Partial(empty_lines),
        }
        // A head that trickles in is parsed again only when a line has ended, so that its cost
        // stays linear in the number of its lines.
        if conn.has_line_end_after(searched) {
            match parse_head(conn, exchange, empty_lines) {
                HeadRead::Partial(left) => empty_lines = left,
                read => return read,
            }
        } else if let Err(rejection) = conn.check_limits() {
            return HeadRead::Refused(Box::new(rejection));
        }
    }
}

#[inline]
fn flush(conn: &Conn) -> impl Future<Output = io::Result<()>> {
    let mut pace = Pace::new(conn.shared.write_pace);
    poll_fn(move |cx| conn.poll_flush(cx, &mut pace))
}

/// Writes what waits and closes; lingers if the client may still be sending, since a reset would
/// take the answer from it (RFC 9112 §9.6).
async fn end(conn: &Conn, mut exchange: Exchange) -> Next {
    if exchange.is_aborted() || exchange.complete().is_err() {
        conn.cut_off();
        return Next::Close;
    }
    if let Some(go_on) = exchange.take_upgrade() {
        exchange.reset();
        exchange.give_back();
        if flush(conn).await.is_err() {
            return Next::Close;
        }
        conn.shared.hand_over(go_on);
        return Next::Upgrade;
    }
    let may_send = exchange.client_may_send();
    exchange.reset();
    exchange.give_back();
    if flush(conn).await.is_ok() {
        conn.end_completes.set(false);
        if may_send {
            linger(conn).await;
        }
    }
    Next::Close
}

async fn linger(conn: &Conn) {
    let mut pace = Pace::new(conn.shared.linger_pace);
    if poll_fn(|cx| conn.poll_shutdown(cx, &mut pace))
        .await
        .is_err()
    {
        return;
    }
    let mut total = 0;
    while total < LINGER_LIMIT {
        conn.discard_input();
        match poll_fn(|cx| conn.poll_more(cx, Wait::Linger, &mut pace)).await {
            Ok(count) if count > 0 => total += count,
            _ => return,
        }
    }
}
