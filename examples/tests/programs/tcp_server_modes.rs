//! Starts `tcp_server_modes` in each of its forms and talks to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};

use waterspout::net::{IoLoop, IoStream, Subprocess};

use crate::program;

/// Starts the program, reads the greeting of one worker and stops the program.
fn greeting_of(arguments: &[&str], workers: usize) -> String {
    IoLoop::new().unwrap().run_sync(async {
        let mut command = Command::new(program("tcp_server_modes"));
        command.args(arguments).stdout(Stdio::piped());
        let mut server = Subprocess::spawn(command).unwrap();
        let mut stdout = server.stdout.take().unwrap();
        let mut port = 0;
        for _ in 0..workers {
            let line = stdout.read_until(b"\n", 1000).await.unwrap();
            let line = String::from_utf8(line.to_vec()).unwrap();
            let address = line.trim_end().strip_prefix("listening on ").unwrap();
            port = address.parse::<SocketAddr>().unwrap().port();
        }
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let mut client = IoStream::connect_tcp(address).await.unwrap();
        let greeting = client.read_until_close().await.unwrap();
        server.terminate().unwrap();
        server.wait_for_success().await.unwrap();
        String::from_utf8(greeting.to_vec()).unwrap()
    })
}

#[test]
fn one_process_listens() {
    assert_eq!(
        greeting_of(&["listen", "0"], 1),
        "hello from the only process\n"
    );
}

#[test]
fn several_processes_start() {
    let greeting = greeting_of(&["start", "0", "2"], 2);
    assert!(greeting.starts_with("hello from worker "), "{greeting}");
}

#[test]
fn several_processes_add_sockets() {
    let greeting = greeting_of(&["add-sockets", "0", "2"], 2);
    assert!(greeting.starts_with("hello from worker "), "{greeting}");
}
