//! Looks host names up, all at the same time, and says how long each took:
//! `cargo run --release --example resolver -- localhost example.org`

use std::process::ExitCode;
use std::time::Instant;

use waterspout::net::{
    CachedResolver, Family, IoLoop, OverrideResolver, ResolveError, Resolver, SystemResolver,
};

/// What this program resolves with: a cache before the system, and a name of its own.
fn resolver() -> impl Resolver {
    CachedResolver::new(OverrideResolver::new(SystemResolver).host("home.example", "127.0.0.1"))
}

/// Returns the addresses of a name, in one line.
async fn look_up(resolver: &impl Resolver, name: &str) -> Result<String, ResolveError> {
    let found = resolver.resolve(name, 0, Family::Any).await?;
    let addresses: Vec<String> = found
        .iter()
        .map(|address| address.ip().to_string())
        .collect();
    Ok(addresses.join(" "))
}

/// Looks a name up and prints what came of it; tells whether it has an address.
async fn show(resolver: &impl Resolver, name: &str) -> bool {
    let begin = Instant::now();
    let found = look_up(resolver, name).await;
    let took = begin.elapsed();
    match &found {
        Ok(addresses) => println!("{name}: {addresses} ({took:.1?})"),
        Err(error) => eprintln!("{error} ({took:.1?})"),
    }
    found.is_ok()
}

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        eprintln!("usage: resolver NAME...");
        return ExitCode::FAILURE;
    }
    let io_loop = match IoLoop::new() {
        Ok(io_loop) => io_loop,
        Err(error) => {
            eprintln!("cannot make a loop: {error}");
            return ExitCode::FAILURE;
        }
    };
    let all = io_loop.run_sync(async {
        let resolver = std::rc::Rc::new(resolver());
        let look_ups: Vec<_> = names
            .into_iter()
            .map(|name| {
                let resolver = std::rc::Rc::clone(&resolver);
                tokio::task::spawn_local(async move { show(&resolver, &name).await })
            })
            .collect();
        let mut all = true;
        for look_up in look_ups {
            all &= look_up.await.unwrap_or(false);
        }
        all
    });
    if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn names_addresses_and_overridden_names_are_found() {
        IoLoop::new().unwrap().run_sync(async {
            let resolver = resolver();
            let found = look_up(&resolver, "localhost").await.unwrap();
            assert!(
                found.contains("127.0.0.1") || found.contains("::1"),
                "{found}"
            );
            assert_eq!(look_up(&resolver, "192.0.2.1").await.unwrap(), "192.0.2.1");
            assert_eq!(
                look_up(&resolver, "home.example").await.unwrap(),
                "127.0.0.1"
            );
        });
    }

    #[test]
    fn a_name_without_an_address_says_what_to_do() {
        IoLoop::new().unwrap().run_sync(async {
            let error = look_up(&resolver(), "nothing.invalid").await.unwrap_err();
            assert!(error.to_string().contains("check the spelling"));
        });
    }
}
