//! Clients send an integer over a WebSocket and get whether it is prime:
//! `cargo run --release --example websocket_primes`, then open <http://127.0.0.1:8888/>.
//!
//! The set of clients is a room, so it is counted over all workers and nobody stays in it by mistake.
//! As in many such programs pages of other sites may connect: [`WebSocketHandler::check_origin`].

use std::process::ExitCode;

use waterspout::{
    Application, Context, Html, HttpServer, Json, Member, Message, Result, RoomHub, Rooms,
    WebSocket, WebSocketHandler,
};

fn app(rooms: Rooms) -> Application<Rooms> {
    Application::new(rooms)
        .websocket_handler("/chatsocket", Primes::default())
        .get("/clients", clients)
        .get("/", page)
}

fn main() -> ExitCode {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8888".to_owned());
    match serve(&port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("websocket_primes: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: &str) -> Result {
    let hub = RoomHub::new();
    let server = HttpServer::new(move || app(hub.rooms()))
        .workers(0)
        .listen(("127.0.0.1", port.parse()?))?;
    for address in server.addresses() {
        if let Some(port) = address.port() {
            println!("listening on http://127.0.0.1:{port}");
        }
    }
    server.run()
}

/// One client.
#[derive(Clone, Default)]
struct Primes {
    member: Option<Member>,
}

impl WebSocketHandler<Rooms> for Primes {
    fn check_origin(&self, _cx: &Context<Rooms>, _origin: &str) -> bool {
        true
    }

    async fn open(&mut self, ws: &mut WebSocket<Rooms>) -> Result {
        self.member = Some(ws.app().join("clients", ws)?);
        Ok(())
    }

    async fn on_message(&mut self, ws: &mut WebSocket<Rooms>, message: Message) -> Result {
        ws.send(answer(message.as_text().unwrap_or_default())).await
    }
}

/// What is said of a number.
fn answer(text: &str) -> &'static str {
    match text.trim().parse::<i128>() {
        Ok(number) => match u64::try_from(number) {
            Ok(number) if is_prime(number) => "is a prime number",
            // Larger ones would keep the loop from its other clients.
            Err(_) if number > 0 => "Invalid input",
            _ => "is not a prime number",
        },
        Err(_) => "Invalid input",
    }
}

/// The test of Miller and Rabin, with bases that decide every number of 64 bits: a division by each
/// candidate would block the loop for seconds.
fn is_prime(number: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if number < 2 {
        return false;
    }
    if let Some(divisor) = BASES.into_iter().find(|base| number.is_multiple_of(*base)) {
        return number == divisor;
    }
    let twos = (number - 1).trailing_zeros();
    BASES.into_iter().all(|base| {
        let mut power = modular_power(base, (number - 1) >> twos, number);
        if power == 1 || power == number - 1 {
            return true;
        }
        (1..twos).any(|_| {
            power = multiply(power, power, number);
            power == number - 1
        })
    })
}

fn modular_power(base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let (mut power, mut square) = (1, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = multiply(power, square, modulus);
        }
        square = multiply(square, square, modulus);
        exponent >>= 1;
    }
    power
}

fn multiply(a: u64, b: u64, modulus: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(modulus);
    u64::try_from(product).unwrap_or(0)
}

async fn clients(cx: &mut Context<Rooms>) -> Json<usize> {
    Json(cx.app().members("clients"))
}

async fn page(_cx: &mut Context<Rooms>) -> Html<&'static str> {
    Html(PAGE)
}

const PAGE: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>Primes</title>
<style>body { font: 1.1rem/1.5 system-ui; max-width: 30rem; margin: 3rem auto; padding: 0 1rem }
input, button { font: inherit; padding: .4rem .6rem }</style>
<h1>Is it prime?</h1>
<form><label>A number <input name="number" inputmode="numeric" autofocus autocomplete="off"></label>
<button>Ask</button></form>
<p role="status" aria-live="polite"></p>
<script>
const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/chatsocket");
const form = document.querySelector("form"), said = document.querySelector("p"), asked = [];
form.onsubmit = event => {
  event.preventDefault();
  asked.push(form.number.value);
  socket.send(form.number.value);
  form.number.select();
};
socket.onmessage = event => { said.textContent = `${asked.shift()}: ${event.data}`; };
socket.onclose = () => { said.textContent = "The server has gone; load the page again."; };
</script></html>
"#;

#[cfg(test)]
mod tests {
    use waterspout::CloseCode;
    use waterspout::net::IoLoop;
    use waterspout::testing::serve;

    use super::{Rooms, answer, app, is_prime};

    #[test]
    fn primes_are_told_from_other_numbers() {
        let small = (0..1000).filter(|number| is_prime(*number)).count();
        assert_eq!(small, 168);
        for prime in [2, 3, 4_294_967_291, 18_446_744_073_709_551_557] {
            assert!(is_prime(prime), "{prime}");
        }
        // A square, a Carmichael number, and one that fools the bases 2, 3, 5 and 7.
        for composite in [4, 9, 561, 3_215_031_751, 18_446_744_073_709_551_556] {
            assert!(!is_prime(composite), "{composite}");
        }
    }

    #[test]
    fn what_is_no_integer_is_invalid_input() {
        for (text, wanted) in [
            ("7", "is a prime number"),
            (" +7\n", "is a prime number"),
            ("4", "is not a prime number"),
            ("-7", "is not a prime number"),
            ("seven", "Invalid input"),
            ("7.0", "Invalid input"),
            ("", "Invalid input"),
            ("18446744073709551616", "Invalid input"),
        ] {
            assert_eq!(answer(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn each_client_gets_its_own_answers_and_is_counted() {
        let rooms = Rooms::new();
        IoLoop::new().expect("a loop can be made").run_sync(async {
            let server = serve(app(rooms.clone()));
            let mut one = server.websocket("/chatsocket").await;
            let mut two = server.websocket("/chatsocket").await;
            one.send("97").await;
            two.send("nine").await;
            one.expect_text("is a prime number").await;
            two.expect_text("Invalid input").await;
            assert_eq!(server.get("/clients").await.text(), "2");
            one.close(CloseCode::NORMAL, "");
            one.expect_close(CloseCode::NORMAL).await;
            two.send("7").await;
            two.expect_text("is a prime number").await;
            assert_eq!(server.get("/clients").await.text(), "1");
        });
    }
}
