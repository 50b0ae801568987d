//! Reading bodies within bounds: of one body, and of all that are held at a time.

use std::{error::Error, time::Duration};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use http_body_util::BodyExt;
use tokio::{sync::Semaphore, time::timeout};

/// How much of bodies may be held while they arrive, in KiB. A client that sends a large one waits
/// for its place.
static HELD_KIB: Semaphore = Semaphore::const_new(64 * 1024);
/// A body that is known to be no larger needs no place.
const SMALL: u64 = 64 * 1024;
/// How long a body may take to arrive: one that does not must not keep its place.
const SLOWEST: Duration = Duration::from_secs(30);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyRefusal {
    /// It is larger than it may be.
    TooLarge,
    /// It broke off.
    Broken,
    /// It did not arrive in time.
    TooSlow,
}

/// A body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, BodyRefusal> {
    let hint = body.size_hint();
    let most = hint.upper().unwrap_or(limit as u64);
    if hint.lower() > limit as u64 {
        // Whether it comes in time changes nothing of the answer.
        let _ = timeout(SLOWEST, discard(body, 2 * limit)).await;
        return Err(BodyRefusal::TooLarge);
    }
    let _place = match most {
        0..=SMALL => None,
        most => {
            let kib = u32::try_from(most.min(limit as u64).div_ceil(1024)).unwrap_or(u32::MAX);
            // An error means that the semaphore was closed, and it is never closed.
            Some(HELD_KIB.acquire_many(kib).await)
        }
    };
    let read = timeout(SLOWEST, to_bytes(body, limit)).await;
    let read = read.map_err(|_| BodyRefusal::TooSlow)?;
    read.map_err(|error| {
        let cause = error.source();
        match cause.is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>()) {
            true => BodyRefusal::TooLarge,
            false => BodyRefusal::Broken,
        }
    })
}

/// Takes in up to `most` bytes and forgets them: a client that is still sending when its connection
/// closes reads no answer.
async fn discard(mut body: Body, most: usize) {
    let mut left = most;
    while left > 0
        && let Some(Ok(frame)) = body.frame().await
    {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_that_are_held_open_take_no_more_than_their_places() {
        use futures_util::stream::pending;
        let held: Vec<_> = (0..64)
            .map(|_| {
                let stalled = Body::from_stream(pending::<Result<Bytes, std::io::Error>>());
                tokio::spawn(read_body(stalled, 8 << 20))
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(HELD_KIB.available_permits(), 0);
        let small = read_body(Body::from("x"), 8 << 20).await;
        assert_eq!(small.as_deref(), Ok(b"x".as_slice()));
        held.iter().for_each(tokio::task::JoinHandle::abort);
        for one in held {
            assert!(one.await.is_err());
        }
        let large = read_body(Body::from(vec![0; 1 << 20]), 8 << 20).await;
        assert_eq!(large.map(|body| body.len()), Ok(1 << 20));
    }

    #[tokio::test]
    async fn a_body_above_its_limit_is_refused() {
        let read = |bytes: usize| read_body(Body::from(vec![0; bytes]), 10);
        assert_eq!(read(11).await, Err(BodyRefusal::TooLarge));
        assert_eq!(read(10).await.map(|body| body.len()), Ok(10));
    }
}
