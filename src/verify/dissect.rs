//! What the cold starts of a run are made of: samples joined with the spans of their traces.

use std::collections::HashMap;

use crate::{
    anatomy::{Anatomy, AnatomySpan, AnatomySum},
    datadog::{FoundSpan, TraceId},
    sample::{Sample, Temperature},
};

/// Takes each cold start among `samples` apart, with the spans of its trace and what Lambda's lines
/// said of it before, and adds them up. None where nothing but the client's own measure is known;
/// then the samples stay as they are.
pub fn dissect(samples: &mut [Sample], spans: &[FoundSpan]) -> Option<AnatomySum> {
    let mut traces: HashMap<u64, Vec<AnatomySpan<'_>>> = HashMap::new();
    for FoundSpan { span, .. } in spans {
        let trace = traces.entry(TraceId::new(span.trace_id).low()).or_default();
        trace.push(AnatomySpan {
            name: &span.name,
            resource: &span.resource,
            start_ns: span.start_ns,
            duration_ns: span.duration_ns,
        });
    }
    let of_sample = |sample: &Sample| {
        if sample.temperature != Temperature::Cold {
            return None;
        }
        let id: Option<TraceId> = sample.trace_id.as_deref().and_then(|id| id.parse().ok());
        let spans = id.and_then(|id| traces.get(&id.low()));
        match (&sample.anatomy, spans) {
            // Its spans were there when it was taken apart before.
            (Some(before), None) => Some(before.clone()),
            _ => {
                let spans = spans.map_or(&[][..], Vec::as_slice);
                Some(Box::new(Anatomy::of(&sample.measured()?, spans)))
            }
        }
    };
    let anatomies: Vec<Option<Box<Anatomy>>> = samples.iter().map(of_sample).collect();
    let sum = AnatomySum::of(anatomies.iter().flatten().map(Box::as_ref))?;
    for (sample, anatomy) in samples.iter_mut().zip(anatomies) {
        sample.anatomy = anatomy;
    }
    Some(sum)
}
