//! `loadgen ab A B`: whether a change helped, proved by cold starts of both, side by side.

mod side;

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, Guard, RunsDir, TlsFlags, duration},
    interrupt, out,
    target::Own,
};
use crate::{
    ab::{self, AbLook, AbResult, LOOKS, PairedFinding, PairedSide, SequentialDesign},
    aws::price,
    compare::ChangeLimit,
    engine::StopSignal,
    lang::{Phrase, Reason, Share, Value, texts},
    report::{self, ComparisonFormat},
    run::{Contender, Interleaving, Observer, PairProgress, RunOptions, interleave},
    scenario::{Expect, Scenario},
};
use side::{SidePlace, TypedSide};

texts! {
    const;
    not_paired(limit: String): "--fail-on \"{}\": pairs have medians of cold and warm requests alone; write for example \"init.cold.p50 > 5%\", \"cold.p50 > 5%\" or \"warm.p50 > 5%\"",
        "--fail-on \"{}\": 쌍에는 콜드와 웜 요청의 중앙값만 있습니다. 예: \"init.cold.p50 > 5%\", \"cold.p50 > 5%\", \"warm.p50 > 5%\"";
    no_share(found: &str): "`{}` is no percentage from 0.1% to 50%: write for example 5%", "`{}`: 0.1%부터 50%까지의 백분율이 아닙니다. 예: 5%";
    pair_of(pair: u32, of: u32): "pair {} of {}", "{}/{}쌍";
    looked(pairs: u64, change: Phrase, band: String): "after {pairs} pairs: {change} ({band})", "{}쌍 뒤: {}({})";
    REPORT_EACH: "Each side is a run: loadgen report, compare and view take them.", "A와 B는 각각 하나의 실행이며 loadgen report, compare, view로 볼 수 있습니다.";
    TITLE: "Cold starts of two targets side by side", "두 대상의 콜드 스타트를 번갈아 비교";
    plan_heading(power: Share): "Cold starts that find a difference with a chance of {}", "차이를 {} 확률로 찾는 데 필요한 콜드 스타트";
    plan_row(change: Share, pairs: u32, mean: u64, both: u64): "{} needs {} pairs, {} on average: {} cold starts at most",
        "{}: {}쌍, 평균 {}쌍, 콜드 스타트 최대 {}회";
    plan_looks(pairs: u32, change: Share, looks: String): "With {} pairs a difference of {} is found by each look with a chance of {}.",
        "{}쌍이면 {} 차이를 찾을 확률은 확인할 때마다 차례로 {}입니다.";
    plan_takes(idle: Duration, forced: Duration, requests: u64, cost: Reason): "{requests} requests at most. Idling takes {idle}, forced cold starts about {forced}, and a sandbox skips the idle time. On AWS: {cost}",
        "요청 최대 {requests}회. 유휴 대기는 {idle}, 강제 콜드 스타트는 약 {forced} 걸리며 샌드박스는 유휴 시간을 건너뜁니다. AWS 비용: {cost}";
    PLAN_GROUND: "Assumed is the scatter of init durations that were published for a bare python3.12 function: 0.2 for the logarithm of a pair's ratio. Absence within the margin needs about three times as many pairs.",
        "공개된 python3.12 기본 함수의 초기화 시간 산포(쌍 비율의 로그 표준 편차 0.2)를 가정합니다. 차이가 없음을 증명하려면 약 세 배의 쌍이 필요합니다.";
}

/// The scatter of the logarithm of a pair's ratio that a plan assumes: the square root of two times
/// 0.142, that of python3.12 at 512 MB (maxday/lambda-perf, 2026-04 to 2026-08).
const SCATTER: f64 = 0.2;
/// The chance to find a difference that a plan asks for.
const POWER: f64 = 0.9;
/// How long a forced cold start takes: two updates of the configuration.
const FORCED: Duration = Duration::from_secs(15);

