//! `loadgen`: the load generator that knows what a cold start is.
//!
//! One crate, library and binary. A request's way through the house:
//!
//! ```text
//! scenario ──> schedule ──> engine ──> samples ──> record, stats ──> report
//!     │                        │                        │
//!     └──> predict             └──HTTP──> target        └──> insight (client)
//!                                           │                        │
//!                              sandbox or AWS, Datadog ──> verify <──┘
//! ```
//!
//! [`run`] is the life of a run, and what a program of yours would call:
//!
//! ```
//! use loadgen::{record::Overall, run::{RunOptions, RunTarget, run}, scenario::Scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let mut scenario = Scenario::load("cold-start")?;
//! scenario.repeat = 1;
//! let options = RunOptions::in_folder(folder.path().join("run"));
//! let completed = run(&scenario, RunTarget::Embedded, &options, &mut ())?;
//! assert_eq!(completed.run.verdict, Overall::Met, "{}", completed.run.sentence);
//! assert_eq!(completed.run.cold.cold, 20);
//! # Ok(())
//! # }
//! ```
//!
//! - [`scenario`] says what should happen, [`schedule`] plans it, [`engine`] sends it, and every
//!   request becomes a [`sample`]. None of them knows what an Insight is. [`flow`] makes the requests of
//!   those scenarios whose requests differ.
//! - [`record`] keeps a run as a folder, [`stats`] adds it up, [`report`] shows it: each report is a
//!   pure function of the folder.
//! - [`insight`] is Datadog's catalogue and its one evaluation; [`predict`] says what a plan must
//!   lead to; [`verify`] holds expectation against observation, through [`datadog`], the client of
//!   its API.
//! - [`lambda`] models AWS Lambda as a pure state machine. [`sandbox`] serves it over HTTP, with a
//!   Datadog-compatible API; [`simulate`] runs it in virtual time. [`host`] runs handlers of the
//!   reader's own, as processes, by the model's rules.
//! - [`template`] reads the reader's SAM and CloudFormation templates for it.
//! - [`telemetry`] stores what was measured and answers searches and metric queries; [`pages`] shows
//!   it as Datadog's Serverless View would. [`server`] is what everything served on loopback shares.
//! - `guide` serves and writes the guide of `book/`, which `build.rs` renders.
//! - [`audit`] says of a service's functions how far each Insight is, without any load.
//! - [`aws`] drives the user's own `aws` command. [`doctor`] looks at all that a run on a real target
//!   needs. [`cli`] turns what was typed into what is meant, shows what [`run`] tells, and knows the exit
//!   codes.
//! - [`anatomy`] takes cold starts apart, and [`ab`] compares two targets by them. [`compare`] holds two
//!   runs against each other. [`look`] draws
//!   what pages and reports share, [`lang`] says everything in English and Korean, [`units`] knows
//!   durations, memory and addresses, [`medium`] makes the text of others safe to show, [`files`] reads
//!   and writes beside others, and [`control`] is the sandbox's own protocol.
//!
//! One rule carries the design: the sandbox is reached only over HTTP, with the code that talks to
//! AWS and Datadog. Who may import whom is kept by `tests/house/main.rs`.

#![forbid(unsafe_code)]

// Processes of functions, their groups and signals, and files that only their owner reads are Unix.
#[cfg(not(unix))]
compile_error!("loadgen runs on Linux and macOS: on Windows, build it in WSL");

pub mod ab;
pub mod anatomy;
pub mod audit;
pub mod aws;
pub mod cli;
pub mod compare;
pub mod control;
pub mod datadog;
pub mod doctor;
pub mod engine;
pub mod environment;
pub mod files;
pub mod flow;
#[cfg(feature = "guide")]
pub mod guide;
pub mod host;
pub mod insight;
pub mod lambda;
pub mod lang;
pub mod look;
pub mod medium;
pub mod merge;
pub mod pages;
pub mod predict;
pub mod record;
pub mod report;
pub mod run;
pub mod sample;
pub mod sandbox;
pub mod scenario;
pub mod schedule;
pub mod server;
pub mod simulate;
pub mod stats;
pub mod telemetry;
pub mod template;
pub mod units;
pub mod verify;
