//! Properties of an exchange by HTTP/2: what any frames, cut anywhere, may lead to.

use std::{cell::Cell, time::Duration};

use proptest::{collection::vec, prelude::*, sample::Index};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::yield_now,
    time::timeout,
};

use super::{Http2, SharedConnections};
use crate::engine::{
    clock::RunClock,
    job::RequestSpec,
    wire::{
        ExchangeContext, ExchangeError, RequestTemplate, ResponseSummary, ScratchBuffers,
        TemplateParts, Timestamps, VaryingFields,
    },
};
use crate::{flow::WantedParts, sample::Connect};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
/// A type that no standard knows: to be passed over (RFC 9113, section 4.1).
const UNHEARD_OF: u8 = 0xfa;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;

/// The stream of a client's first request.
const STREAM: u8 = 1;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u32;
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags, 0, 0, 0, stream]);
    frame.extend(payload);
    frame
}

/// A field without indexing, its name and value as they are (RFC 7541, section 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        field.push(text.len() as u8);
        field.extend(text.bytes());
    }
    field
}

/// A block of fields in one frame, or in two where it is cut.
fn headers(flags: u8, block: &[u8], cut: Option<Index>) -> Vec<u8> {
    let at = cut.map_or(block.len(), |cut| cut.index(block.len() + 1));
    let (one, other) = block.split_at(at);
    match cut {
        None => frame(HEADERS, flags | END_HEADERS, STREAM, one),
        Some(_) => [
            frame(HEADERS, flags, STREAM, one),
            frame(CONTINUATION, END_HEADERS, STREAM, other),
        ]
        .concat(),
    }
}

/// What a server may say at any time between the frames of an answer.
fn aside() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => Just(Vec::new()),
        1 => Just(frame(PING, 0, 0, &[7; 8])),
        1 => Just(frame(SETTINGS, 0, 0, &[])),
        1 => Just(frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0])),
        1 => Just(frame(UNHEARD_OF, 0xff, 3, b"whatever")),
    ]
}

/// A well-formed answer.
#[derive(Clone, Debug)]
struct Told {
    status: u16,
    /// Of the body.
    length: u64,
    bytes: Vec<u8>,
}

prop_compose! {
    fn answer()(
        interim in 0..3usize,
        status in (200..600u16).prop_filter("no body", |status| !matches!(status, 204 | 304)),
        fields in vec(("[a-z]{1,8}-[a-z]{1,8}x", "[!-~]{0,40}"), 0..10),
        says_length in any::<bool>(),
        body in vec((vec(any::<u8>(), 0..80), any::<Option<u8>>(), aside()), 0..6),
        trailers in any::<bool>(),
        cut in any::<Option<Index>>(),
        aside in aside(),
    ) -> Told {
        let early = [field(":status", "103"), field("link", "x")].concat();
        let mut bytes = headers(0, &early, None).repeat(interim);
        bytes.extend(aside);
        let length = body.iter().map(|(data, ..)| data.len() as u64).sum();
        let mut block = field(":status", &status.to_string());
        for (name, value) in &fields {
            block.extend(field(name, value));
        }
        if says_length {
            block.extend(field("content-length", &u64::to_string(&length)));
        }
        let last = body.len().checked_sub(1).filter(|_| !trailers);
        let bodiless = last.is_none() && !trailers;
        bytes.extend(headers(if bodiless { END_STREAM } else { 0 }, &block, cut));
        for (place, (data, padding, aside)) in body.iter().enumerate() {
            let mut payload = data.clone();
            let mut flags = if last == Some(place) { END_STREAM } else { 0 };
            if let Some(padding) = *padding {
                flags |= PADDED;
                payload.insert(0, padding);
                payload.resize(payload.len() + usize::from(padding), 0);
            }
            bytes.extend(frame(DATA, flags, STREAM, &payload));
            // What follows the end of an answer is no part of it.
            if flags & END_STREAM == 0 {
                bytes.extend(aside);
            }
        }
        if trailers {
            bytes.extend(headers(END_STREAM, &field("x-trailer", "1"), cut));
        }
        Told { status, length, bytes }
    }
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..12)
}

/// Waits for the request, writes these bytes in the given pieces, and closes.
async fn serve(mut stream: DuplexStream, bytes: &[u8], cuts: &[Index]) -> std::io::Result<()> {
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await?;
        if head[3] == HEADERS {
            break;
        }
    }
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    for piece in at.windows(2) {
        stream.write_all(&bytes[piece[0]..piece[1]]).await?;
        yield_now().await;
    }
    Ok(())
}

