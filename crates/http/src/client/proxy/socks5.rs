//! The messages of SOCKS 5 (RFC 1928) and of its user and password (RFC 1929).
//!
//! Functions of octets: `Ok(None)` means that the message is not complete.

use std::net::IpAddr;

const VERSION: u8 = 5;
/// Version of the negotiation of RFC 1929.
const AUTH_VERSION: u8 = 1;
const NO_AUTH: u8 = 0;
const PASSWORD: u8 = 2;

/// How the proxy wants to know who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Method {
    None,
    Password,
}

/// Where a SOCKS proxy is to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum Target<'t> {
    Address(IpAddr),
    Name(&'t str),
}

/// §3: the methods that the client knows.
pub(super) fn greeting(has_password: bool) -> &'static [u8] {
    if has_password {
        &[VERSION, 2, NO_AUTH, PASSWORD]
    } else {
        &[VERSION, 1, NO_AUTH]
    }
}

/// §3: the method that the proxy has chosen, and how many octets say so.
pub(super) fn parse_method(reply: &[u8]) -> Result<Option<(Method, usize)>, String> {
    check_version(reply)?;
    match reply {
        [_, NO_AUTH, ..] => Ok(Some((Method::None, 2))),
        [_, PASSWORD, ..] => Ok(Some((Method::Password, 2))),
        [_, 0xff, ..] => Err("takes none of our ways to authenticate".into()),
        [_, method, ..] => Err(format!("chose the method {method}, which was not offered")),
        _ => Ok(None),
    }
}

/// RFC 1929 §2: user and password, of 1 to 255 octets each.
pub(super) fn credentials(user: &str, password: &str) -> Result<Vec<u8>, String> {
    let mut message = vec![AUTH_VERSION];
    for text in [user, password] {
        let len = u8::try_from(text.len()).ok().filter(|len| *len > 0);
        let len = len.ok_or("needs a user and a password of 1 to 255 octets")?;
        message.push(len);
        message.extend_from_slice(text.as_bytes());
    }
    Ok(message)
}

/// RFC 1929 §2: whether they were taken.
pub(super) fn parse_accepted(reply: &[u8]) -> Result<Option<((), usize)>, String> {
    match reply {
        [AUTH_VERSION, 0, ..] => Ok(Some(((), 2))),
        [AUTH_VERSION, _, ..] => Err("refused the user and the password".into()),
        [] | [AUTH_VERSION] => Ok(None),
        _ => Err("sent what is no answer to user and password".into()),
    }
}

/// §4: the request to connect.
pub(super) fn connect(target: &Target<'_>, port: u16) -> Result<Vec<u8>, String> {
    let mut message = vec![VERSION, 1, 0];
    match target {
        Target::Address(IpAddr::V4(address)) => {
            message.push(1);
            message.extend_from_slice(&address.octets());
        }
        Target::Address(IpAddr::V6(address)) => {
            message.push(4);
            message.extend_from_slice(&address.octets());
        }
        Target::Name(name) => {
            let len = u8::try_from(name.len()).map_err(|_| "cannot be given a name so long")?;
            message.extend_from_slice(&[3, len]);
            message.extend_from_slice(name.as_bytes());
        }
    }
    message.extend_from_slice(&port.to_be_bytes());
    Ok(message)
}

/// §6: the answer, with an address of three kinds that nobody needs.
pub(super) fn parse_reply(reply: &[u8]) -> Result<Option<((), usize)>, String> {
    check_version(reply)?;
    if let Some(code @ 1..) = reply.get(1) {
        return Err(format!("could not connect: {}", reason(*code)));
    }
    let address = match (reply.get(3), reply.get(4)) {
        (Some(1), _) => 4,
        (Some(4), _) => 16,
        (Some(3), Some(len)) => 1 + usize::from(*len),
        (Some(3) | None, _) => return Ok(None),
        (Some(kind), _) => return Err(format!("answered with an address of the kind {kind}")),
    };
    let len = 4 + address + 2;
    Ok((reply.len() >= len).then_some(((), len)))
}

fn check_version(reply: &[u8]) -> Result<(), String> {
    match reply.first() {
        Some(&VERSION) | None => Ok(()),
        Some(_) => Err("does not speak SOCKS 5".into()),
    }
}

fn reason(code: u8) -> String {
    match code {
        1 => "general failure".into(),
        2 => "not allowed by its rules".into(),
        3 => "network unreachable".into(),
        4 => "host unreachable".into(),
        5 => "connection refused".into(),
        6 => "time to live expired".into(),
        7 => "command not supported".into(),
        8 => "kind of address not supported".into(),
        code => format!("code {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_rfcs() {
        assert_eq!(greeting(false), [5, 1, 0]);
        assert_eq!(greeting(true), [5, 2, 0, 2]);
        assert_eq!(credentials("ab", "c").unwrap(), [1, 2, b'a', b'b', 1, b'c']);
        let name = connect(&Target::Name("a.b"), 443).unwrap();
        assert_eq!(name, [5, 1, 0, 3, 3, b'a', b'.', b'b', 1, 0xbb]);
        let address = Target::Address([10, 0, 0, 1].into());
        assert_eq!(
            connect(&address, 80).unwrap(),
            [5, 1, 0, 1, 10, 0, 0, 1, 0, 80]
        );
        assert!(connect(&Target::Name(&"a".repeat(256)), 80).is_err());
        for (user, password) in [("", "a"), ("a", ""), ("a", &*"b".repeat(256))] {
            assert!(credentials(user, password).is_err());
        }
    }

    #[test]
    fn answers_are_the_same_wherever_they_are_cut() {
        let four = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9];
        let name = [5, 0, 0, 3, 2, b'a', b'b', 0, 0, 9];
        let six = [&[5, 0, 0, 4][..], &[0; 18], &[9]].concat();
        for reply in [&four[..], &name, &six] {
            let len = reply.len() - 1;
            for end in 0..len {
                assert_eq!(parse_reply(&reply[..end]), Ok(None), "{end}");
            }
            assert_eq!(parse_reply(reply), Ok(Some(((), len))));
        }
        assert_eq!(parse_method(&[5]), Ok(None));
        assert_eq!(parse_method(&[5, 2, 9]), Ok(Some((Method::Password, 2))));
        assert_eq!(parse_accepted(&[1]), Ok(None));
        assert_eq!(parse_accepted(&[1, 0]), Ok(Some(((), 2))));
    }

    #[test]
    fn refusals_say_why() {
        for (reply, why) in [
            (&[4, 0][..], "does not speak SOCKS 5"),
            (&[5, 5], "could not connect: connection refused"),
            (&[5, 99], "could not connect: code 99"),
            (&[5, 0, 0, 9], "answered with an address of the kind 9"),
        ] {
            assert_eq!(parse_reply(reply).unwrap_err(), why);
        }
        assert!(parse_method(&[5, 0xff]).is_err());
        assert!(parse_method(&[5, 1]).is_err());
        assert!(parse_accepted(&[1, 1]).is_err());
        assert!(parse_accepted(&[5, 0]).is_err());
    }
}