/// Prove a change: cold starts of A and B side by side, until a difference or its absence is certain
#[derive(Debug, Args)]
pub struct AbArgs {
    /// An address, stack:NAME, invoke:FUNCTION, or sandbox:KEY=VALUE,... (memory, init, warm, timeout)
    #[arg(value_name = "A")]
    a: TypedSide,
    /// The target that is compared with it, named likewise
    #[arg(value_name = "B")]
    b: TypedSide,
    /// Most pairs of cold starts
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(10..=5_000))]
    pairs: u32,
    /// Warm requests after each cold start
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    warm: u32,
    /// How long to idle before each cold start; a sandbox skips it
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = duration)]
    idle: Duration,
    /// Up to which difference A and B count as the same
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = share)]
    within: f64,
    /// Fail where B is worse than A by more than this and it is certain that B is worse, or where no
    /// pair has the figure, for example "init.cold.p50 > 5%"; the first decides when to stop; may
    /// be repeated
    #[arg(long, value_name = "FIGURE > CHANGE")]
    fail_on: Vec<ChangeLimit>,
    /// The scenario whose request and function settings both sides have
    #[arg(long, value_name = "SCENARIO", default_value = "cold-start")]
    scenario: String,
    /// Say how many cold starts a difference needs, what that costs and takes; send nothing
    #[arg(long)]
    plan: bool,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ComparisonFormat,
    /// The seed of the order within each pair, and of sandboxes
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    place: SidePlace,
    /// Ask the API at this address for traces and REPORT lines instead of Datadog's site in DD_SITE
    #[arg(long, value_name = "URL", env = "LOADGEN_DATADOG_URL")]
    datadog_url: Option<String>,
    /// Wait for idle time by the clock, even where the sandbox could skip it
    #[arg(long)]
    real_idle: bool,
    /// Write the runs to the folders `a` and `b` in this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    runs: RunsDir,
    #[command(flatten)]
    tls: TlsFlags,
    #[command(flatten)]
    guard: Guard,
}

/// A share from 0.1 % to 50 % as a flag's value: `5%`.
fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|it| it.trim().parse().ok());
    let number = number.filter(|percent: &f64| (0.1..=50.0).contains(percent));
    let number = number.map(|percent| percent / 100.0);
    number.ok_or_else(|| no_share(text).to_string())
}

/// Compares.
///
/// # Errors
/// When a side is no target that can be sent to, or a limit is on a figure that pairs do not have.
pub fn run(typed: &AbArgs, global: &Global) -> Result<Exit, Failure> {
    if let Some(limit) = typed.fail_on.iter().find(|limit| !ab::is_paired(limit)) {
        return Err(Failure::new(not_paired(limit.to_string())));
    }
    if typed.plan {
        out::text(planned(typed))?;
        return Ok(Exit::Met);
    }
    let design = SequentialDesign {
        pairs: typed.pairs,
        within: typed.within,
    };
    let mut console = Console::of_run(global, true, typed.place.force_cold);
    let stop = StopSignal::new();
    let side = |typed_side: &TypedSide, name, seed, console: &Console| {
        contender(typed, typed_side, (name, seed), &stop, console)
    };
    let sides = [
        side(&typed.a, "a", typed.seed, &console)?,
        side(&typed.b, "b", typed.seed.wrapping_add(1), &console)?,
    ];
    let plan = Interleaving {
        pairs: typed.pairs,
        looks: design.looks().to_vec(),
        idle: typed.idle,
        warm: typed.warm,
        seed: typed.seed,
    };
    interrupt::listen(stop.clone())?;
    let names = [typed.a.to_string(), typed.b.to_string()];
    let mut looks: Vec<AbLook> = Vec::new();
    let quiet = global.quiet;
    let mut progress = |so_far: PairProgress| {
        if !quiet && so_far.pairs.is_multiple_of(10) {
            out::say(pair_of(so_far.pairs, so_far.of));
        }
    };
    let completed = {
        let mut decide = |[a, b]: [(&_, &[_]); 2]| {
            let side = |(run, samples), name| PairedSide { name, run, samples };
            let sides = [side(a, &names[0]), side(b, &names[1])];
            let look = AbLook::at(sides, &design, &typed.fail_on);
            if !quiet && let Some(said) = look_said(&look) {
                out::say(said);
            }
            looks.push(look);
            look.finding != PairedFinding::Undetermined
        };
        interleave(sides, &plan, &mut console, &mut progress, &mut decide)?
    };
    let samples = [
        completed[0].folder.samples()?,
        completed[1].folder.samples()?,
    ];
    let [of_a, of_b] = samples.map(|samples| samples.collect::<Vec<_>>());
    let side = |place: usize, samples| PairedSide {
        name: &names[place],
        run: &completed[place].run,
        samples,
    };
    let sides = [side(0, &of_a), side(1, &of_b)];
    let result = AbResult::of(sides, design, looks, &typed.fail_on);
    let latencies = [&completed[0].latencies, &completed[1].latencies];
    out::report(report::ab(typed.format, &result, latencies))?;
    if !quiet {
        out::say(format!("\n{REPORT_EACH}"));
    }
    Ok(match stop.is_signalled() {
        true => Exit::Interrupted,
        false if result.passes() => Exit::Met,
        false => Exit::Missed,
    })
}

