//! Passwords are hashed beside the loop, and never too many at once.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc;

use waterspout::auth::PasswordConfig;
use waterspout::net::{IoLoop, Job};
use waterspout::testing::serve;
use waterspout::{Application, Context, Passwords, Result};

fn cheap() -> PasswordConfig {
    PasswordConfig::default().memory_kib(64).passes(1)
}

type Cx = Context<Passwords>;

async fn hash(cx: &mut Cx) -> Result<String> {
    let site = cx.app();
    site.hash(&cx.query_argument("password")?).await
}

#[test]
fn the_loop_answers_others_while_a_password_is_hashed() {
    IoLoop::new().unwrap().run_sync(async {
        // The thread begins to hash only once another request is answered: on the loop, that never comes.
        let (release, released) = mpsc::channel::<()>();
        let released = RefCell::new(Some(released));
        let thread = move |job: Job| {
            let released = released.borrow_mut().take().unwrap();
            std::thread::spawn(move || {
                released.recv().unwrap();
                job();
            });
        };
        let site = Passwords::with_executor(cheap(), thread);
        let app = Application::new(site)
            .get("/hash", hash)
            .get("/other", async |_: &mut Cx| "other");
        let server = Rc::new(serve(app));
        let hashing = {
            let server = Rc::clone(&server);
            tokio::task::spawn_local(async move {
                server
                    .get("/hash?password=open+sesame")
                    .await
                    .text()
                    .into_owned()
            })
        };
        while server.connections() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.get("/other").await.text(), "other");
        assert!(!hashing.is_finished());
        release.send(()).unwrap();
        assert!(
            hashing
                .await
                .unwrap()
                .starts_with("$argon2id$v=19$m=64,t=1,p=1$")
        );
    });
}

#[test]
fn passwords_are_verified_and_nobody_takes_as_long_as_somebody() {
    IoLoop::new().unwrap().run_sync(async {
        let passwords = Passwords::with_config(cheap()).unwrap();
        let hash = passwords.hash("open sesame").await.unwrap();
        assert!(passwords.verify("open sesame", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("open sesam", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("open sesame", None).await.unwrap());
        assert!(!passwords.needs_rehash(&hash));
        let of_bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        assert!(passwords.verify("U*U", Some(of_bcrypt)).await.unwrap());
        assert!(passwords.needs_rehash(of_bcrypt));
        let error = passwords.verify("x", Some("no hash")).await.unwrap_err();
        assert_eq!((error.status().as_u16(), error.message()), (500, None));
        let error = passwords.hash(&"x".repeat(1025)).await.unwrap_err();
        assert_eq!(error.status().as_u16(), 400);
    });
}

#[test]
fn too_many_at_once_are_told_to_come_again() {
    IoLoop::new().unwrap().run_sync(async {
        let jobs: Rc<RefCell<Vec<Job>>> = Rc::default();
        let keeping = Rc::clone(&jobs);
        let keep = move |job: Job| keeping.borrow_mut().push(job);
        let passwords = Rc::new(Passwords::with_executor(cheap().max_waiting(2), keep));
        let start = || {
            let passwords = Rc::clone(&passwords);
            tokio::task::spawn_local(async move { passwords.hash("x").await })
        };
        let (one, two) = (start(), start());
        while jobs.borrow().len() < 2 {
            tokio::task::yield_now().await;
        }
        let error = start().await.unwrap().unwrap_err();
        assert_eq!(error.status().as_u16(), 503);
        assert!(error.message().unwrap().contains("limit max_waiting"));
        // A place is free again when somebody has an answer, or went away.
        two.abort();
        assert!(two.await.unwrap_err().is_cancelled());
        let three = start();
        while jobs.borrow().len() < 3 {
            tokio::task::yield_now().await;
        }
        for job in jobs.take() {
            std::thread::spawn(job);
        }
        assert!(one.await.unwrap().is_ok() && three.await.unwrap().is_ok());
    });
}
