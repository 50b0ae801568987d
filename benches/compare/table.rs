//! What the measurements are written with.

/// The middle value of those that were measured.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A figure, or a dash where there is none.
pub fn cell(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// The median of the ratios within each round.
pub fn ratio(
    ours: impl IntoIterator<Item = Option<f64>>,
    theirs: impl IntoIterator<Item = Option<f64>>,
) -> Option<f64> {
    let pairs = ours.into_iter().zip(theirs);
    median(pairs.filter_map(|(ours, theirs)| Some(ours? / theirs?)))
}
