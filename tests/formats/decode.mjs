// Reads an interval log with HdrHistogram's JavaScript library and prints, for each tag, count,
// least and greatest value and some percentiles, in microseconds.
import { readFileSync } from "node:fs";
import { HistogramLogReader, build } from "hdr-histogram-js";

const reader = new HistogramLogReader(readFileSync(process.argv[2], "utf8"));
const whole = {};
for (;;) {
  const interval = reader.nextIntervalHistogram();
  if (interval === null) break;
  // Of all answers once more, for programs that ask for no tag.
  if (!interval.tag || interval.tag === "NO TAG") continue;
  whole[interval.tag] ??= build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  whole[interval.tag].add(interval);
}
const figures = (histogram) => ({
  n: histogram.totalCount,
  p50: histogram.getValueAtPercentile(50),
  p90: histogram.getValueAtPercentile(90),
  p99: histogram.getValueAtPercentile(99),
  max: histogram.maxValue,
});
const tags = Object.entries(whole).map(([tag, histogram]) => [tag, figures(histogram)]);
console.log(JSON.stringify(Object.fromEntries(tags)));
