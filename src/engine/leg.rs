//! Where a request stands in its flow.

use super::wire::RequestTemplate;
use crate::flow::FlowCursor;

/// One request of a flow.
pub(super) struct FlowLeg {
    pub cursor: FlowCursor,
    /// The request with its values; None where it is always the same.
    pub rendered: Option<RequestTemplate>,
}

impl FlowLeg {
    pub fn template(&self) -> Option<&RequestTemplate> {
        self.rendered.as_ref()
    }

    /// How many requests of its flow were sent before it.
    pub fn turn(&self) -> u32 {
        self.cursor.turn
    }
}
