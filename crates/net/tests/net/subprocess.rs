//! Child programs.

use std::cell::Cell;
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::rc::Rc;

use crate::support::run;
use tokio::task::yield_now;
use waterspout_net::{StreamError, Subprocess};

/// A shell with all three streams as pipes.
fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn an_interactive_child_answers_line_by_line() {
    run(async {
        let script = "while read line; do echo \"got $line\"; done; echo bye";
        let mut child = Subprocess::spawn(shell(script)).unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        for word in ["one", "two"] {
            stdin.write(format!("{word}\n").as_bytes()).await.unwrap();
            let answer = stdout.read_until(b"\n", 100).await.unwrap();
            assert_eq!(answer, format!("got {word}\n"));
        }
        assert_eq!(child.returncode(), None);
        stdin.close().await;
        assert_eq!(stdout.read_until_close().await.unwrap(), "bye\n");
        assert_eq!(child.wait_for_exit().await, 0);
        assert_eq!(child.returncode(), Some(0));
    });
}

#[test]
fn a_child_on_a_full_disk_ends_the_write_with_the_real_error_and_its_answer_stays() {
    run(async {
        let script = "read line; echo \"has $line\"; exec cat > /dev/full";
        let mut child = Subprocess::spawn(shell(script)).unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        stdin.write(b"one\n").await.unwrap();
        // What the child has no room for it does not take, and says so by its end.
        let error = loop {
            if let Err(error) = stdin.write(&[b'x'; 100_000]).await {
                break error;
            }
        };
        let StreamError::Closed(Some(real)) = error else {
            panic!("no real error: {error:?}");
        };
        assert_eq!(real.kind(), ErrorKind::BrokenPipe);
        assert_eq!(child.wait_for_exit().await, 1);
        let said = stderr.read_until_close().await.unwrap();
        assert!(String::from_utf8_lossy(&said).contains("No space left"));
        assert_eq!(stdout.read_until_close().await.unwrap(), "has one\n");
    });
}

#[test]
fn standard_error_is_a_stream_of_its_own() {
    run(async {
        let mut child = Subprocess::spawn(shell("echo out; echo err >&2")).unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (out, err) = tokio::join!(out.read_until_close(), err.read_until_close());
        assert_eq!(
            (out.unwrap(), err.unwrap()),
            ("out\n".into(), "err\n".into())
        );
    });
}

#[test]
fn what_is_no_pipe_is_no_stream() {
    run(async {
        let child = Subprocess::spawn(Command::new("true")).unwrap();
        assert!(child.stdin.is_none() && child.stdout.is_none() && child.stderr.is_none());
        child.wait_for_success().await.unwrap();
        assert!(child.pid() > 0);
    });
}

#[test]
fn a_child_killed_by_a_signal_has_its_number_with_a_minus() {
    run(async {
        for (signal, code, text) in [
            (15, -15, "SIGTERM"),
            (9, -9, "SIGKILL"),
            (10, -10, "SIGUSR1"),
        ] {
            let child = Subprocess::spawn(shell("exec sleep 1000")).unwrap();
            match signal {
                15 => child.terminate().unwrap(),
                9 => child.kill().unwrap(),
                other => child.send_signal(other).unwrap(),
            }
            let error = child.wait_for_success().await.unwrap_err();
            assert_eq!(error.returncode(), code);
            assert!(error.to_string().ends_with(text), "{error}");
            assert_eq!(child.wait_for_exit().await, code);
            // Its number may be another's by now.
            child.kill().unwrap();
            assert_eq!(
                child.send_signal(0).unwrap_err().kind(),
                ErrorKind::InvalidInput
            );
        }
    });
}

#[test]
fn exit_codes_come_to_callbacks_before_and_after_the_end() {
    run(async {
        let codes = Rc::new(Cell::new((None, None)));
        let child = Subprocess::spawn(shell("exit 7")).unwrap();
        let early = Rc::clone(&codes);
        child.set_exit_callback(move |code| early.set((Some(code), None)));
        assert_eq!(child.wait_for_exit().await, 7);
        assert_eq!(codes.get(), (Some(7), None));
        let late = Rc::clone(&codes);
        child.set_exit_callback(move |code| late.set((late.get().0, Some(code))));
        assert_eq!(codes.get(), (Some(7), None), "never inside the call");
        yield_now().await;
        assert_eq!(codes.get(), (Some(7), Some(7)));
    });
}

#[test]
fn the_callback_comes_although_the_value_was_dropped() {
    run(async {
        let called = Rc::new(Cell::new(false));
        let flag = Rc::clone(&called);
        Subprocess::spawn(shell("exit 0"))
            .unwrap()
            .set_exit_callback(move |_code| flag.set(true));
        while !called.get() {
            yield_now().await;
        }
    });
}

#[test]
fn a_program_that_does_not_exist_is_an_error_that_says_so() {
    run(async {
        let error = Subprocess::spawn(Command::new("/no/such/program")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "cannot start `/no/such/program`: no such program; install it, or give the path to it"
        );
        assert!(error.get_ref().unwrap().source().is_some());
    });
}

#[test]
fn a_working_directory_that_does_not_exist_is_an_error_that_says_so() {
    run(async {
        let mut command = Command::new("true");
        command.current_dir("/no/such/place");
        let error = Subprocess::spawn(command).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("working directory /no/such/place is not there"),
            "{error}"
        );
    });
}

#[test]
fn a_file_that_is_no_program_is_an_error_that_says_so() {
    let file = tempfile::NamedTempFile::new().unwrap();
    run(async {
        let error = Subprocess::spawn(Command::new(file.path())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("executable"), "{error}");
    });
}

#[test]
fn full_pipes_make_both_sides_wait_and_lose_nothing() {
    run(async {
        let mut child = Subprocess::spawn(shell("cat")).unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let message: Vec<u8> = (0..3_000_000u32).map(|n| n.to_le_bytes()[1]).collect();
        let (written, read) = tokio::join!(
            async {
                stdin.write(&message).await?;
                stdin.shutdown().await
            },
            stdout.read_until_close()
        );
        written.unwrap();
        assert!(read.unwrap() == message);
        child.wait_for_success().await.unwrap();
    });
}

#[test]
fn a_child_that_ends_early_ends_the_write_with_a_broken_pipe() {
    run(async {
        let mut child = Subprocess::spawn(shell("exec true")).unwrap();
        let mut stdin = child.stdin.take().unwrap();
        child.wait_for_exit().await;
        stdin.write(b"too late").await.unwrap_err();
        assert_eq!(stdin.error().unwrap().kind(), ErrorKind::BrokenPipe);
    });
}
