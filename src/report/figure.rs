//! Figures as people say them.

use std::time::Duration;

use super::text::said;
use crate::{
    lang::{Lang, PlainNumber, Share, Value, texts},
    record::ThresholdResult,
    scenario::{NamedFigure, Unit},
    units::show_percent,
};

texts! {
    const;
    must_not_be(limit: &str): "not {}", "{} 아님";
}

/// A limit as written, or, of a condition that is not to become so, that it must not.
pub fn limit_said(threshold: &ThresholdResult, lang: Lang) -> String {
    match threshold.ends_run {
        true => must_not_be(&threshold.limit).to(lang),
        false => threshold.limit.clone(),
    }
}

/// A figure as a value with the unit of its metric.
pub fn figure_value(metric: &str, value: f64) -> Value {
    match metric.parse().map(|named: NamedFigure| named.metric.unit()) {
        Ok(Unit::Milliseconds) => Duration::from_secs_f64(value.max(0.0) / 1e3).into(),
        Ok(Unit::Share) => Share(value).into(),
        Ok(Unit::Requests) | Err(_) => PlainNumber((value * 10.0).round() / 10.0).into(),
    }
}

/// A figure in the unit of its metric.
pub fn figure_said(metric: &str, value: f64) -> String {
    match metric.parse().map(|named: NamedFigure| named.metric.unit()) {
        Ok(Unit::Milliseconds) => said(Some(value)),
        Ok(Unit::Share) => show_percent(value),
        // A rate is no whole number, and nobody reads its fifth digit.
        Ok(Unit::Requests) | Err(_) => format!("{}", (value * 10.0).round() / 10.0),
    }
}
