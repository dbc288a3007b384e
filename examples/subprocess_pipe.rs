//! Text through another program, by pipes: `cargo run --example subprocess_pipe -- sort -r`, and
//! type lines, or `printf 'b\na\n' | cargo run --example subprocess_pipe -- sort`.

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

use waterspout::net::{IoLoop, Subprocess};

/// Runs `program` with `input` as its standard input and returns what it writes.
///
/// Input and output go side by side: a program that answers while it reads would else wait for us
/// to read, and we for it to read, as soon as both pipes are full.
async fn filter(program: &str, arguments: &[String], input: &[u8]) -> io::Result<Vec<u8>> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = Subprocess::spawn(command)?;
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("both streams were asked to be pipes"));
    };
    let (_fed, output) = tokio::join!(
        // A program may end without reading everything, as `head` does; its exit code decides.
        async {
            _ = stdin.write(input).await;
            stdin.close().await;
        },
        stdout.read_until_close()
    );
    child.wait_for_success().await?;
    Ok(output?.to_vec())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let program = arguments
        .next()
        .ok_or("usage: subprocess_pipe PROGRAM [ARGUMENT]...")?;
    let arguments: Vec<String> = arguments.collect();
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input)?;
    let output = IoLoop::new()?.run_sync(filter(&program, &arguments, &input))?;
    io::stdout().write_all(&output)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(program: &str, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        IoLoop::new()?.run_sync(filter(program, &arguments, input))
    }

    #[test]
    fn lines_come_back_sorted() {
        assert_eq!(run("sort", &[], b"b\nc\na\n").unwrap(), b"a\nb\nc\n");
    }

    #[test]
    fn more_than_the_pipes_hold_comes_back_whole() {
        let input = vec![b'x'; 1 << 20];
        assert!(run("cat", &[], &input).unwrap() == input);
    }

    #[test]
    fn a_program_that_does_not_read_everything_is_no_error() {
        let input = b"line\n".repeat(100_000);
        assert_eq!(run("head", &["-n1"], &input).unwrap(), b"line\n");
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_is_an_error() {
        let error = run("sh", &["-c", "exit 3"], b"").unwrap_err();
        assert_eq!(error.to_string(), "child process ended with exit code 3");
        let error = run("no-such-program", &[], b"").unwrap_err();
        assert!(error.to_string().contains("no such program"), "{error}");
    }
}
