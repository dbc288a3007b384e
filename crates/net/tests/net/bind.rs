//! Listening sockets.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use socket2::SockRef;
use waterspout_net::{BindOptions, BoundAddr, BoundSocket, Family, bind_sockets, bind_unix_socket};

fn local() -> BindOptions {
    BindOptions::default().address("127.0.0.1")
}

fn port_of(socket: &BoundSocket) -> u16 {
    socket.local_addr().unwrap().port().unwrap()
}

#[test]
fn by_default_all_interfaces_listen_on_one_port() {
    let sockets = bind_sockets(0, BindOptions::default()).unwrap();
    let port = port_of(&sockets[0]);
    assert!(sockets.iter().all(|socket| port_of(socket) == port));
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    if sockets.len() == 2 {
        assert!(SockRef::from(&sockets[1]).only_v6().unwrap());
        // Where IPv6 is switched off, there is a socket but no address.
        if TcpListener::bind("[::1]:0").is_ok() {
            TcpStream::connect(("::1", port)).unwrap();
        }
    }
}

#[test]
fn port_zero_is_chosen_anew_until_it_is_free_on_both_families() {
    // Take many ports on IPv6 only, so that some of those that IPv4 gets are not free there.
    let Ok(first) = TcpListener::bind("[::1]:0") else {
        return;
    };
    let mut taken = vec![first];
    taken.extend((0..400).map_while(|_| TcpListener::bind("[::1]:0").ok()));
    for _ in 0..200 {
        let sockets = bind_sockets(0, BindOptions::default()).unwrap();
        assert_eq!(sockets.len(), 2);
        assert_eq!(port_of(&sockets[0]), port_of(&sockets[1]));
    }
}

#[test]
fn a_host_name_binds_each_of_its_addresses_once() {
    let sockets = bind_sockets(0, BindOptions::default().address("localhost")).unwrap();
    let addresses: Vec<_> = sockets
        .iter()
        .map(|socket| socket.local_addr().unwrap().to_string())
        .collect();
    let port = port_of(&sockets[0]);
    let known = [format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
    assert!(
        addresses.iter().all(|address| known.contains(address)),
        "{addresses:?}"
    );
    assert!(
        addresses.windows(2).all(|pair| pair[0] != pair[1]),
        "{addresses:?}"
    );
}

#[test]
fn a_family_can_be_chosen() {
    let sockets = bind_sockets(0, BindOptions::default().family(Family::V4)).unwrap();
    assert_eq!(sockets.len(), 1);
    assert!(
        sockets[0]
            .local_addr()
            .unwrap()
            .to_string()
            .starts_with("0.0.0.0:")
    );
    let error = bind_sockets(0, local().family(Family::V6)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
}

#[test]
fn sockets_are_nonblocking_and_accepted_ones_have_no_delay() {
    let socket = bind_sockets(0, local()).unwrap().remove(0);
    let BoundSocket::Tcp(listener) = &socket else {
        panic!("not TCP")
    };
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let _client = TcpStream::connect(("127.0.0.1", port_of(&socket))).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    assert_eq!(accepted.nodelay().unwrap(), cfg!(target_os = "linux"));
}

#[test]
fn a_port_in_use_is_an_error_that_names_it_and_says_what_to_do() {
    let first = bind_sockets(0, local()).unwrap().remove(0);
    let port = port_of(&first);
    let error = bind_sockets(port, local()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")),
        "{text}"
    );
    assert!(text.contains("stop it, or choose another"), "{text}");
}

#[test]
fn an_address_of_no_interface_is_an_error_that_names_it() {
    let error = bind_sockets(0, BindOptions::default().address("192.0.2.1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    assert!(
        error.to_string().contains("192.0.2.1:0: no interface"),
        "{error}"
    );
}

#[test]
fn a_name_that_does_not_resolve_is_an_error_that_names_it() {
    let error = bind_sockets(80, BindOptions::default().address("no such.invalid")).unwrap_err();
    assert!(
        error.to_string().contains("no such.invalid port 80"),
        "{error}"
    );
}

#[test]
fn several_sockets_share_a_port_when_asked_to() {
    let first = bind_sockets(0, local().reuse_port(true)).unwrap().remove(0);
    let second = bind_sockets(port_of(&first), local().reuse_port(true))
        .unwrap()
        .remove(0);
    assert_eq!(port_of(&first), port_of(&second));
}

#[test]
fn a_clone_accepts_from_the_same_socket() {
    let socket = bind_sockets(0, local()).unwrap().remove(0);
    let clone = socket.try_clone().unwrap();
    assert_eq!(clone.local_addr().unwrap(), socket.local_addr().unwrap());
    drop(socket);
    TcpStream::connect(("127.0.0.1", port_of(&clone))).unwrap();
}

#[test]
fn a_unix_socket_has_its_mode_and_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let socket = bind_unix_socket(&path, 0o600, 16).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(socket.local_addr().unwrap(), BoundAddr::Unix(path.clone()));
    assert_eq!(
        socket.local_addr().unwrap().to_string(),
        format!("unix:{}", path.display())
    );
    UnixStream::connect(&path).unwrap();
}

#[test]
fn a_stale_unix_socket_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    drop(UnixListener::bind(&path).unwrap());
    let _socket = bind_unix_socket(&path, 0o666, 16).unwrap();
    UnixStream::connect(&path).unwrap();
}

#[test]
fn a_unix_socket_that_a_server_answers_on_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let _server = UnixListener::bind(&path).unwrap();
    let error = bind_unix_socket(&path, 0o600, 16).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    UnixStream::connect(&path).unwrap();
}

#[test]
fn a_file_of_another_kind_is_refused_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    fs::write(&path, "precious").unwrap();
    let link = directory.path().join("link.sock");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for refused in [&path, &link] {
        let error = bind_unix_socket(refused, 0o600, 16).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert!(
            error.to_string().contains(&refused.display().to_string()),
            "{error}"
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[cfg(target_os = "linux")]
#[test]
fn an_abstract_name_needs_no_file() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    let name = format!("waterspout-test-{}", std::process::id());
    let socket = bind_unix_socket(format!("\0{name}"), 0o600, 16).unwrap();
    assert_eq!(
        socket.local_addr().unwrap().to_string(),
        format!("unix:@{name}")
    );
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    UnixStream::connect_addr(&address).unwrap();
}
