//! The programs that the checks start.

use std::panic::resume_unwind;
use std::path::Path;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use waterspout::{Application, Context, HttpServer, Result};

/// What one worker knows: its number among those of its process.
struct Worker(usize);

pub(crate) fn run(program: &str) -> ExitCode {
    let server = HttpServer::new(application());
    let result = match program {
        "one" => serve(server),
        "threads" => serve(server.workers(3)),
        "reuse_port" => serve(server.workers(2).reuse_port(true)),
        "processes" => serve(server.processes(2).workers(2)),
        "processes_reuse_port" => serve(server.processes(2).reuse_port(true)),
        "reloading" => serve(super::reloading::add_to(server)),
        "panic" => serve(HttpServer::new(panicking_application()).workers(2)),
        path => serve_unix(server, path.as_ref()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn serve<S: 'static>(server: HttpServer<S>) -> Result {
    let server = server.listen("127.0.0.1:0")?;
    println!("{}", server.addresses()[0].port().unwrap());
    server.run()
}

fn serve_unix(server: HttpServer<Worker>, path: &Path) -> Result {
    let server = server.listen_unix(path)?;
    println!("0");
    server.run()
}

fn application() -> impl Fn() -> Application<Worker> + Send + Sync + 'static {
    let workers = Arc::new(AtomicUsize::new(0));
    move || {
        let number = workers.fetch_add(1, Ordering::Relaxed);
        Application::new(Worker(number))
            .get("/worker", async |cx: &mut Context<Worker>| {
                format!("{} {}", process::id(), cx.app().0)
            })
            .get("/crash", crash)
            .post("/stream", streamed)
            .stream_body()
    }
}

async fn crash(_cx: &mut Context<Worker>) {
    process::abort()
}

async fn streamed(cx: &mut Context<Worker>) -> Result<String> {
    let mut size = 0;
    while let Some(chunk) = cx.chunk().await? {
        size += chunk.len();
    }
    Ok(size.to_string())
}

/// Makes an application for the first worker only.
fn panicking_application() -> impl Fn() -> Application + Send + Sync + 'static {
    let workers = AtomicUsize::new(0);
    move || {
        if workers.fetch_add(1, Ordering::Relaxed) > 0 {
            // A panic that prints nothing: among the results of tests it would read as one that failed.
            resume_unwind(Box::new("on purpose"));
        }
        Application::new(())
    }
}
