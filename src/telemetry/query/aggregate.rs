//! Many values become one.

/// How many values become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregation {
    /// Their mean.
    Average,
    /// Their sum.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// How many there are.
    Count,
    /// A percentile from 0 to 100: the smallest value that so many percent do not exceed.
    Percentile(f64),
    /// The latest.
    Last,
    /// The square root of the sum of squares.
    L2Norm,
    /// How many different ones there are.
    Cardinality,
}

impl Aggregation {
    /// The aggregators of a metric query and the methods of a rollup.
    pub fn of_metrics(text: &str) -> Option<Aggregation> {
        Some(match text {
            "avg" => Aggregation::Average,
            "sum" => Aggregation::Sum,
            "min" => Aggregation::Min,
            "max" => Aggregation::Max,
            "count" => Aggregation::Count,
            _ => percentile(text.strip_prefix('p')?)?,
        })
    }

    /// The aggregators that reduce a series to a scalar. `area` depends on the interval and is
    /// not among them; `percentile` without a rank is the median.
    pub fn of_scalars(text: &str) -> Option<Aggregation> {
        Some(match text {
            "avg" | "mean" => Aggregation::Average,
            "sum" => Aggregation::Sum,
            "min" => Aggregation::Min,
            "max" => Aggregation::Max,
            "last" => Aggregation::Last,
            "l2norm" => Aggregation::L2Norm,
            "percentile" => Aggregation::Percentile(50.0),
            _ => return None,
        })
    }

    /// The computations over spans and logs.
    pub fn of_events(text: &str) -> Option<Aggregation> {
        Some(match text {
            "count" => Aggregation::Count,
            "cardinality" => Aggregation::Cardinality,
            "sum" => Aggregation::Sum,
            "avg" => Aggregation::Average,
            "min" => Aggregation::Min,
            "max" => Aggregation::Max,
            "median" => Aggregation::Percentile(50.0),
            _ => percentile(text.strip_prefix("pc")?)?,
        })
    }

    /// The one value of `values`, each with how often it occurs, in the order of time.
    /// None of none, but 0 of a count.
    pub fn of(self, values: &[(f64, u64)]) -> Option<f64> {
        let count: u64 = values.iter().map(|(_, n)| n).sum();
        let sum = || {
            values
                .iter()
                .map(|(value, n)| value * *n as f64)
                .sum::<f64>()
        };
        let each = || values.iter().map(|(value, _)| *value);
        match self {
            Aggregation::Count => Some(count as f64),
            Aggregation::Cardinality => Some(distinct(values) as f64),
            _ if count == 0 => None,
            Aggregation::Sum => Some(sum()),
            Aggregation::Average => Some(sum() / count as f64),
            Aggregation::Min => each().reduce(f64::min),
            Aggregation::Max => each().reduce(f64::max),
            Aggregation::Last => each().next_back(),
            Aggregation::L2Norm => Some(
                values
                    .iter()
                    .map(|(v, n)| v * v * *n as f64)
                    .sum::<f64>()
                    .sqrt(),
            ),
            Aggregation::Percentile(rank) => {
                let mut sorted = values.to_vec();
                sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
                let wanted = (rank / 100.0 * count as f64).ceil().max(1.0) as u64;
                let mut seen = 0;
                sorted
                    .into_iter()
                    .find(|(_, n)| {
                        seen += n;
                        seen >= wanted
                    })
                    .map(|(value, _)| value)
            }
        }
    }
}

fn percentile(text: &str) -> Option<Aggregation> {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let rank: f64 = text.parse().ok()?;
    (digits && (0.0..=100.0).contains(&rank)).then_some(Aggregation::Percentile(rank))
}

fn distinct(values: &[(f64, u64)]) -> usize {
    let mut bits: Vec<u64> = values.iter().map(|(value, _)| value.to_bits()).collect();
    bits.sort_unstable();
    bits.dedup();
    bits.len()
}
