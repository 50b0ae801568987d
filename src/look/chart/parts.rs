//! A part of a cold start as a bar.

use maud::{Markup, html};

use super::share;
use crate::{anatomy::ColdPart, look::Shape};

/// A bar from `from` over `length` of its width, both 0 to 1, in the colour of cold for what
/// initialises and of warm for what runs. Its name and number stand beside it.
pub fn part_bar(part: ColdPart, from: f64, length: f64) -> Markup {
    let shape = match part {
        ColdPart::Init | ColdPart::Runtime | ColdPart::Imports | ColdPart::Code => {
            Some(Shape::Cold)
        }
        ColdPart::Handler | ColdPart::Invocation | ColdPart::Consumer => Some(Shape::Warm),
        _ => None,
    };
    html! {
        svg.chart height="12" aria-hidden="true" {
            rect class=(shape.map_or("plain", Shape::key)) x=(share(from)) width=(share(length)) height="12" {}
        }
    }
}
