//! Shares as people write them.

/// A share as a percentage: `16.7 %`. A small one gets as many digits as it takes not to read as 0.
pub fn show_percent(share: f64) -> String {
    // Adding 0 turns a negative zero into a positive one.
    let percent = share * 100.0 + 0.0;
    if percent == percent.round() || percent >= 100.0 {
        format!("{percent:.0} %")
    } else if percent < 1.0 {
        let digits = (2..6)
            .find(|digits| percent.abs() * 10_f64.powi(*digits) >= 0.5)
            .unwrap_or(6) as usize;
        format!("{percent:.digits$} %")
    } else {
        format!("{percent:.1} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_in_a_million_are_not_shown_as_none() {
        for (share, shown) in [
            (0.0, "0 %"),
            (-0.0, "0 %"),
            (0.000_02, "0.002 %"),
            (0.000_1, "0.01 %"),
            (0.005, "0.50 %"),
            (0.125, "12.5 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(show_percent(share), shown);
        }
    }
}
