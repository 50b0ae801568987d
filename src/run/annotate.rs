//! Events at a run's start and end (`--annotate`), so that graphs in Datadog show what drove them.

use std::time::Duration;

use super::{Access, RunError, blocking::block_on};
use crate::{
    datadog::NewEvent,
    lang::{
        Reason,
        statements::notes::{no_annotation, not_annotated},
    },
    record::{Run, TargetKind},
};

/// How long an event may take to be posted: the load does not wait longer for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which event is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunMoment {
    Start,
    End,
}

/// Posts an event that the run starts or has ended. What keeps it from being posted is a note of
/// the run, and no reason not to send.
pub(super) fn annotate(run: &mut Run, moment: RunMoment) {
    let posted = access(run).and_then(|access| match access {
        None => Ok(Err(no_annotation())),
        Some(access) => {
            let client = access.client.impatient(PATIENCE);
            let posting = block_on(async { client.post_event(&event(run, moment)).await })?;
            Ok(posting.map_err(|error| not_annotated(Reason::of(error))))
        }
    });
    let note = match posted {
        Ok(Ok(())) => return,
        Ok(Err(note)) => note,
        Err(error) => not_annotated(Reason::of(error)),
    };
    if !run.notes.contains(&note) {
        run.notes.push(note);
    }
}

/// The sandbox that the run speaks to, or else Datadog.
fn access(run: &Run) -> Result<Option<Access>, RunError> {
    match (run.target.kind, &run.target.datadog_url) {
        (TargetKind::Sandbox, Some(url)) => Access::to_sandbox(url).map(Some),
        _ => Access::to_datadog(),
    }
}

fn event(run: &Run, moment: RunMoment) -> NewEvent {
    let name = &run.scenario.name;
    let requests = run.requests;
    let (what, text) = match moment {
        RunMoment::Start => (
            "started",
            format!("{} requests are planned", requests.planned),
        ),
        RunMoment::End => (
            "ended",
            format!(
                "{} of {} requests were sent, {} answered, {} failed or timed out",
                requests.sent,
                requests.planned,
                requests.completed,
                requests.failed + requests.timed_out
            ),
        ),
    };
    let functions = &run.target.functions;
    let functions = functions.entry.iter().chain(&functions.consumer);
    let mut tags = vec![
        "created_by:loadgen".to_owned(),
        format!("loadgen_run:{}", run.run_id),
        format!("scenario:{name}"),
    ];
    tags.extend(functions.map(|name| format!("functionname:{}", name.to_lowercase())));
    NewEvent {
        title: format!("loadgen {name} {what}"),
        text: format!("Run {}: {text}.", run.run_id),
        tags,
        aggregation_key: format!("loadgen-{}", run.run_id),
    }
}