/// The outcome of a request that is answered with these bytes, on a connection of its own or a shared
/// one.
fn exchange(
    is_shared: bool,
    bytes: &[u8],
    cuts: &[Index],
) -> (Result<ResponseSummary, ExchangeError>, Timestamps) {
    let target = crate::units::Address::parse("https://127.0.0.1/").expect("an address");
    let request = RequestSpec {
        method: "GET".to_owned(),
        host: None,
        headers: Vec::new(),
        varying: Vec::new(),
        wanted: WantedParts::default(),
        body: Vec::new(),
        timeout: Duration::from_secs(60),
        expected_status: Vec::new(),
        signer: None,
    };
    let template =
        RequestTemplate::new(TemplateParts::of(&target, &request, false)).expect("a request");
    let (client, server) = duplex(64 * 1024);
    let mut times = Timestamps::default();
    let asking = async {
        let mut http2 = match is_shared {
            false => Http2::start(client).await?,
            true => {
                let client = Cell::new(Some(client));
                let dial = async || match client.take() {
                    Some(client) => Ok((client, Connect::default())),
                    None => Err(ExchangeError::Unsent.into()),
                };
                let place = SharedConnections::new(10, 10).place(dial).await;
                place.map_err(|_| ExchangeError::Unsent)?.0
            }
        };
        let (scratch, clock) = (ScratchBuffers::new(), RunClock::start());
        let context = ExchangeContext {
            scratch: &scratch,
            clock: &clock,
            template: &template,
            fields: VaryingFields::default(),
        };
        http2.exchange(context, &mut times).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build_local(Default::default())
        .expect("a runtime");
    let outcome = runtime.block_on(async {
        // A client that gives up closes first, and then the server cannot write.
        let both = async { tokio::join!(asking, serve(server, bytes, cuts)).0 };
        timeout(request.timeout, both).await.expect("it ends")
    });
    (outcome, times)
}

/// The body's bytes that an outcome counts.
fn counted(outcome: &Result<ResponseSummary, ExchangeError>) -> u64 {
    match outcome {
        Ok(answer) => answer.bytes,
        Err(ExchangeError::InBody { bytes, .. } | ExchangeError::Bad(_, bytes)) => *bytes,
        Err(_) => 0,
    }
}

proptest! {
    #[test]
    fn a_well_formed_answer_is_read_whole_wherever_it_is_cut(
        is_shared in any::<bool>(), told in answer(), cuts in cuts(),
    ) {
        let (outcome, times) = exchange(is_shared, &told.bytes, &cuts);
        let answer = outcome.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert_eq!(answer.status, told.status);
        prop_assert_eq!(answer.bytes, told.length);
        prop_assert!(times.sent_us.is_some() && times.sent_us <= times.first_byte_us);
    }

    #[test]
    fn an_answer_cut_short_is_never_whole(
        is_shared in any::<bool>(), told in answer(), at in any::<Index>(), cuts in cuts(),
    ) {
        let short = &told.bytes[..at.index(told.bytes.len())];
        let (outcome, _) = exchange(is_shared, short, &cuts);
        prop_assert!(outcome.is_err());
        prop_assert!(counted(&outcome) <= told.length);
    }

    #[test]
    fn a_damaged_answer_ends_in_a_class_and_counts_no_more_than_came(
        is_shared in any::<bool>(),
        told in answer(),
        damage in vec((any::<Index>(), any::<u8>()), 1..6),
        cuts in cuts(),
    ) {
        let mut bytes = told.bytes;
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (outcome, times) = exchange(is_shared, &bytes, &cuts);
        prop_assert!(counted(&outcome) <= bytes.len() as u64);
        // It left, since the server waited for it, and nothing came before that.
        prop_assert!(times.sent_us.is_some());
        prop_assert!(times.first_byte_us.is_none_or(|first| times.sent_us <= Some(first)));
    }

    #[test]
    fn any_bytes_are_survived(
        is_shared in any::<bool>(), bytes in vec(any::<u8>(), 0..2000), cuts in cuts(),
    ) {
        let (outcome, _) = exchange(is_shared, &bytes, &cuts);
        prop_assert!(counted(&outcome) <= bytes.len() as u64);
    }
}
