//! Variables of the environment. One that is set to nothing is unset, everywhere.

/// The variable, if it is set to something.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
