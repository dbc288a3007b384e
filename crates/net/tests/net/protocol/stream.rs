//! Protocols over streams.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use crate::io_stream::pairs::{octets, over_sockets, tcp_pair, unix_pair};
use crate::support::{logged, run};
use tokio::task::yield_now;
use waterspout_net::{Protocol, StreamTransport, pipe, run_protocol, spawn_protocol};

type Events = Rc<RefCell<Vec<String>>>;

/// Notes what is called; what it does about it is decided by the first octet that comes.
#[derive(Default)]
struct Recorder {
    events: Events,
    transport: Option<StreamTransport>,
    keep_open: bool,
}

impl Recorder {
    fn new() -> (Self, Events) {
        let recorder = Self::default();
        let events = Rc::clone(&recorder.events);
        (recorder, events)
    }

    fn note(&self, event: impl Into<String>) {
        self.events.borrow_mut().push(event.into());
    }

    fn transport(&self) -> &StreamTransport {
        self.transport.as_ref().unwrap()
    }
}

impl Protocol for Recorder {
    fn connection_made(&mut self, transport: &StreamTransport) {
        self.transport = Some(transport.clone());
        self.note("made");
    }

    fn data_received(&mut self, data: &[u8]) {
        self.note(format!("data {}", String::from_utf8_lossy(data)));
        match data[0] {
            b'e' => self.transport().write(data),
            b'c' => {
                self.transport().write(b"bye");
                self.transport().close();
            }
            b'a' => {
                self.transport().write(b"never sent");
                self.transport().abort();
            }
            b'p' => panic!("asked to panic"),
            _ => {}
        }
    }

    fn eof_received(&mut self) -> bool {
        self.note("eof");
        self.keep_open
    }

    fn pause_writing(&mut self) {
        self.note("pause");
    }

    fn resume_writing(&mut self) {
        self.note("resume");
    }

    fn connection_lost(&mut self, cause: Option<&io::Error>) {
        self.note(match cause {
            Some(error) => format!("lost: {:?}", error.kind()),
            None => "lost".to_owned(),
        });
    }
}

async fn until(events: &Events, event: &str) {
    while !events.borrow().iter().any(|seen| seen == event) {
        yield_now().await;
    }
}

#[test]
fn the_methods_are_called_in_their_order() {
    over_sockets(async |stream, mut peer| {
        let (recorder, events) = Recorder::new();
        spawn_protocol(stream, recorder);
        assert!(events.borrow().is_empty(), "never inside the call");
        peer.write(b"echo").await.unwrap();
        assert_eq!(peer.read_bytes(4).await.unwrap(), "echo");
        peer.shutdown().await.unwrap();
        assert_eq!(peer.read_until_close().await.unwrap(), "");
        assert_eq!(*events.borrow(), ["made", "data echo", "eof", "lost"]);
    });
}

#[test]
fn close_sends_what_waits_and_abort_does_not() {
    over_sockets(async |stream, mut peer| {
        let (recorder, events) = Recorder::new();
        let transport = spawn_protocol(stream, recorder);
        peer.write(b"close").await.unwrap();
        assert_eq!(peer.read_until_close().await.unwrap(), "bye");
        assert_eq!(*events.borrow(), ["made", "data close", "lost"]);
        assert!(transport.is_closing() && !transport.is_reading());
        transport.write(b"dropped");
        transport.close();
    });
    over_sockets(async |stream, mut peer| {
        let (recorder, events) = Recorder::new();
        spawn_protocol(stream, recorder);
        peer.write(b"abort").await.unwrap();
        assert_eq!(peer.read_until_close().await.unwrap(), "");
        assert_eq!(*events.borrow(), ["made", "data abort", "lost"]);
    });
}

#[test]
fn a_protocol_that_keeps_open_may_write_after_the_peer_ended() {
    over_sockets(async |stream, mut peer| {
        let (mut recorder, events) = Recorder::new();
        recorder.keep_open = true;
        let transport = spawn_protocol(stream, recorder);
        peer.shutdown().await.unwrap();
        until(&events, "eof").await;
        transport.write(b"late answer");
        transport.close();
        assert_eq!(peer.read_until_close().await.unwrap(), "late answer");
    });
}

#[test]
fn write_eof_ends_one_direction() {
    over_sockets(async |stream, mut peer| {
        let (recorder, events) = Recorder::new();
        let transport = spawn_protocol(stream, recorder);
        transport.write(b"all");
        transport.write_eof();
        transport.write(b"dropped");
        assert_eq!(peer.read_until_close().await.unwrap(), "all");
        peer.write(b"still heard").await.unwrap();
        until(&events, "data still heard").await;
        assert!(!transport.is_closing());
    });
}

#[test]
fn a_slow_peer_pauses_the_protocol_and_nothing_is_lost() {
    over_sockets(async |stream, mut peer| {
        let (recorder, events) = Recorder::new();
        let transport = spawn_protocol(stream, recorder);
        transport.set_write_buffer_limits(1000, 5000);
        let message = octets(16 << 20);
        transport.write(&message);
        until(&events, "pause").await;
        assert!(transport.write_buffer_size() > 5000);
        assert!(peer.read_bytes(message.len()).await.unwrap() == message);
        until(&events, "resume").await;
        assert_eq!(transport.write_buffer_size(), 0);
    });
}

