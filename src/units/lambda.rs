//! What Lambda allows of a function's name and timeout. What it allows of the memory size is
//! [`Memory`](super::Memory)'s.

use std::time::Duration;

/// The longest timeout that Lambda offers (AWS Lambda developer guide, "Lambda quotas").
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(900);

/// Whether Lambda offers this timeout: full seconds from 1 to 900 (AWS Lambda API reference,
/// "CreateFunction", Timeout).
pub fn is_timeout(timeout: Duration) -> bool {
    timeout.subsec_nanos() == 0 && (Duration::from_secs(1)..=LONGEST_TIMEOUT).contains(&timeout)
}

/// Whether a function can have this name: 1 to 64 letters, digits, hyphens and underscores (AWS
/// Lambda API reference, "CreateFunction", FunctionName).
pub fn is_function_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_whole_seconds_up_to_a_quarter_of_an_hour() {
        for (timeout, offered) in [
            (Duration::ZERO, false),
            (Duration::from_millis(1_500), false),
            (Duration::from_secs(1), true),
            (Duration::from_secs(900), true),
            (Duration::from_secs(901), false),
        ] {
            assert_eq!(is_timeout(timeout), offered, "{timeout:?}");
        }
    }

    #[test]
    fn names_have_letters_digits_hyphens_and_underscores() {
        let longest = "a".repeat(64);
        for name in ["f", "-", "my_function-2", &longest] {
            assert!(is_function_name(name), "{name}");
        }
        for name in ["", "a b", "a:1", "é", &"a".repeat(65)] {
            assert!(!is_function_name(name), "{name}");
        }
    }
}
