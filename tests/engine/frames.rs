//! HTTP/2 servers over TLS: some on the `h2` crate, some that write frames by hand.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use h2::{RecvStream, server::SendResponse};
use http::{Request, Response};
use loadgen::engine::Job;
use rustls::{ServerConfig, pki_types::CertificateDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    support::{Plan, Ran, Server, burst, run},
    tls::{certificate, over_tls, provider, trusting},
};

/// A TLS server and the certificate that it shows.
pub struct Secure {
    server: Server,
    certificate: CertificateDer<'static>,
}

impl Secure {
    /// Offers these protocols and hands every connection to a function.
    pub fn start<F>(
        protocols: &[&str],
        serve: impl Fn(TlsStream<TcpStream>) -> F + Send + Sync + 'static,
    ) -> Secure
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (certificate, key) = certificate();
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a configuration");
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let serve = Arc::new(serve);
        let server = Server::start(move |stream| {
            let (acceptor, serve) = (acceptor.clone(), Arc::clone(&serve));
            async move {
                let _ = stream.set_nodelay(true);
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream).await;
                }
            }
        });
        Secure {
            server,
            certificate,
        }
    }

    /// Speaks HTTP/2 by hand: every connection is handed over once its settings are sent.
    pub fn frames<F>(serve: impl Fn(Frames) -> F + Send + Sync + 'static) -> Secure
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let serve = Arc::new(serve);
        Secure::start(&["h2"], move |stream| {
            let serve = Arc::clone(&serve);
            async move {
                let mut frames = Frames(stream);
                if frames.begin(&[]).await {
                    serve(frames).await;
                }
            }
        })
    }

    /// Hands every request on every connection to a function, through the `h2` crate.
    pub fn answering<F>(
        answer: impl Fn(Request<RecvStream>, SendResponse<Bytes>) -> F + Send + Sync + 'static,
    ) -> Secure
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Secure::allowing(u32::MAX, answer)
    }

    /// The same, for so many requests at a time on a connection; more are refused.
    pub fn allowing<F>(
        streams: u32,
        answer: impl Fn(Request<RecvStream>, SendResponse<Bytes>) -> F + Send + Sync + 'static,
    ) -> Secure
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let answer = Arc::new(answer);
        Secure::start(&["h2", "http/1.1"], move |stream| {
            let answer = Arc::clone(&answer);
            async move {
                let mut builder = h2::server::Builder::new();
                builder.max_concurrent_streams(streams);
                let Ok(mut connection) = builder.handshake(stream).await else {
                    return;
                };
                while let Some(Ok((request, respond))) = connection.accept().await {
                    tokio::spawn(answer(request, respond));
                }
            }
        })
    }

    /// Answers 200 and `ok`, and keeps what it was asked for.
    pub fn noting(seen: &Arc<Mutex<Vec<Request<()>>>>) -> Secure {
        let seen = Arc::clone(seen);
        Secure::answering(move |request, mut respond| {
            let (parts, _) = request.into_parts();
            seen.lock()
                .expect("no panic")
                .push(Request::from_parts(parts, ()));
            async move {
                if let Ok(mut body) = respond.send_response(Response::new(()), false) {
                    let _ = body.send_data(Bytes::from_static(b"ok"), true);
                }
            }
        })
    }

    /// A job that trusts it.
    pub fn job(&self, plan: &[Plan]) -> Job {
        Job {
            others: Vec::new(),
            tls: Some(trusting(&self.certificate)),
            ..over_tls(&self.server, "127.0.0.1", plan)
        }
    }
}

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;
pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// `:status: 200`, from the static table (RFC 7541, appendix A).
pub const STATUS_200: &[u8] = &[0x88];

/// A field without indexing, its name and value as they are (RFC 7541, section 6.2.2).
pub fn field(name: &str, value: &str) -> Vec<u8> {
    let mut block = vec![0];
    for text in [name, value] {
        match u8::try_from(text.len()) {
            Ok(length @ ..127) => block.push(length),
            _ => {
                block.push(127);
                let mut rest = text.len() - 127;
                while rest >= 128 {
                    block.push((rest % 128) as u8 | 128);
                    rest /= 128;
                }
                block.push(rest as u8);
            }
        }
        block.extend(text.bytes());
    }
    block
}

/// A client's connection, as frames.
pub struct Frames(pub TlsStream<TcpStream>);

impl Frames {
    /// Reads the client's preface and sends these settings.
    pub async fn begin(&mut self, settings: &[(u16, u32)]) -> bool {
        let payload: Vec<u8> = settings
            .iter()
            .flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
            .collect();
        let sent = self.send(SETTINGS, 0, 0, &payload).await;
        let mut preface = [0; 24];
        self.0.read_exact(&mut preface).await.is_ok() && sent
    }

