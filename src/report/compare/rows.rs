//! What a comparison of two sides says, in no format yet, and how changes are said.

use crate::{
    lang::{Phrase, Text, texts},
    report::{rows::ReportRow, text::Look},
    stats::Class,
    units::show_signed,
};

/// What a comparison says, in no format yet.
pub(super) struct ComparedSides {
    /// What made it: `loadgen compare`.
    pub command: &'static str,
    pub look: Look,
    /// Whether it is left open if they differ.
    pub open: bool,
    pub verdict: String,
    pub sides: [ComparedSide; 2],
    /// The figures first.
    pub tables: Vec<ChangeTable>,
    pub insights: Vec<ReportRow>,
    pub limits: Vec<ReportRow>,
    pub notes: Vec<String>,
    pub method: String,
}

/// A side.
pub(super) struct ComparedSide {
    pub name: String,
    pub facts: Vec<String>,
    /// What a page has room for besides.
    pub further: Vec<String>,
}

/// Rows with their headings.
pub(super) struct ChangeTable {
    pub id: &'static str,
    pub heading: Text,
    /// Whether it only explains the figures.
    pub explains: bool,
    /// The heading of the names.
    pub first: Text,
    /// The headings of the cells.
    pub columns: &'static [Text],
    pub rows: Vec<ChangeRow>,
}

/// A figure, or a part of one, of both sides.
pub(super) struct ChangeRow {
    /// Whether it changed, and for the better or the worse.
    pub look: Look,
    /// The class of requests that it is about, where it is about one.
    pub class: Option<Class>,
    pub name: String,
    /// The rows that it stands among, and its name there.
    pub group: Option<Text>,
    pub label: String,
    /// A, B, change and interval, and what else has a column.
    pub cells: Vec<String>,
    /// Whether the change is certain.
    pub differs: bool,
    /// The finding in words.
    pub finding: Text,
}

pub(super) const A: Text = Text::new("A", "A");
pub(super) const B: Text = Text::new("B", "B");

texts! {
    pub(super) const;
    CHANGE: "change", "변화";
    FIGURES: "figures", "지표";
    FIGURE: "figure", "지표";
    FINDING: "finding", "판정";
    HOW: "How this was compared", "비교 방법";
    percentage(number: String): "{} %", "{}%";
    between(low: String, high: String): "{} to {}", "{}~{}";
    or_more(low: String): "{} or more", "{} 이상";
    or_less(high: String): "{} or less", "{} 이하";
    exceeded(change: String): "{}, above the limit and above noise", "{}, 임계값과 오차 범위를 모두 벗어남";
    within_noise(change: String): "{} is above the limit, but not above noise", "{}, 임계값을 벗어나지만 오차 범위 안";
    limit_kept(change: String): "kept, {}", "충족, {}";
}

/// A change with its sign: `+3.2 %`; 0.1 is 10 % more.
pub fn change_said(change: f64) -> Phrase {
    percentage(signed(change * 100.0, 9.95))
}

/// The interval of a change: `-4.1 % to +9.9 %`.
pub fn change_band(low: Option<f64>, high: Option<f64>) -> String {
    let [low, high] = [low, high].map(|bound| Some(change_said(bound?).to_string()));
    band(low, high)
}

/// A number with its sign, and with one decimal if it is smaller than the bound.
pub(super) fn signed(number: f64, whole: f64) -> String {
    show_signed(number, usize::from(number.abs() < whole))
}

/// The range between two bounds, open on an unbounded side.
pub(super) fn band(low: Option<String>, high: Option<String>) -> String {
    let band = match (low, high) {
        (Some(low), Some(high)) => between(low, high),
        (Some(low), None) => or_more(low),
        (None, Some(high)) => or_less(high),
        (None, None) => return none(),
    };
    band.to_string()
}

pub(super) fn none() -> String {
    "–".to_owned()
}

/// A limit on a change that could be determined.
pub(super) fn limit(name: &str, change: String, is_exceeded: bool, is_certain: bool) -> ReportRow {
    let (look, outcome) = match (is_exceeded, is_certain) {
        (true, true) => (Look::Bad, exceeded(change)),
        (true, false) => (Look::Caution, within_noise(change)),
        (false, _) => (Look::Good, limit_kept(change)),
    };
    ReportRow::of(look, name.to_owned(), outcome.to_string())
}
