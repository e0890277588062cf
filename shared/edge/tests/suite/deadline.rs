//! How long a call may take.

use dynamo::SdkConfig;
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use scene::{Logs, Request, gate, now};
use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};
use tokio::{sync::oneshot, time::Instant};

/// Ways to take long.
#[derive(Clone, Copy)]
enum Way {
    Hang,
    Block,
    Panic,
    None,
}

const ROUTES: Routes<Way> = &[
    (Method::GET, "/hangs", Way::Hang),
    (Method::GET, "/blocks", Way::Block),
    (Method::GET, "/panics", Way::Panic),
    (Method::GET, "/other", Way::None),
];

/// Handles a call in the way that its path says.
struct Slow {
    gate: Gate,
    /// Dropped with the handler's future, and signals when a blocked thread may go on.
    held: Mutex<Option<oneshot::Sender<()>>>,
    blocked: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Function for Slow {
    type Route = Way;

    const ROUTES: Routes<Way> = ROUTES;

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, way: Way, _: &Call<'_>) -> Result<Answer, Problem> {
        let _held = self.held.lock().unwrap().take();
        match way {
            Way::Hang => std::future::pending().await,
            Way::Block => {
                let blocked = Arc::clone(&self.blocked);
                let work = tokio::task::spawn_blocking(move || blocked.lock().unwrap().recv().is_ok());
                Ok(Answer::json(&work.await.unwrap()))
            }
            Way::Panic => {
                tokio::task::yield_now().await;
                panic!("a defect");
            }
            Way::None => Ok(Answer::empty()),
        }
    }
}

/// The same with its own deadline, in milliseconds.
struct Within<const MILLISECONDS: u64>(Slow);

impl<const MILLISECONDS: u64> Function for Within<MILLISECONDS> {
    type Route = Way;

    const ROUTES: Routes<Way> = ROUTES;

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        self.0.gate()
    }

    fn deadline(_: Way) -> Duration {
        Duration::from_millis(MILLISECONDS)
    }

    async fn handle(&self, way: Way, call: &Call<'_>) -> Result<Answer, Problem> {
        self.0.handle(way, call).await
    }
}

/// The function; the receiver that learns that a handler's future is gone; and the sender that lets a blocked thread go
/// on.
fn slow() -> (Slow, oneshot::Receiver<()>, mpsc::Sender<()>) {
    let (held, dropped) = oneshot::channel();
    let (go_on, blocked) = mpsc::channel();
    let (held, blocked) = (Mutex::new(Some(held)), Arc::new(Mutex::new(blocked)));
    (Slow { gate: gate(), held, blocked }, dropped, go_on)
}

/// ASVS 16.5.2: an answer in bounded time, and no work continues after it.
#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_is_dropped_and_answered_after_four_and_a_half_seconds() {
    let (function, dropped, _go_on) = slow();
    let (logs, began) = (Logs::capture(), Instant::now());
    let reply = Request::get("/hangs").send(&function, now()).await;
    assert_eq!((reply.status, &*reply.problem(), reply.header("retry-after")), (503, "unavailable", Some("1")));
    assert_eq!(began.elapsed(), Duration::from_millis(4500));
    assert!(dropped.await.is_err(), "the handler is gone");

    let lines = logs.lines();
    assert_eq!(lines.iter().filter(|line| line.to_string().contains("deadline")).count(), 1, "{lines:?}");
    let line = &logs.of("request")[0];
    assert_eq!((&line["status"], &line["cause"]), (&503.into(), &"deadline".into()));
    assert_eq!(Request::get("/other").send(&function, now()).await.status, 204);
}

#[tokio::test(start_paused = true)]
async fn a_function_may_have_another_deadline() {
    let (slow, _dropped, _go_on) = slow();
    let function = Within::<9000>(slow);
    let began = Instant::now();
    assert_eq!(Request::get("/hangs").send(&function, now()).await.status, 503);
    assert_eq!(began.elapsed(), Duration::from_secs(9));
}

/// A hash is computed on its own thread, which cannot be stopped.
#[tokio::test]
async fn a_handler_that_waits_for_a_blocked_thread_is_answered_in_time_too() {
    let (slow, _dropped, go_on) = slow();
    let function = Within::<20>(slow);
    assert_eq!(Request::get("/blocks").send(&function, now()).await.status, 503);
    assert_eq!(Request::get("/other").send(&function, now()).await.status, 204);
    go_on.send(()).unwrap();
}

#[tokio::test]
async fn a_panic_is_a_defect_and_not_a_deadline() {
    let (function, _dropped, _go_on) = slow();
    assert_eq!(Request::get("/panics").send(&function, now()).await.status, 500);
    assert_eq!(Request::get("/other").send(&function, now()).await.status, 204);
}
