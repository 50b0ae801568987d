//! A drawn page, or why it cannot be drawn.

use maud::Markup;

use crate::telemetry::store::StoreError;

/// Why a page cannot be shown as asked.
#[derive(Debug)]
pub(super) enum PageError {
    /// There is no such thing: what was asked for in words, and where to go instead.
    NotFound {
        said: String,
        ways: Vec<(String, String)>,
    },
    /// A search that cannot be read, and why.
    Search(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> PageError {
        PageError::Store(error)
    }
}

/// A page: the title in the browser's tab, and the content.
pub(super) struct PageContent {
    pub(super) title: String,
    pub(super) content: Markup,
}
