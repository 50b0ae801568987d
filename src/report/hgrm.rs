//! One histogram as HdrHistogram's percentile distribution: the text that its plotters read.
//!
//! The layout is that of `AbstractHistogram.outputPercentileDistribution` in HdrHistogram's Java
//! library, with values in milliseconds.

use std::fmt::Write as _;

use hdrhistogram::Histogram;

/// Lines for each halving of the distance to 100 %, as HdrHistogram's tools write by default.
const TICKS_PER_HALF: u32 = 5;

/// Microseconds, which histograms hold, in a millisecond.
const US_PER_MS: f64 = 1e3;

/// The distribution with its mean, deviation, greatest value and count at the end.
pub fn write(histogram: &Histogram<u64>) -> String {
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut count = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF) {
        count += step.count_since_last_iteration();
        let value = step.value_iterated_to() as f64 / US_PER_MS;
        let quantile = step.quantile_iterated_to();
        let _ = write!(text, "{value:>12.3} {quantile:.12} {count:>10}");
        // The last line has no finite reciprocal.
        if quantile < 1.0 {
            let _ = write!(text, " {:>14.2}", 1.0 / (1.0 - quantile));
        }
        text.push('\n');
    }
    let sub_buckets = (2 * 10_u64.pow(u32::from(histogram.sigfig()))).next_power_of_two();
    let _ = write!(
        text,
        "#[Mean    = {:>12.3}, StdDeviation   = {:>12.3}]\n\
         #[Max     = {:>12.3}, Total count    = {:>12}]\n\
         #[Buckets = {:>12}, SubBuckets     = {sub_buckets:>12}]\n",
        histogram.mean() / US_PER_MS,
        histogram.stdev() / US_PER_MS,
        histogram.max() as f64 / US_PER_MS,
        histogram.len(),
        histogram.buckets(),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_greatest_value_and_counts_all() {
        let mut histogram = Histogram::new(3).expect("3 digits");
        for ms in 1..=100_u64 {
            histogram.record(ms * 1000).expect("in range");
        }
        let text = write(&histogram);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(rows[0], ["1.000", "0.000000000000", "1", "1.00"]);
        let last = rows.last().expect("rows");
        assert_eq!(last[1..], ["1.000000000000", "100"]);
        assert!(text.contains("Total count    =          100]"), "{text}");
        let median = rows.iter().find(|row| row[1] == "0.500000000000");
        assert_eq!(median.expect("the median")[2..], ["50", "2.00"]);
    }
}
