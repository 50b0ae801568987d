//! Changes with their sign, as people write them.

/// A change with its sign and this many decimals: `+3.2`, `-12`. A change that rounds to zero has
/// no sign: `0.0`. A value that is not a number is a dash.
pub fn show_signed(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let said = format!("{value:+.digits$}");
    match said.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        true => said,
        false => said[1..].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_change_has_its_sign_and_nothing_has_none() {
        for (value, digits, said) in [
            (3.24, 1, "+3.2"),
            (-12.0, 0, "-12"),
            (0.0, 1, "0.0"),
            (-0.0, 1, "0.0"),
            (-0.04, 1, "0.0"),
            (0.04, 1, "0.0"),
            (-0.05, 2, "-0.05"),
            (-0.4, 0, "0"),
            (f64::NAN, 1, "–"),
            (f64::NEG_INFINITY, 0, "–"),
        ] {
            assert_eq!(show_signed(value, digits), said, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_sign_stands_before_something_only(
            value in prop_oneof![-1.0..1.0_f64, -1e-3..1e-3_f64, any::<f64>()],
            digits in 0_usize..4,
        ) {
            let said = show_signed(value, digits);
            let signed = said.starts_with(['+', '-']);
            let nothing = said.chars().all(|c| "+-0.".contains(c));
            prop_assert!(!(signed && nothing), "{}", said);
            if let Ok(read) = said.parse::<f64>() {
                prop_assert!(read == 0.0 || signed, "{}", said);
                prop_assert!((read - value).abs() <= value.abs() * 1e-12 + 0.51 * 10_f64.powi(-(digits as i32)));
            }
        }
    }
}
