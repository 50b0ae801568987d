//! A stand-in for Datadog's API that plays scripted answers, and a clock that only sleeping moves.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Response},
};
use loadgen::datadog::{Client, Keys, Sleep, Time};
use serde_json::Value;

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// How long the answer takes.
    pub after: Duration,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Reply {
        Reply {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
            after: Duration::ZERO,
        }
    }

    pub fn text(status: u16, body: &str) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
            after: Duration::ZERO,
        }
    }

    pub fn after(mut self, after: Duration) -> Reply {
        self.after = after;
        self
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Reply {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

type Answer = Box<dyn FnMut(&Asked) -> Reply + Send>;

/// A server on a free loopback port.
pub struct Stub {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Stub {
    /// Plays these answers in order, the last one over again.
    pub async fn playing(replies: impl IntoIterator<Item = Reply>) -> Stub {
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        Stub::answering(move |_| {
            if replies.len() > 1 {
                replies.pop_front().expect("a reply")
            } else {
                replies.front().expect("a reply").clone()
            }
        })
        .await
    }

    /// Answers as `answer` says.
    pub async fn answering(answer: impl FnMut(&Asked) -> Reply + Send + 'static) -> Stub {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(answer)));
        let seen = Arc::clone(&asked);
        let app = Router::new().fallback(move |request: Request| {
            let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, 1 << 20).await.expect("a body");
                let asked = Asked {
                    method: parts.method.to_string(),
                    path: parts.uri.path().to_owned(),
                    headers: parts.headers,
                    body: serde_json::from_slice(&body).unwrap_or(Value::Null),
                };
                let reply = (answer.lock().expect("the script"))(&asked);
                seen.lock().expect("the record").push(asked);
                tokio::time::sleep(reply.after).await;
                let mut response = Response::builder().status(reply.status);
                for (name, value) in reply.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(reply.body)).expect("a response")
            }
        });
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Stub {
            address,
            asked,
            server,
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the record").clone()
    }

    pub fn client(&self, time: &Arc<Clock>) -> Client {
        Client::with_time(&self.address, Keys::for_sandbox(), time.clone()).expect("a client")
    }
}

/// Sleeping takes no time, and moves the clock.
#[derive(Debug, Default)]
pub struct Clock {
    sleeps: Mutex<Vec<Duration>>,
}

impl Clock {
    pub fn new() -> Arc<Clock> {
        Arc::new(Clock::default())
    }

    pub fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.lock().expect("the sleeps").clone()
    }
}

impl Time for Clock {
    fn now(&self) -> Duration {
        self.sleeps().iter().sum()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        self.sleeps.lock().expect("the sleeps").push(duration);
        Box::pin(std::future::ready(()))
    }
}
