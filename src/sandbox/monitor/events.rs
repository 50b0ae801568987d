//! An event: something that happened, in words.

/// An event, as it is posted or made by a monitor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sandbox) struct EventEntry {
    pub(in crate::sandbox) id: u64,
    /// When it happened, on the model's clock.
    pub(in crate::sandbox) at_ms: i64,
    pub(in crate::sandbox) title: String,
    pub(in crate::sandbox) text: String,
    pub(in crate::sandbox) tags: Vec<String>,
    /// `error`, `warning`, `info`, `success`.
    pub(in crate::sandbox) alert_type: String,
    /// `alert` of a monitor, else what was posted.
    pub(in crate::sandbox) source: String,
    pub(in crate::sandbox) aggregation_key: Option<String>,
}