    /// Sends a frame; false when the client is gone.
    pub async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.raw(&frame).await
    }

    pub async fn raw(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok() && self.0.flush().await.is_ok()
    }

    /// The next whole request's stream; None when the client is gone. Everything else is passed
    /// over, settings are acknowledged.
    pub async fn request(&mut self) -> Option<u32> {
        loop {
            match self.next().await? {
                (SETTINGS, 0, ..) => drop(self.send(SETTINGS, ACK, 0, &[]).await),
                (HEADERS | DATA, flags, stream, _) if flags & END_STREAM != 0 => {
                    return Some(stream);
                }
                _ => {}
            }
        }
    }

    /// Waits until the client has read all that was sent to it.
    pub async fn all_read(&mut self) -> Option<()> {
        let mark = b"all read".as_slice();
        self.send(PING, 0, 0, mark).await;
        loop {
            if let (PING, ACK, _, payload) = self.next().await?
                && payload == mark
            {
                return Some(());
            }
        }
    }

    /// The next frame's type, flags, stream and payload; None when the client is gone.
    pub async fn next(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.0.read_exact(&mut payload).await.ok()?;
        Some((kind, flags, u32::from_be_bytes(stream), payload))
    }

    /// Answers 200 and `ok`.
    pub async fn answer(&mut self, stream: u32) -> bool {
        self.send(HEADERS, END_HEADERS, stream, STATUS_200).await
            && self.send(DATA, END_STREAM, stream, b"ok").await
    }

    /// Tells the client to go away; the last stream that was or will be processed.
    pub async fn go_away(&mut self, last: u32) -> bool {
        let payload = [last.to_be_bytes(), [0; 4]].concat();
        self.send(GOAWAY, 0, 0, &payload).await
    }

    /// Resets a stream for a reason (RFC 9113, section 7).
    pub async fn reset(&mut self, stream: u32, reason: u32) -> bool {
        self.send(RST_STREAM, 0, stream, &reason.to_be_bytes())
            .await
    }
}

/// Hands the first connections to one function, the later ones to another.
pub fn first_and_later<F, G>(
    count: u64,
    first: impl Fn(Frames) -> F + Send + Sync + 'static,
    later: impl Fn(Frames) -> G + Send + Sync + 'static,
) -> Secure
where
    F: Future<Output = ()> + Send + 'static,
    G: Future<Output = ()> + Send + 'static,
{
    let (seen, both) = (AtomicU64::new(0), Arc::new((first, later)));
    Secure::frames(move |frames| {
        let is_first = seen.fetch_add(1, Relaxed) < count;
        let both = Arc::clone(&both);
        async move {
            match is_first {
                true => both.0(frames).await,
                false => both.1(frames).await,
            }
        }
    })
}

/// Answers every request on a connection.
pub async fn answers(mut frames: Frames) {
    while let Some(stream) = frames.request().await {
        frames.answer(stream).await;
    }
}

/// 200 and `ok` on a stream, as bytes.
pub fn answer_bytes(stream: u32) -> Vec<u8> {
    let stream = stream as u8;
    let head = [0, 0, 1, HEADERS, END_HEADERS, 0, 0, 0, stream, 0x88];
    let data = [0, 0, 2, DATA, END_STREAM, 0, 0, 0, stream, b'o', b'k'];
    [&head[..], &data].concat()
}

/// Splitmix64: the same damage on every machine.
pub fn random_damage(seed: u64) -> impl FnMut() -> usize + Send {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) as usize
    }
}

/// Three requests that have little time.
pub fn hurried(server: &Secure) -> Ran {
    let mut job = server.job(&burst(3));
    job.request.timeout = Duration::from_millis(300);
    run(job)
}

/// Three requests, each met by what a function does on its stream.
pub fn against<F>(meet: impl Fn(Frames, u32) -> F + Send + Sync + 'static) -> Ran
where
    F: Future<Output = ()> + Send + 'static,
{
    let meet = Arc::new(meet);
    let server = Secure::frames(move |mut frames| {
        let meet = Arc::clone(&meet);
        async move {
            if let Some(stream) = frames.request().await {
                meet(frames, stream).await;
            }
        }
    });
    run(server.job(&burst(3)))
}

#[track_caller]
pub fn reason(ran: &Ran, part: &str) {
    let reasons = &ran.ended.reasons;
    assert!(
        reasons.iter().all(|reason| reason.why.text.contains(part)),
        "{reasons:?}"
    );
}
