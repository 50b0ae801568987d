//! What loadgen's pacing is held against: a hyper client on tokio's timer, nothing else.

use std::{
    cell::{Cell, RefCell},
    error::Error,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use loadgen::stats::{self, SendLag, Summary, histogram};
use tokio::{
    net::TcpStream,
    runtime::{Builder, LocalOptions},
    sync::Semaphore,
    task::spawn_local,
};

type Sender = http1::SendRequest<Empty<Bytes>>;

/// Sends for so long: in a closed loop, or at a rate. Prints what loadgen would of the same.
pub fn run(
    url: &str,
    length: Duration,
    connections: usize,
    rate: Option<f64>,
) -> Result<(), Box<dyn Error>> {
    let address = url
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())?;
    let bare = runtime.block_on(async {
        let mut senders = Vec::new();
        for _ in 0..connections {
            senders.push(connect(&address).await?);
        }
        let bare = Rc::new(Bare {
            address,
            idle: RefCell::new(senders),
            free: Semaphore::new(connections),
            answered: Cell::new(0),
            response: RefCell::new(histogram()),
            lag: RefCell::new(histogram()),
        });
        match rate {
            Some(rate) => bare.open(length, rate).await,
            None => bare.closed(length).await,
        }
        Ok::<_, Box<dyn Error>>(bare)
    })?;
    let said = serde_json::json!({
        "requests": { "completed": bare.answered.get() },
        "latency_ms": { "response": { "all": Summary::of(&bare.response.borrow()) } },
        "schedule": { "send_lag_ms": SendLag::of(&bare.lag.borrow()) },
    });
    println!("{said}");
    Ok(())
}

async fn connect(address: &str) -> Result<Sender, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    spawn_local(connection);
    Ok(sender)
}

struct Bare {
    address: String,
    idle: RefCell<Vec<Sender>>,
    free: Semaphore,
    answered: Cell<u64>,
    response: RefCell<Histogram<u64>>,
    lag: RefCell<Histogram<u64>>,
}

impl Bare {
    async fn closed(self: &Rc<Self>, length: Duration) {
        let until = Instant::now() + length;
        let tasks: Vec<_> = self
            .idle
            .take()
            .into_iter()
            .map(|mut sender| {
                let bare = Rc::clone(self);
                spawn_local(async move {
                    while Instant::now() < until && bare.ask(&mut sender).await.is_ok() {}
                })
            })
            .collect();
        for task in tasks {
            let _ = task.await;
        }
    }

    async fn open(self: &Rc<Self>, length: Duration, rate: f64) {
        let start = Instant::now();
        let count = (rate * length.as_secs_f64()) as u64;
        let mut tasks = Vec::new();
        for index in 0..count {
            let planned = start + Duration::from_secs_f64(index as f64 / rate);
            tokio::time::sleep_until(planned.into()).await;
            let bare = Rc::clone(self);
            tasks.push(spawn_local(async move { bare.planned(planned).await }));
        }
        for task in tasks {
            let _ = task.await;
        }
    }

    async fn planned(&self, planned: Instant) {
        let Ok(_one) = self.free.acquire().await else {
            return;
        };
        let Some(mut sender) = self.idle.borrow_mut().pop() else {
            return;
        };
        record(&self.lag, planned);
        if self.ask(&mut sender).await.is_ok() {
            record(&self.response, planned);
            self.idle.borrow_mut().push(sender);
        }
    }

    async fn ask(&self, sender: &mut Sender) -> Result<(), Box<dyn Error>> {
        sender.ready().await?;
        let request = Request::get("/")
            .header("host", &self.address)
            .body(Empty::new())?;
        let answer = sender.send_request(request).await?;
        answer.into_body().collect().await?;
        self.answered.set(self.answered.get() + 1);
        Ok(())
    }
}

fn record(histogram: &RefCell<Histogram<u64>>, since: Instant) {
    let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
    stats::record(&mut histogram.borrow_mut(), micros, 1);
}
