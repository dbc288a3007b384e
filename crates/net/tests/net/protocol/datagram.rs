//! Protocols over datagrams.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use crate::support::run;
use tokio::task::yield_now;
use waterspout_net::{DatagramProtocol, DatagramTransport, UdpEndpoint, spawn_datagram_protocol};

#[derive(Default)]
struct Recorder {
    events: Rc<RefCell<Vec<String>>>,
    transport: Option<DatagramTransport>,
}

impl DatagramProtocol for Recorder {
    fn connection_made(&mut self, transport: &DatagramTransport) {
        self.transport = Some(transport.clone());
        self.events.borrow_mut().push("made".into());
    }

    fn datagram_received(&mut self, datagram: &[u8], from: SocketAddr) {
        let transport = self.transport.as_ref().unwrap();
        transport.send_to(datagram, Some(from));
        if datagram == b"close" {
            transport.close();
        }
    }

    fn pause_writing(&mut self) {
        self.events.borrow_mut().push("pause".into());
    }

    fn resume_writing(&mut self) {
        self.events.borrow_mut().push("resume".into());
    }

    fn error_received(&mut self, error: &io::Error) {
        self.events.borrow_mut().push(format!("{:?}", error.kind()));
    }

    fn connection_lost(&mut self) {
        self.events.borrow_mut().push("lost".into());
    }
}

fn local() -> UdpEndpoint {
    UdpEndpoint::bind("127.0.0.1:0".parse().unwrap()).unwrap()
}

#[test]
fn datagrams_are_answered_until_the_transport_is_closed() {
    run(async {
        let recorder = Recorder::default();
        let events = Rc::clone(&recorder.events);
        let transport = spawn_datagram_protocol(local(), recorder).unwrap();
        let client = UdpEndpoint::connect(transport.local_addr()).unwrap();
        for datagram in ["one", "", "close"] {
            client.send(datagram.as_bytes()).await.unwrap();
            assert_eq!(client.recv().await.unwrap(), datagram);
        }
        while events.borrow().last().unwrap() != "lost" {
            yield_now().await;
        }
        assert_eq!(*events.borrow(), ["made", "lost"]);
        assert!(transport.is_closing());
        transport.send_to(b"dropped", None);
        assert_eq!(transport.write_buffer_size(), 0);
    });
}

#[test]
fn a_datagram_that_is_too_large_is_an_error_and_the_endpoint_goes_on() {
    run(async {
        let recorder = Recorder::default();
        let events = Rc::clone(&recorder.events);
        let transport = spawn_datagram_protocol(local(), recorder).unwrap();
        let peer = local();
        transport.send_to(&[0; 70_000], Some(peer.local_addr().unwrap()));
        transport.send_to(b"fits", Some(peer.local_addr().unwrap()));
        assert_eq!(peer.recv().await.unwrap(), "fits");
        let calls = events.borrow().clone();
        // It was also too much to wait.
        let others = ["made", "pause", "resume"];
        let errors = calls.iter().filter(|call| !others.contains(&call.as_str()));
        assert_eq!(errors.count(), 1, "{calls:?}");
        transport.abort();
        while events.borrow().last().unwrap() != "lost" {
            yield_now().await;
        }
    });
}

#[test]
fn a_sender_that_is_faster_than_its_turns_is_asked_to_pause() {
    run(async {
        let recorder = Recorder::default();
        let events = Rc::clone(&recorder.events);
        let transport = spawn_datagram_protocol(local(), recorder).unwrap();
        let peer = local();
        // More than the runtime lets a task send in one turn.
        for _ in 0..400 {
            transport.send_to(&[0; 1000], Some(peer.local_addr().unwrap()));
        }
        while transport.write_buffer_size() > 0 {
            yield_now().await;
        }
        while events.borrow().last().unwrap() != "resume" {
            yield_now().await;
        }
        assert_eq!(*events.borrow(), ["made", "pause", "resume"]);
    });
}
