//! The figures of a run inside its own report: written as data that no browser runs, read back
//! by [`read`].

use std::{collections::BTreeMap, path::Path};

use hdrhistogram::serialization::{
    V2DeflateSerializer,
    interval_log::{IntervalLogWriterBuilder, Tag as LogTag},
};
use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::{
    compare::{Scatters, Side},
    files,
    lang::texts,
    record::{Intervals, READ, RecordError, Run},
    stats::{Class, Latencies, Measure, Tag},
};

/// The largest report, in bytes.
const LARGEST: u64 = 1 << 30;
/// Identifies a report file, near its beginning.
pub(super) const MADE_BY: &str = "<meta name=\"generator\" content=\"loadgen ";

/// What stands before each block of data.
const RUN: &str = "<script type=\"application/json\" id=\"loadgen-run\">";
const SCATTER: &str = "<script type=\"application/json\" id=\"loadgen-scatter\">";
const HISTOGRAMS: &str = "<script type=\"text/plain\" id=\"loadgen-histograms\">";
const END: &str = "</script>";

texts! {
    const;
    no_report(path: &str): "{} is no run: it is neither a run's folder nor a report that `loadgen report --format html` wrote",
        "{}: 실행이 아닙니다. 실행 폴더도, `loadgen report --format html`이 쓴 보고서도 아닙니다";
    cut_off(path: &str): "{} is cut: it begins as a report and ends within its data. Copy the full file again",
        "{} 파일이 잘렸습니다. 보고서의 데이터 도중에 끝납니다. 전체를 다시 복사하세요";
}

/// A run as its report holds it.
#[derive(Clone, Debug)]
pub struct EmbeddedRun {
    /// Its record.
    pub run: Run,
    /// Its histograms.
    pub latencies: Latencies,
    /// How its figures scatter; None in a report of before that was written down.
    pub scatters: Option<Scatters>,
    /// The histograms of its functions, if there are several: `function.checkout`.
    pub functions: BTreeMap<String, Latencies>,
}

/// The data blocks.
pub fn blocks(side: &Side) -> Markup {
    let (run, scatters, log) = (json(&side.run), json(&side.scatters()), log(side));
    html! {
        (PreEscaped(format!(
            "{RUN}{run}{END}\n{SCATTER}{scatters}{END}\n{HISTOGRAMS}\n{log}{END}"
        )))
    }
}

fn json(value: &impl Serialize) -> String {
    // `<` is nowhere but within strings, where JSON may write it as an escape: no text of a run
    // can end the block or begin another.
    serde_json::to_string(value)
        .expect("only text keys")
        .replace('<', "\\u003c")
}

/// The histograms of a function that are kept: of its response and init times.
fn is_of_function(measure: Measure, class: Class) -> bool {
    let measured = matches!(measure, Measure::Response | Measure::Init);
    measured && matches!(class, Class::All | Class::Cold | Class::Warm)
}

/// Every histogram of the run and of its functions, as an interval log with one interval.
fn log(side: &Side) -> String {
    let whole = side.latencies().iter();
    let whole = whole.map(|(measure, class, it)| (Tag { measure, class }.to_string(), it));
    let parts = side.parts().flat_map(|(key, part)| {
        let kept = part.latencies().iter();
        let kept = kept.filter(|(measure, class, _)| is_of_function(*measure, *class));
        kept.map(move |(measure, class, it)| (format!("{key}.{}", Tag { measure, class }), it))
    });
    let mut text = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let written = IntervalLogWriterBuilder::new()
        .add_comment("loadgen: latencies in microseconds over the whole run, tags MEASURE.CLASS")
        .with_max_value_divisor(1000.0)
        .begin_log_with(&mut text, &mut serializer)
        .map_err(|error| error.to_string())
        .and_then(|mut log| {
            for (tag, histogram) in whole.chain(parts) {
                let zero = std::time::Duration::ZERO;
                log.write_histogram(histogram, zero, zero, LogTag::new(&tag))
                    .map_err(|error| format!("{error:?}"))?;
            }
            Ok(())
        });
    // Writing to memory does not fail; if it did, the report would have fewer figures to give.
    match written {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(_) => String::new(),
    }
}

/// A run with its figures, out of its report.
///
/// # Errors
/// When the file is no report, is cut, or holds a run of another schema.
pub fn read(path: &Path) -> Result<EmbeddedRun, RecordError> {
    let name = path.display().to_string();
    let bytes = files::read(path, LARGEST).map_err(RecordError::io(READ, path))?;
    let text = String::from_utf8_lossy(&bytes);
    let cut = || RecordError::Refused(cut_off(&name));
    let Some(json) = block(&text, RUN) else {
        return Err(match text.contains(MADE_BY) || text.contains(RUN) {
            true => cut(),
            false => RecordError::Refused(no_report(&name)),
        });
    };
    let run = Run::parse(json.as_bytes(), path)?;
    let log = block(&text, HISTOGRAMS).ok_or_else(cut)?;
    let scatters = block(&text, SCATTER).and_then(|json| serde_json::from_str(json).ok());
    let mut embedded = EmbeddedRun {
        run,
        latencies: Latencies::default(),
        scatters,
        functions: BTreeMap::new(),
    };
    for interval in Intervals::of(log.trim_start().as_bytes().to_vec()) {
        // What stands before `MEASURE.CLASS` names a function.
        let (latencies, tag) = match interval.tag.rmatch_indices('.').nth(1) {
            Some((dot, _)) => {
                let part = interval.tag[..dot].to_owned();
                let of_part = embedded.functions.entry(part).or_default();
                (of_part, &interval.tag[dot + 1..])
            }
            None => (&mut embedded.latencies, interval.tag.as_str()),
        };
        if let Ok(Tag { measure, class }) = tag.parse() {
            latencies.add(measure, class, &interval.histogram);
        }
    }
    Ok(embedded)
}

/// What a block holds; None where it or its end is missing. Everything else in the file is escaped,
/// so that only a block can look like one.
fn block<'t>(text: &'t str, begin: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(END).map(|(inside, _)| inside)
}
