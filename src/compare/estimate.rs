//! One figure of one run, and between which values the true one lies.

/// The values of a class of requests in ascending order, as natural logarithms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ordered {
    /// Each value with how many are at most this.
    steps: Vec<(f64, u64)>,
}

impl Ordered {
    /// Of values in microseconds with how often each occurred, in any order.
    pub fn of(values: impl IntoIterator<Item = (u64, u64)>) -> Ordered {
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
        Ordered { steps }
    }

    /// How many there are.
    pub fn n(&self) -> u64 {
        self.steps.last().map_or(0, |(_, n)| *n)
    }

    /// The value of this quantile, 0 to 1: the least that so many are at most.
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

    /// The value at a place between ranks; beyond the first and the last nothing bounds it.
    fn at(&self, place: f64) -> f64 {
        if place < 1.0 {
            return f64::NEG_INFINITY;
        }
        if place > self.n() as f64 {
            return f64::INFINITY;
        }
        let below = self.ranked(place.floor() as u64);
        let above = self.ranked(place.ceil() as u64);
        below + (above - below) * place.fract()
    }
}

/// A figure of one run, with what is needed to bound it.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimate {
    /// A quantile, 0 to 1, of logarithms of microseconds.
    Quantile {
        /// The values.
        values: Ordered,
        /// Which quantile.
        quantile: f64,
        /// By what the variance is larger than that of independent requests; at least 1.
        inflation: f64,
    },
    /// A share, 0 to 1.
    Share {
        /// How many there are.
        part: u64,
        /// Of so many.
        whole: u64,
        /// By what the variance is larger than that of independent requests; at least 1.
        inflation: f64,
    },
}

impl Estimate {
    /// The figure itself.
    pub fn value(&self) -> f64 {
        match self {
            Estimate::Quantile {
                values, quantile, ..
            } => values.quantile(*quantile),
            Estimate::Share { part, whole, .. } => *part as f64 / *whole as f64,
        }
    }

    /// The quantile, or the share itself: which share of the requests it divides from the rest.
    pub fn share(&self) -> f64 {
        match self {
            Estimate::Quantile { quantile, .. } => *quantile,
            Estimate::Share { .. } => self.value(),
        }
    }

    /// The variance of that share, were the requests independent.
    pub fn variance(&self) -> f64 {
        let share = self.share();
        match self {
            Estimate::Quantile { values, .. } => share * (1.0 - share) / values.n() as f64,
            // A share of nothing or all scatters as one of a half of a request would.
            Estimate::Share { whole, .. } => {
                let whole = *whole as f64;
                (share * (1.0 - share)).max(0.5 / whole) / whole
            }
        }
    }

    /// The same with a variance that is so much larger than that of independent requests.
    pub fn inflated(mut self, by: f64) -> Estimate {
        match &mut self {
            Estimate::Quantile { inflation, .. } | Estimate::Share { inflation, .. } => {
                *inflation = by;
            }
        }
        self
    }

    /// The bounds at so many standard errors to each side; infinite where nothing bounds it.
    ///
    /// A quantile is bounded by the order statistics around it (R. S. Woodruff, Confidence
    /// intervals for medians and other position measures, 1952), a share by Wilson's interval.
    pub fn bounds(&self, errors: f64) -> (f64, f64) {
        match self {
            Estimate::Quantile {
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
            Estimate::Share {
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
