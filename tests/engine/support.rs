//! Servers written by hand on a bare socket, and runs against them.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use loadgen::{
    engine::{
        self, EngineEvent, EngineSummary, IdleStrategy, Job, RequestSpec, StopSignal, WallClock,
    },
    flow::WantedParts,
    lambda::Fault,
    sample::{Outcome, Sample},
    scenario::{Arrivals, FaultShare},
    schedule::{Arrival, Step},
    stats::Requests,
    units::Address,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// Answers every request without a body with [`OK`], for as long as the client stays.
pub async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        seen.extend_from_slice(&buffer[..read]);
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            let _ = stream.write_all(OK.as_bytes()).await;
            let _ = stream.flush().await;
        }
    }
}

/// A server on a free loopback port that hands every connection to a function.
pub struct Server {
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Server {
    pub fn start<F>(serve: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind(("127.0.0.1", 0)))
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Server {
            address,
            _runtime: runtime,
        }
    }

    /// Answers every request with the same bytes, for as long as the client stays.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Server {
        let answer: Arc<[u8]> = answer.into().into();
        Server::start(move |stream| {
            let answer = Arc::clone(&answer);
            async move {
                let mut peer = Peer::new(stream);
                while peer.request().await.is_some() && peer.send(&answer).await {}
            }
        })
    }

    /// Answers the first request of every connection with these bytes and closes.
    pub fn answering_once(answer: impl Into<Vec<u8>>) -> Server {
        let answer: Arc<[u8]> = answer.into().into();
        Server::start(move |stream| {
            let answer = Arc::clone(&answer);
            async move {
                let mut peer = Peer::new(stream);
                peer.request().await;
                peer.send(&answer).await;
            }
        })
    }

    pub fn job(&self, plan: &[Plan]) -> Job {
        job(&format!("http://{}/path?x=1", self.address), plan)
    }
}

/// A client's connection as a server sees it.
pub struct Peer(pub BufReader<TcpStream>);

impl Peer {
    pub fn new(stream: TcpStream) -> Peer {
        Peer(BufReader::new(stream))
    }

    /// The next request's head and body; None when the client is gone.
    pub async fn request(&mut self) -> Option<String> {
        let mut head = String::new();
        loop {
            let before = head.len();
            let read = self.0.read_line(&mut head).await.ok()?;
            if read == 0 {
                return None;
            }
            if head[before..].trim().is_empty() {
                break;
            }
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a length"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        head.push_str(&String::from_utf8_lossy(&body));
        Some(head)
    }

    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.get_mut().write_all(bytes).await.is_ok()
    }
}

pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// One step of a plan.
#[derive(Clone, Copy)]
pub enum Plan {
    Idle(Duration),
    Burst(u64),
    /// Requests per second, how many, and the fault of every one.
    Rate(u64, u64, Option<Fault>),
}

pub fn burst(count: u64) -> [Plan; 1] {
    [Plan::Burst(count)]
}

/// Two bursts, the second when the first is over.
pub fn twice(count: u64) -> [Plan; 3] {
    let pause = Plan::Idle(Duration::from_millis(200));
    [Plan::Burst(count), pause, Plan::Burst(count)]
}

pub fn job(address: &str, plan: &[Plan]) -> Job {
    let (steps, arrivals) = planned(plan);
    Job {
        others: Vec::new(),
        flows: None,
        target: Address::parse(address).expect("a target"),
        request: RequestSpec {
            method: "GET".to_owned(),
            host: None,
            headers: Vec::new(),
            varying: Vec::new(),
            wanted: WantedParts::default(),
            body: Vec::new(),
            timeout: Duration::from_secs(20),
            expected_status: Vec::new(),
            signer: None,
        },
        steps,
        arrivals: Box::new(arrivals.into_iter()),
        run_id: "run-1".to_owned(),
        fault_key: None,
        trace: None,
        max_in_flight: 100,
        connection_use: Default::default(),
        idle: IdleStrategy::Wait,
        give_up: None,
        most_resent: u64::MAX,
        wall: WallClock::default(),
        tls: None,
        part: Default::default(),
    }
}

