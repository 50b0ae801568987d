//! The six shapes that carry meaning.

use maud::{Markup, html};

use crate::{
    insight::Id,
    lang::{Lang, Text},
};

/// What a mark on a screen means. Each has a shape, a word and a colour of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Shape {
    /// A warm invocation: a dot.
    Warm,
    /// Not known: a ring.
    Unknown,
    /// A cold start: a diamond.
    Cold,
    /// Throttled: a triangle.
    Throttled,
    /// An error: a cross.
    Error,
    /// Met, seen, in order: a tick.
    Met,
}

/// The word 한국어 as strokes: it is there to be read where fonts have no Korean letters.
pub fn korean() -> Markup {
    html! {
        svg.korean viewBox="0 0 40 15" width="40" height="15" aria-hidden="true" {
            path d="M2.5 1h3M1 3.4h6M4 5.3a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4M9.6 1v8M9.6 4.8h2M2.6 10.4v3.4h8.2M15 1.5h8v3.6M13.8 7h11.4M19.5 7v2.4M15.4 10.4h7.8v3.8M30.6 3.8a3 3 0 1 1 0 6.4a3 3 0 1 1 0-6.4M38 .8v13.4M34.4 7h3.6" {}
        }
    }
}

impl Shape {
    /// What an Insight is about, where that has a shape.
    pub fn of_insight(id: Id) -> Option<Shape> {
        match id {
            Id::ColdStarts => Some(Shape::Cold),
            Id::Errors | Id::HighErrors | Id::OutOfMemory | Id::Timeouts => Some(Shape::Error),
            Id::Throttles => Some(Shape::Throttled),
            Id::HighDuration
            | Id::HighMemory
            | Id::HighIteratorAge
            | Id::OverProvisioned
            | Id::ProvisionedConcurrency
            | Id::ThreatsDetected => None,
        }
    }

    /// The name in class names of the stylesheet: `cold`.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The word that stands beside the shape.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Shape::Cold => Text::new("cold", "콜드"),
            Shape::Warm => Text::new("warm", "웜"),
            Shape::Unknown => Text::new("unknown", "알 수 없음"),
            Shape::Error => Text::new("error", "오류"),
            Shape::Throttled => Text::new("throttled", "스로틀링"),
            Shape::Met => Text::new("ok", "정상"),
        }
        .to(lang)
    }

    /// The shape as SVG path data in a box of 12 by 12; rings and crosses are strokes.
    pub fn path(self) -> &'static str {
        match self {
            Shape::Cold => "M6 .8 11.2 6 6 11.2.8 6Z",
            Shape::Warm => "M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8Z",
            Shape::Unknown => "M6 2.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6Z",
            Shape::Error => "M2.2 2.2 9.8 9.8M9.8 2.2 2.2 9.8",
            Shape::Throttled => "M6 1.2 11.2 10.6H.8Z",
            Shape::Met => "M1.8 6.4 4.8 9.4 10.4 2.6",
        }
    }

    /// The shape as a small drawing. The word must be beside it, because screen readers do not read
    /// the drawing.
    pub fn drawn(self) -> Markup {
        html! {
            svg class={ "shape shape-" (self.key()) } viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" {
                path d=(self.path()) {}
            }
        }
    }

    /// The shape before a text, which may take several lines; none breaks between the two.
    pub fn before(self, text: &str) -> Markup {
        html! { (self.drawn()) "\u{a0}" (text) }
    }

    /// Shape and word.
    pub fn with_word(self, lang: Lang) -> Markup {
        self.beside(self.word(lang))
    }

    /// The shape with a word of the caller's own.
    pub fn beside(self, word: &str) -> Markup {
        html! {
            span class={ "mark mark-" (self.key()) } { (self.drawn()) (word) }
        }
    }
}
