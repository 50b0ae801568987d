//! Open pages fill by themselves: server-sent events say that there is more, and the script
//! fetches the page anew and folds in what changed.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    extract::State as Extracted,
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures_util::{Stream, stream};

use super::PagesState;
use crate::telemetry::store::StoreExtent;

/// How often the store is asked whether there is more.
const INTERVAL: Duration = Duration::from_millis(700);

/// What tells one state of the store from the next.
pub(super) fn version(extent: &StoreExtent) -> String {
    extent.latest.map(|number| number.to_string()).join("-")
}

/// `/_pages/live`
pub(super) fn router() -> Router<PagesState> {
    Router::new().route("/_pages/live", get(live))
}

async fn live(
    Extracted(state): Extracted<PagesState>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold((state, None), |(state, last)| async move {
        loop {
            // The first answer comes at once: it is what the page was drawn from, or newer.
            if last.is_some() {
                tokio::time::sleep(INTERVAL).await;
            }
            let Ok(extent) = state.reader.read(|reader| reader.extent()).await else {
                return None;
            };
            let now = version(&extent);
            if last.as_ref() != Some(&now) {
                return Some((Ok(Event::default().data(&now)), (state, Some(now))));
            }
        }
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}
