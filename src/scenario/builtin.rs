//! The scenarios that come with loadgen: the files of `scenarios/`, compiled in.

/// A scenario that comes with loadgen.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its name, which is its file's.
    pub name: &'static str,
    /// The whole file.
    pub text: &'static str,
}

macro_rules! builtins {
    ($($name:literal)*) => {
        /// All of them, in the order in which a newcomer may want them.
        pub const BUILTINS: &[Builtin] = &[$(Builtin {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        },)*];
    };
}

builtins! {
    "cold-start"
    "errors"
    "spike"
    "steady"
    "quiet"
    "high-duration"
    "high-memory"
    "out-of-memory"
    "timeouts"
    "throttles"
    "over-provisioned"
    "provisioned-concurrency"
}

/// The built-in scenario of this name.
pub fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS
        .iter()
        .copied()
        .find(|builtin| builtin.name == name)
}
