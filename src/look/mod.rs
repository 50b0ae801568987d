//! The look: one stylesheet, and one set of shapes and words, for the pages, the HTML report and
//! the guide. What a thing is shows by shape and word as well as by colour.

pub mod chart;
mod log_bins;
mod shape;
mod table;

pub use log_bins::LogBins;
pub use shape::{Shape, korean};
pub use table::heads;

/// The stylesheet. It needs no script, no font and no other file.
///
/// Colours come as light and dark pairs and follow the reader's system; an element with
/// `data-theme="light"` or `data-theme="dark"` fixes one of them.
pub const STYLESHEET: &str = include_str!("look.css");

/// The icon of the browser's tab: the diamond of a cold start.
pub const ICON_SVG: &str = include_str!("icon.svg");
