//! Figures as people say them.

use super::text::said;
use crate::{
    scenario::{NamedFigure, Unit},
    units::show_percent,
};

/// A figure in the unit of its metric.
pub fn figure_said(metric: &str, value: f64) -> String {
    match metric.parse().map(|named: NamedFigure| named.metric.unit()) {
        Ok(Unit::Milliseconds) => said(Some(value)),
        Ok(Unit::Share) => show_percent(value),
        // A rate is no whole number, and nobody reads its fifth digit.
        Ok(Unit::Requests) | Err(_) => format!("{}", (value * 10.0).round() / 10.0),
    }
}
