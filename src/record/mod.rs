//! A run is a folder, and every view is a pure function of it.
//!
//! `run.json` holds the plan and the results, `samples.ndjson` one line per request (of a long run
//! a uniform share: [`MOST_SAMPLES`]), and `histograms.hlog` the latencies of each second, exact
//! even if samples were thinned. The record of a killed run is still readable. [`Folder::figures`]
//! returns the sums of a run; it knows which file has them.

mod begun;
mod error;
mod finding;
mod folder;
mod functions;
mod interval_log;
mod intervals;
mod keep;
mod lines;
mod measured_by_lambda;
mod packed;
mod parts;
mod recorder;
mod run;
mod runs;
mod sent;
mod shard;
mod target;
#[cfg(test)]
mod tests;
mod times;

pub use crate::lang::{FailureKind, InsightOn, Statement, TooFewSamples};
pub(crate) use error::READ;
pub use error::{RecordError, SCHEMA};
pub use finding::{Demand, Finding, MonitorFinding, Overall, Support, ThresholdResult, Verdict};
pub use folder::{Folder, Samples};
pub use functions::FunctionReport;
pub use intervals::{Interval, Intervals, SEND_LAG};
pub use keep::{Keep, MOST_SAMPLES};
pub use measured_by_lambda::{InitSource, InitTimes, ReportLines};
pub use parts::{PartReport, SignInReport};
pub use recorder::{Recorded, Recorder, with_recorder};
pub use run::{Run, ScenarioInfo, Verification, WatchedCommand, named_and_titled};
pub use runs::{Listed, Pruned, Runs};
pub use sent::{ArrivalKind, Connections, Kept, PhaseReport, ScheduleReport};
pub use shard::{ShardReport, ShardResult};
pub use target::{FunctionNames, Target, TargetKind, TimeRange};
pub use times::{Reading, Times};
