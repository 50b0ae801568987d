//! The latencies of each second as an HdrHistogram interval log, which its tools merge and plot.

use std::{
    io::{self, Write},
    time::{Duration, SystemTime},
};

use hdrhistogram::serialization::{
    V2DeflateSerializer,
    interval_log::{IntervalLogWriterBuilder, IntervalLogWriterError, Tag},
};

use crate::{
    record::{Run, Samples},
    stats::Latencies,
};

/// Writes the log again from the requests, so that it contains what became known after the run:
/// which requests were cold. An interval is a second of the run's clock in which a request ended.
///
/// # Errors
/// When writing to `out` fails.
pub fn write(run: &Run, samples: Samples, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let mut serializer = V2DeflateSerializer::new();
    let started = SystemTime::from(run.started_at);
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("loadgen: latencies in microseconds, tags MEASURE.CLASS")
        .with_start_time(started)
        .with_base_time(started)
        .with_max_value_divisor(1000.0)
        .begin_log_with(&mut out, &mut serializer)?;
    let mut interval = Latencies::default();
    let mut second = 0;
    let mut end = |interval: &mut Latencies, second: u64| -> io::Result<()> {
        for (name, histogram) in interval.tagged() {
            let tag = name.as_deref().and_then(Tag::new);
            let start = Duration::from_secs(second);
            log.write_histogram(histogram, start, Duration::from_secs(1), tag)
                .map_err(refused)?;
        }
        interval.reset();
        Ok(())
    };
    for sample in samples {
        // The samples stand in the order in which they ended, or nearly: intervals never go back.
        let of_sample = sample.done_us / 1_000_000;
        if of_sample > second {
            end(&mut interval, second)?;
            second = of_sample;
        }
        interval.record(&sample);
    }
    end(&mut interval, second)?;
    drop(log);
    out.flush()
}

fn refused(
    error: IntervalLogWriterError<hdrhistogram::serialization::V2DeflateSerializeError>,
) -> io::Error {
    match error {
        IntervalLogWriterError::IoError(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
