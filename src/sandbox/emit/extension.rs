//! What Datadog's extension does in each environment beside invocations: it holds telemetry back, and
//! tells when the environment is shut down.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use super::{FinishedInvocation, tags};
use crate::{
    lambda::{FlushDecision, Function, FunctionId, Invocation, ModelTime},
    sandbox::clock::Epoch,
    telemetry::store::{MetricKind, MetricPoint, TelemetryRecord},
};

/// The extensions of all environments that were invoked and may be again.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    environments: HashMap<Uuid, Extension>,
    /// Environments that were shut down since they were last told of.
    gone: Vec<(Arc<Function>, ModelTime)>,
}

#[derive(Debug)]
struct Extension {
    id: FunctionId,
    function: Arc<Function>,
    busy_until: ModelTime,
    kept_until: ModelTime,
    held: Vec<FinishedInvocation>,
}

impl Extensions {
    /// An invocation begins.
    pub(super) fn invoked(&mut self, invocation: &Invocation) {
        let known = self.environments.entry(invocation.environment_id);
        let known = known.or_insert_with(|| Extension {
            id: invocation.id,
            function: Arc::clone(&invocation.function),
            busy_until: ModelTime::ZERO,
            kept_until: ModelTime::ZERO,
            held: Vec::new(),
        });
        known.busy_until = invocation.ended();
        known.kept_until = invocation.kept_until;
    }

    /// An invocation has ended; adds those whose telemetry is sent now to `sent`.
    pub(super) fn ended(&mut self, one: FinishedInvocation, sent: &mut Vec<FinishedInvocation>) {
        let environment = one.invocation.environment_id;
        let Some(extension) = self.environments.get_mut(&environment) else {
            return sent.push(one);
        };
        let flush = one.invocation.flush;
        if flush != FlushDecision::Dont {
            sent.append(&mut extension.held);
        }
        match flush {
            FlushDecision::End => sent.push(one),
            _ => extension.held.push(one),
        }
    }

    /// Environments that are over at `now` send what they held.
    pub(super) fn shut_down(&mut self, now: ModelTime, sent: &mut Vec<FinishedInvocation>) {
        for (_, over) in (self.environments).extract_if(|_, one| one.kept_until <= now) {
            sent.extend(over.held);
            self.gone.push((over.function, over.kept_until));
        }
    }

    /// New code or settings of a function replace its environments: the idle ones at `now`, the busy
    /// ones as they end.
    pub(super) fn replaced(&mut self, id: FunctionId, now: ModelTime) {
        let environments = self.environments.values_mut();
        for one in environments.filter(|one| one.id == id) {
            one.kept_until = one.busy_until.max(now);
        }
    }

    /// Sends everything that is held.
    pub(super) fn give_up(&mut self, sent: &mut Vec<FinishedInvocation>) {
        for one in self.environments.values_mut() {
            sent.append(&mut one.held);
        }
    }

    /// When the next environment is shut down.
    pub(super) fn next(&self) -> Option<ModelTime> {
        self.environments.values().map(|one| one.kept_until).min()
    }

    pub(super) fn has_told_all(&self) -> bool {
        self.gone.is_empty()
    }

    /// `aws.lambda.enhanced.shutdowns` of the environments that were shut down since the last call.
    pub(super) fn shutdowns(&mut self, epoch: Epoch) -> impl Iterator<Item = TelemetryRecord> {
        self.gone.drain(..).map(move |(function, at)| {
            TelemetryRecord::Metric(MetricPoint {
                name: "aws.lambda.enhanced.shutdowns".to_owned(),
                kind: MetricKind::Distribution,
                at_ms: epoch.ms(at),
                value: 1.0,
                tags: tags::function(&function).into(),
            })
        })
    }
}