#[test]
fn a_paused_transport_holds_back_what_comes() {
    over_sockets(async |stream, mut peer| {
        let (recorder, events) = Recorder::new();
        let transport = spawn_protocol(stream, recorder);
        transport.pause_reading();
        peer.write(b"wait").await.unwrap();
        for _ in 0..50 {
            yield_now().await;
        }
        assert_eq!(*events.borrow(), ["made"]);
        transport.resume_reading();
        until(&events, "data wait").await;
    });
}

#[test]
fn a_transport_knows_the_addresses_of_its_ends() {
    over_sockets(async |stream, peer| {
        let ends = (stream.peer_addr().ok(), stream.local_addr().ok());
        let transport = spawn_protocol(stream, Recorder::new().0);
        drop(peer);
        assert_eq!((transport.peer_addr(), transport.local_addr()), ends);
    });
    run(async {
        let (reader, _writer) = pipe().unwrap();
        let transport = spawn_protocol(reader, Recorder::new().0);
        assert_eq!(
            (transport.peer_addr(), transport.local_addr()),
            (None, None)
        );
    });
}

#[test]
fn a_reset_is_the_cause_of_the_loss() {
    run(async {
        let (stream, peer) = tcp_pair().await;
        let (recorder, events) = Recorder::new();
        peer.reset_on_close().unwrap();
        drop(peer);
        run_protocol(stream, recorder).await;
        assert_eq!(*events.borrow(), ["made", "lost: ConnectionReset"]);
    });
}

#[test]
fn what_was_buffered_before_the_protocol_began_comes_first() {
    run(async {
        let (mut stream, mut peer) = unix_pair();
        peer.write(b"head\nrest").await.unwrap();
        assert_eq!(stream.read_until(b"\n", 100).await.unwrap(), "head\n");
        peer.close().await;
        let recorder = run_protocol(stream, Recorder::default()).await;
        assert_eq!(
            *recorder.events.borrow(),
            ["made", "data rest", "eof", "lost"]
        );
    });
}

#[test]
fn pipes_have_protocols_too() {
    run(async {
        let (reader, writer) = pipe().unwrap();
        let (recorder, events) = Recorder::new();
        spawn_protocol(reader, recorder);
        let mut writer = writer;
        writer.write(b"by pipe").await.unwrap();
        drop(writer);
        until(&events, "lost").await;
        assert_eq!(*events.borrow(), ["made", "data by pipe", "eof", "lost"]);
    });
}

#[test]
fn the_writing_end_of_a_pipe_has_a_protocol_that_only_writes() {
    run(async {
        let (mut reader, writer) = pipe().unwrap();
        let (recorder, events) = Recorder::new();
        let transport = spawn_protocol(writer, recorder);
        until(&events, "made").await;
        transport.write(b"by pipe");
        assert_eq!(reader.read_bytes(7).await.unwrap(), "by pipe");
        assert_eq!(*events.borrow(), ["made"]);
        transport.write(b", and the end");
        transport.write_eof();
        let rest = reader.read_until_close().await.unwrap();
        assert_eq!(rest, ", and the end");
        until(&events, "lost").await;
        assert_eq!(*events.borrow(), ["made", "lost"]);
    });
    for waits in [true, false] {
        run(async {
            let (reader, writer) = pipe().unwrap();
            let (recorder, events) = Recorder::new();
            let transport = spawn_protocol(writer, recorder);
            if waits {
                transport.write(&octets(1 << 20));
            }
            for _ in 0..10 {
                yield_now().await;
            }
            drop(reader);
            let end = if waits { "lost: BrokenPipe" } else { "lost" };
            until(&events, end).await;
        });
    }
}

#[test]
fn a_protocol_that_panics_is_logged_and_not_called_again() {
    let events = Events::default();
    let seen = Rc::clone(&events);
    let log = logged(|| {
        run(async {
            let (stream, mut peer) = unix_pair();
            let recorder = Recorder {
                events: seen,
                ..Recorder::default()
            };
            spawn_protocol(stream, recorder);
            peer.write(b"panic").await.unwrap();
            assert_eq!(peer.read_until_close().await.unwrap_or_default(), "");
        });
    });
    assert!(log.contains("panic in callback: asked to panic"), "{log}");
    assert_eq!(*events.borrow(), ["made", "data panic"]);
}

#[test]
fn a_protocol_whose_loop_ends_is_told() {
    let (recorder, events) = Recorder::new();
    run(async {
        let (stream, peer) = unix_pair();
        spawn_protocol(stream, recorder);
        until(&events, "made").await;
        drop(peer.with_config(waterspout_net::StreamConfig::default()));
    });
    assert_eq!(events.borrow().last().unwrap(), "lost");
}
