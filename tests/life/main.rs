//! The life of a run, called as a program would call it: from the plan to the verdict, in this
//! process, against a sandbox or a plain server on loopback.

mod evidence;
mod flows;
mod monitors;
mod refused;
mod shards;
mod stopped;
#[path = "../support/mod.rs"]
mod support;
mod verdict;
mod watching;
