//! Packets of other processes, positions and server-sent events: octets are refused or understood, and a
//! text cannot become another field of an event.

#![no_main]

use std::sync::{Arc, Mutex, OnceLock};

use libfuzzer_sys::fuzz_target;
use waterspout::{Backplane, Inbox, Packet, Position, RoomHub, RoomsConfig, ServerEvent};
use waterspout_net::IoLoop;

/// Keeps the inbox that the hub hands out.
struct Grab(Arc<Mutex<Option<Inbox>>>);

impl Backplane for Grab {
    fn start(&self, inbox: Inbox) {
        *self.0.lock().unwrap() = Some(inbox);
    }

    fn publish(&self, _packet: Packet) -> std::io::Result<()> {
        Ok(())
    }
}

fn inbox() -> &'static (RoomHub, Inbox) {
    static MADE: OnceLock<(RoomHub, Inbox)> = OnceLock::new();
    MADE.get_or_init(|| {
        let grabbed = Arc::new(Mutex::new(None));
        let config = RoomsConfig::default().history(4).max_rooms(100);
        let hub = RoomHub::with_config(config).backplane(Grab(Arc::clone(&grabbed)));
        IoLoop::new().unwrap().run_sync(async {
            hub.send("a", "there before").unwrap();
            drop(hub.rooms().room("a").unwrap());
        });
        let inbox = grabbed.lock().unwrap().take().unwrap();
        (hub, inbox)
    })
}

fuzz_target!(|input: &[u8]| {
    let (hub, inbox) = inbox();
    let before = hub.len();
    if inbox.receive(input).is_ok() {
        assert_eq!(hub.len(), before, "a packet makes no room");
    }
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(position) = text.parse::<Position>() {
        assert_eq!(position.to_string().parse(), Ok(position));
    }
    let event = ServerEvent::new(text).encode().unwrap();
    let (fields, end) = event.split_at(event.len() - 2);
    assert_eq!(end, "\n\n");
    assert!(
        fields.split('\n').all(|line| line.starts_with("data: ")),
        "{event:?}"
    );
    assert!(!event.contains('\r'));
    if let Ok(named) = ServerEvent::new("").name(text).id(text).encode() {
        assert_eq!(named.matches('\n').count(), 4, "{named:?}");
    }
});
