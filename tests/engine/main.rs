//! The engine against servers of all kinds, hostile ones too. Every test also asserts that each
//! planned request is accounted for.

mod open_loop;
mod support;
