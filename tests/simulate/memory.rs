//! A sweep over memory beside the CPU that AWS documents for it.

use serde_json::Value;

use crate::support::command::{Finished, loadgen};

/// A function that was measured at one vCPU, 1,769 MB (AWS Lambda developer guide, "Configure Lambda
/// function memory"): 100 ms for each invocation.
const MEASURED: &str = r#"
name = "measured"
[function]
memory = "1769MB"
init = "10ms"
warm = "100ms"
timeout = "60s"
[[phase]]
name = "one"
burst = 1
"#;

/// For each memory size the time that its handler took and what the run cost, where this share of the
/// work waits for the CPU.
fn swept(cpu_share: &str) -> Vec<(f64, f64)> {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("measured.toml");
    std::fs::write(&scenario, MEASURED).expect("written");
    let sizes = SHARES.map(|(mb, _)| format!("{mb}MB")).join(",");
    let mut command = loadgen();
    command.arg("simulate").arg(&scenario).arg("--json");
    command.args(["--sweep", &format!("memory={sizes}")]);
    command.args(["--cpu-share", cpu_share]);
    let printed: Value = Finished::of(&mut command).json();
    let points = printed["points"].as_array().or(printed.as_array());
    let points = points.expect("points").iter();
    let figures = points.map(|point| {
        let entry = |key: &str| point["entry"][key].as_f64().expect("a figure");
        (entry("longest_ms"), entry("cost_usd"))
    });
    let figures: Vec<(f64, f64)> = figures.collect();
    // What Datadog's extension adds is the same with any memory; at one vCPU the handler takes 100 ms.
    let at_one = SHARES.iter().position(|(_, share)| *share == 1.0);
    let added = figures[at_one.expect("one vCPU")].0 - 100.0;
    figures
        .into_iter()
        .map(|(ms, usd)| (ms - added, usd))
        .collect()
}

/// Memory, and its share of a vCPU by the documentation, as far as a handler with one thread uses it.
const SHARES: [(u32, f64); 7] = [
    (128, 128.0 / 1769.0),
    (256, 256.0 / 1769.0),
    (512, 512.0 / 1769.0),
    (1024, 1024.0 / 1769.0),
    (1769, 1.0),
    (3538, 1.0),
    (10_240, 1.0),
];

#[test]
fn a_sweep_over_memory_follows_the_documented_shares_of_a_cpu() {
    let (cpu, io, half) = (swept("1"), swept("0"), swept("0.5"));
    for (place, (mb, share)) in SHARES.into_iter().enumerate() {
        let near = |found: f64, wanted: f64| {
            assert!(
                (found - wanted).abs() < 0.01,
                "{mb} MB: {found} ms, not {wanted}"
            );
        };
        near(cpu[place].0, 100.0 / share);
        near(io[place].0, 100.0);
        near(half[place].0, 50.0 + 50.0 / share);
    }
    // CPU-bound: memory pays for itself up to one vCPU, I/O-bound it never does.
    let growth = |of: &[(f64, f64)], from: usize, to: usize| of[to].1 / of[from].1;
    assert!(
        growth(&cpu, 1, 3) < 2.0,
        "four times the memory for less than twice the cost"
    );
    assert!(growth(&io, 1, 3) > 3.5, "four times the memory for nothing");
    assert!(growth(&cpu, 4, 5) > 1.9, "above one vCPU it only costs");
}