fn planned(plan: &[Plan]) -> (Vec<Step>, Vec<Arrival>) {
    let (mut steps, mut arrivals) = (Vec::new(), Vec::new());
    let mut start = Duration::ZERO;
    for (phase, plan) in plan.iter().enumerate() {
        let first_index = arrivals.len() as u64;
        let mut send = |at: Duration, fault: Option<Fault>| {
            arrivals.push(Arrival {
                index: arrivals.len() as u64,
                step: phase as u32,
                at,
                fault,
                function: 0,
                flow: 0,
            });
        };
        let (kind, length, fault) = match *plan {
            Plan::Idle(length) => (Arrivals::Idle(length), length, None),
            Plan::Burst(count) => {
                (0..count).for_each(|_| send(start, None));
                let within = Duration::ZERO;
                (Arrivals::Burst { count, within }, within, None)
            }
            Plan::Rate(rate, count, fault) => {
                let after = |number| Duration::from_micros(number * 1_000_000 / rate);
                (0..count).for_each(|number| send(start + after(number), fault));
                let per_second = rate as f64;
                let length = after(count);
                (Arrivals::Rate { per_second, length }, length, fault)
            }
        };
        let count = arrivals.len() as u64 - first_index;
        steps.push(Step {
            phase,
            name: format!("phase-{phase}"),
            cycle: 0,
            start,
            length,
            arrivals: kind,
            count,
            first_index,
            only: None,
            function: 0,
            functions: 1,
            requests: 0,
            fault: fault.map(|fault| FaultShare { fault, share: 1.0 }),
            faults: fault.map_or(0, |_| count),
        });
        start += length;
    }
    (steps, arrivals)
}

/// What a run came to.
pub struct Ran {
    pub ended: EngineSummary,
    pub events: Vec<EngineEvent>,
    /// In the order of the schedule.
    pub samples: Vec<Sample>,
}

impl Ran {
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.samples.iter().map(|sample| sample.outcome).collect()
    }

    /// All requests ended in this class.
    #[track_caller]
    pub fn all(&self, outcome: Outcome) -> &Ran {
        let outcomes = self.outcomes();
        assert!(!outcomes.is_empty());
        assert!(
            outcomes.iter().all(|found| *found == outcome),
            "{outcomes:?} because {:?}",
            self.ended.reasons
        );
        self
    }
}

/// Runs a job on a thread of its own.
pub fn start(
    job: Job,
    stop: &StopSignal,
) -> (
    mpsc::Receiver<EngineEvent>,
    thread::JoinHandle<EngineSummary>,
) {
    let (tell, events) = mpsc::channel();
    let stop = stop.clone();
    let running = thread::spawn(move || {
        let tell = move |event| drop(tell.send(event));
        engine::run(job, tell, &stop).expect("the run begins")
    });
    (events, running)
}

/// Runs a job to its end, and checks what must hold of every run.
#[track_caller]
pub fn run(job: Job) -> Ran {
    let (events, running) = start(job, &StopSignal::new());
    let events: Vec<EngineEvent> = events.into_iter().collect();
    finish(events, running.join().expect("no panic"))
}

/// Whether every planned request is accounted for.
fn add_up(totals: &Requests) -> bool {
    totals.planned == totals.completed + totals.failed + totals.timed_out + totals.not_sent
}

/// Checks what must hold of every run.
#[track_caller]
pub fn finish(events: Vec<EngineEvent>, ended: EngineSummary) -> Ran {
    let mut samples: Vec<Sample> = events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::Sample(sample) => Some(sample.clone()),
            _ => None,
        })
        .collect();
    samples.sort_by_key(|sample| sample.index);
    let totals = ended.totals;
    assert!(add_up(&totals), "{totals:?}");
    let told_not_sent = count(&samples, |outcome| outcome == Outcome::NotSent);
    assert!(told_not_sent <= totals.not_sent);
    assert_eq!(
        samples.len() as u64 - told_not_sent,
        totals.planned - totals.not_sent
    );
    assert!(samples.windows(2).all(|pair| pair[0].index < pair[1].index));
    for sample in &samples {
        let times = [
            sample.planned_us,
            sample.sent_us,
            sample.first_byte_us,
            Some(sample.done_us),
        ];
        let known: Vec<u64> = times.into_iter().flatten().collect();
        assert!(known.is_sorted(), "{sample:?}");
    }
    Ran {
        ended,
        events,
        samples,
    }
}

fn count(samples: &[Sample], of: impl Fn(Outcome) -> bool) -> u64 {
    samples.iter().filter(|sample| of(sample.outcome)).count() as u64
}
