//! The query languages of Datadog's API, as far as the sandbox speaks them: parsers and
//! evaluators that never touch a clock, a socket or a file.

pub mod search;
