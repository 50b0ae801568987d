//! One figure of one run, and the bounds of its true value.

/// The values of a class of requests in ascending order, as natural logarithms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SortedValues {
    /// Each value with how many values are at most this one.
    steps: Vec<(f64, u64)>,
}

impl SortedValues {
    /// From values in microseconds with how often each occurred, in any order.
    pub fn of(values: impl IntoIterator<Item = (u64, u64)>) -> SortedValues {
        let mut values: Vec<(u64, u64)> = values.into_iter().collect();
        values.sort_unstable();
        let mut steps: Vec<(f64, u64)> = Vec::with_capacity(values.len());
        let mut n = 0;
        for (value, count) in values {
            n += count;
            let value = (value.max(1) as f64).ln();
            match steps.last_mut() {
                Some(last) if last.0 == value => last.1 = n,
                _ => steps.push((value, n)),
            }
        }
        SortedValues { steps }
    }

    /// How many there are.
    pub fn n(&self) -> u64 {
        self.steps.last().map_or(0, |(_, n)| *n)
    }

    /// The value of this quantile, 0 to 1: the smallest with at least this share of the values at
    /// or below it.
    pub fn quantile(&self, quantile: f64) -> f64 {
        self.ranked((self.n() as f64 * quantile).ceil().max(1.0) as u64)
    }

    /// The value with this rank, from 1.
    fn ranked(&self, rank: u64) -> f64 {
        let at = self.steps.partition_point(|(_, up_to)| *up_to < rank);
        self.steps
            .get(at)
            .map_or(f64::INFINITY, |(value, _)| *value)
    }

    /// The value at a position between ranks; infinite before the first and after the last.
    fn at(&self, position: f64) -> f64 {
        if position < 1.0 {
            return f64::NEG_INFINITY;
        }
        if position > self.n() as f64 {
            return f64::INFINITY;
        }
        let below = self.ranked(position.floor() as u64);
        let above = self.ranked(position.ceil() as u64);
        below + (above - below) * position.fract()
    }
}

/// A figure of one run, with the data that bounds it.
#[derive(Clone, Debug, PartialEq)]
pub enum FigureEstimate {
    /// A quantile, 0 to 1, of logarithms of microseconds.
    Quantile {
        /// The values.
        values: SortedValues,
        /// Which quantile.
        quantile: f64,
        /// The factor by which the variance exceeds that of independent requests; at least 1.
        inflation: f64,
    },
    /// A share, 0 to 1.
    Share {
        /// How many requests are counted.
        part: u64,
        /// Out of how many.
        whole: u64,
        /// The factor by which the variance exceeds that of independent requests; at least 1.
        inflation: f64,
    },
}

impl FigureEstimate {
    /// The figure itself.
    pub fn value(&self) -> f64 {
        match self {
            FigureEstimate::Quantile {
                values, quantile, ..
            } => values.quantile(*quantile),
            FigureEstimate::Share { part, whole, .. } => *part as f64 / *whole as f64,
        }
    }

    /// The share of the requests that the figure separates from the rest: the quantile, or the share
    /// itself.
    pub fn share(&self) -> f64 {
        match self {
            FigureEstimate::Quantile { quantile, .. } => *quantile,
            FigureEstimate::Share { .. } => self.value(),
        }
    }

    /// The variance of that share if the requests were independent.
    pub fn variance(&self) -> f64 {
        let share = self.share();
        match self {
            FigureEstimate::Quantile { values, .. } => share * (1.0 - share) / values.n() as f64,
            // A share of 0 or 1 scatters as if half a request were missing from it.
            FigureEstimate::Share { whole, .. } => {
                let whole = *whole as f64;
                (share * (1.0 - share)).max(0.5 / whole) / whole
            }
        }
    }

    /// The same figure with its variance multiplied by this factor.
    pub fn inflated(mut self, by: f64) -> FigureEstimate {
        match &mut self {
            FigureEstimate::Quantile { inflation, .. }
            | FigureEstimate::Share { inflation, .. } => {
                *inflation = by;
            }
        }
        self
    }

    /// The bounds at this many standard errors to each side; infinite where nothing bounds it.
    ///
    /// A quantile is bounded by the order statistics around it (R. S. Woodruff, Confidence
    /// intervals for medians and other position measures, 1952), a share by Wilson's interval.
    pub fn bounds(&self, errors: f64) -> (f64, f64) {
        match self {
            FigureEstimate::Quantile {
                values,
                quantile,
                inflation,
            } => {
                let n = values.n() as f64;
                let reach = errors * (quantile * (1.0 - quantile) * n * inflation).sqrt();
                let middle = n * quantile + 0.5;
                let value = self.value();
                let (low, high) = (values.at(middle - reach), values.at(middle + reach));
                (low.min(value), high.max(value))
            }
            FigureEstimate::Share {
                part,
                whole,
                inflation,
            } => {
                let n = *whole as f64 / inflation;
                let share = *part as f64 / *whole as f64;
                let square = errors * errors / n;
                let middle = (share + square / 2.0) / (1.0 + square);
                let reach = (share * (1.0 - share) * square + square * square / 4.0).sqrt();
                let reach = reach / (1.0 + square);
                ((middle - reach).max(0.0), (middle + reach).min(1.0))
            }
        }
    }
}