fn contender(
    typed: &AbArgs,
    side: &TypedSide,
    (name, seed): (&str, u64),
    stop: &StopSignal,
    console: &Console,
) -> Result<Contender, Failure> {
    let mut scenario = Scenario::load(&typed.scenario)?;
    scenario.name = "ab".to_owned();
    scenario.title = TITLE.to_string();
    scenario.seed = seed;
    scenario.expect = Expect::default();
    scenario.thresholds = Vec::new();
    scenario.text = None;
    side.configure(&mut scenario);
    let target = side.target(&typed.place, &scenario, &console.talk())?;
    let place = typed.out.as_ref().map(|out| out.join(name));
    let options = RunOptions {
        functions: typed.own.names(),
        region: typed.place.region.clone(),
        emulator: typed.place.endpoint.clone(),
        real_idle: typed.real_idle,
        tls: typed.tls.options(),
        guard: typed.guard.rails(),
        datadog_url: typed.datadog_url.clone(),
        stop: stop.clone(),
        ..RunOptions::at(typed.runs.place(place.as_deref()))
    };
    Ok(Contender {
        folder: format!("ab-{name}"),
        target,
        scenario,
        options,
    })
}

fn look_said(look: &AbLook) -> Option<Phrase> {
    let change = report::change_said(look.change?);
    Some(looked(
        look.pairs,
        change,
        report::change_band(look.low, look.high),
    ))
}

/// How many cold starts differences need, and what that costs and takes.
fn planned(typed: &AbArgs) -> String {
    let mut page = format!("{}\n", plan_heading(Share(POWER)));
    for change in [0.05, 0.10, 0.20, 0.50] {
        let (pairs, mean) = SequentialDesign::pairs_needed(change, SCATTER, POWER);
        let both = 2 * u64::from(pairs);
        let row = plan_row(Share(change), pairs, mean.round() as u64, both);
        page.push_str(&format!("  {row}\n"));
    }
    let design = SequentialDesign {
        pairs: typed.pairs,
        within: typed.within,
    };
    let mut sum = 0.0;
    let looks: [String; LOOKS] = design.chances(0.10, SCATTER).map(|chance| {
        sum += chance;
        Value::from(Share(sum)).to_string()
    });
    let looks = plan_looks(typed.pairs, Share(0.10), looks.join(", "));
    let requests = 2 * u64::from(typed.pairs) * u64::from(1 + typed.warm);
    let usage = price::Usage {
        requests,
        cold_starts: 2 * u64::from(typed.pairs),
        span: typed.idle * typed.pairs,
        ..price::Usage::THOUSAND
    };
    let cost = Reason::of(price::estimate(&usage).sentence());
    let takes = plan_takes(
        typed.idle * typed.pairs,
        2 * FORCED * typed.pairs,
        requests,
        cost,
    );
    for said in [
        looks.to_string(),
        takes.to_string(),
        PLAN_GROUND.to_string(),
    ] {
        for line in report::text::wrap(&said, 78) {
            page.push_str(&format!("  {line}\n"));
        }
    }
    page
}
