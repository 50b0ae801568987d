//! A run is a folder, and every view is a pure function of it.
//!
//! `run.json` says what was planned and what came of it, `samples.ndjson` has a line for each
//! request, `histograms.hlog` the latencies of each second. A run that was killed still reads.

mod folder;
mod recorder;
mod run;
mod runs;

pub use folder::{Folder, RecordError, Samples};
pub use recorder::{Keep, Recorder, with_recorder};
pub use run::{
    FunctionNames, Kept, PhaseReport, Requests, Run, SCHEMA, ScenarioInfo, ScheduleReport, Target,
    TargetKind, ThresholdResult, TimeRange,
};
pub use runs::{Listed, Runs};
