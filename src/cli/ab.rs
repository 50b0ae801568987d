//! `loadgen ab A B`: whether a change helped, proved by cold starts of both, side by side.

mod side;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Args;

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, RunsDir},
    interrupt, out,
};
use crate::{
    ab::{
        self, AbLook, AbPlan, AbResult, FEWEST_PAIRS, PairNeed, PairedFinding, PairedSide,
        SequentialDesign,
    },
    aws::price,
    compare::ChangeLimit,
    engine::StopSignal,
    lang::{Phrase, Reason, texts},
    report::{self, ComparisonFormat},
    run::{Contender, GuardRails, Interleaving, Observer, PairProgress, RunOptions, interleave},
    scenario::{Expect, Scenario, TlsOptions},
    units::parse_duration,
};
use side::{SidePlace, TypedSide};

texts! {
    const;
    not_paired(limit: String): "--fail-on \"{}\": pairs have medians of cold and warm requests alone; write for example \"init.cold.p50 > 5%\", \"cold.p50 > 5%\" or \"warm.p50 > 5%\"",
        "--fail-on \"{}\": 쌍에는 콜드와 웜 요청의 중앙값만 있습니다. 예: \"init.cold.p50 > 5%\", \"cold.p50 > 5%\", \"warm.p50 > 5%\"";
    no_share(found: &str): "`{}` is no percentage from 0.1% to 50%: write for example 5%", "`{}`: 0.1%부터 50%까지의 백분율이 아닙니다. 예: 5%";
    pair_of(pair: u32, of: u32, left: Duration): "pair {} of {}, at most {} more", "{}/{}쌍, 앞으로 최대 {}";
    all_pairs(pairs: u32): "all {} pairs are sent", "{}쌍을 모두 보냈습니다";
    each_idles(idle: Duration, pairs: u32, all: Duration): "each pair idles for {} first: {2} at most for {1} pairs", "쌍마다 먼저 {} 동안 유휴 상태로 기다립니다. {}쌍에 최대 {}";
    looked(pairs: u64, figure: &str, change: Phrase, band: String): "after {pairs} pairs: {figure} {change} ({band})", "{}쌍 뒤: {} {}({})";
    NO_INTERVAL: "no interval yet", "아직 구간 없음";
    TOO_MANY_FUNCTIONS: "--function is given once for both sides, or twice: A's function, then B's", "--function은 양쪽에 한 번, 또는 A의 함수와 B의 함수 순서로 두 번 지정하세요";
    FORCE_COLD_NOWHERE: "--force-cold empties the environments of functions on AWS: write A or B as stack:NAME or invoke:FUNCTION, or leave it out and let them idle (--idle)",
        "--force-cold는 AWS에 있는 함수의 환경을 비웁니다. A나 B를 stack:이름 또는 invoke:함수로 쓰거나, 빼고 유휴 상태로 기다리세요(--idle)";
    REPORT_EACH: "Each side is a run: loadgen report, compare and view take them.", "A와 B는 각각 하나의 실행이며 loadgen report, compare, view로 볼 수 있습니다.";
    TITLE: "Cold starts of two targets side by side", "두 대상의 콜드 스타트를 번갈아 비교";
    NO_PLAN_PAGE: "a plan is no page: --format text, markdown or json writes it", "계획은 페이지로 쓸 수 없습니다. --format text, markdown, json 중 하나를 쓰세요";
}

/// So long after a pair was told of, the next one is.
const SAID_AGAIN: Duration = Duration::from_secs(60);

/// Prove a change: cold starts of A and B side by side, until a difference or its absence is certain
#[derive(Debug, Args)]
pub struct AbArgs {
    /// An address (https://... or a server on this machine), stack:NAME, invoke:FUNCTION (NAME:ALIAS,
    /// ARN), sandbox, or sandbox:KEY=VALUE,... with memory, init, warm, timeout, reserved_concurrency
    /// or provisioned_concurrency
    #[arg(value_name = "A")]
    a: TypedSide,
    /// The target that is compared with it, written likewise
    #[arg(value_name = "B")]
    b: TypedSide,
    /// Most pairs of cold starts
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(i64::from(FEWEST_PAIRS)..=5_000))]
    pairs: u32,
    /// Warm requests after each cold start
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    warm: u32,
    /// How long both idle before each pair; a sandbox skips it, --force-cold does without
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = parse_duration)]
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
    place: SidePlace,
    /// Ask the API at this address for both sides' traces and REPORT lines, not Datadog's site in
    /// DD_SITE: that of a `loadgen sandbox` whose intake your own servers send their spans to
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
    tls: TlsOptions,
    #[command(flatten)]
    guard: GuardRails,
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
    if typed.place.functions.len() > 2 {
        return Err(Failure::new(TOO_MANY_FUNCTIONS));
    }
    if typed.place.on_aws.force_cold
        && ![&typed.a, &typed.b]
            .into_iter()
            .any(TypedSide::can_be_forced_cold)
    {
        return Err(Failure::new(FORCE_COLD_NOWHERE));
    }
    if let Some(limit) = typed.fail_on.iter().find(|limit| !ab::is_paired(limit)) {
        return Err(Failure::new(not_paired(limit.to_string())));
    }
    let design = SequentialDesign {
        pairs: typed.pairs,
        within: typed.within,
    };
    if typed.plan {
        out::text(planned(typed, design)?)?;
        return Ok(Exit::Met);
    }
    let mut console = Console::of_run(global, true, typed.place.on_aws.force_cold);
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
        need: PairNeed::of(&typed.fail_on),
        seed: typed.seed,
    };
    interrupt::listen(stop.clone())?;
    let names = [typed.a.to_string(), typed.b.to_string()];
    let mut looks: Vec<AbLook> = Vec::new();
    let quiet = global.quiet;
    let (began, mut said) = (Instant::now(), Instant::now());
    let mut progress = |PairProgress { pairs, of, idles }: PairProgress| {
        let is_due = pairs.is_multiple_of(10) || said.elapsed() > SAID_AGAIN;
        if quiet || !is_due || (pairs == 0 && idles.is_zero()) {
            return;
        }
        said = Instant::now();
        let left = began.elapsed() * (of - pairs) / pairs.max(1);
        out::say(match pairs {
            0 => each_idles(idles, of, idles * of),
            _ if pairs == of => all_pairs(pairs),
            _ => pair_of(pairs, of, Duration::from_secs(left.as_secs() + 1)),
        });
    };
    let completed = {
        let mut decide = |[a, b]: [(&_, &[_]); 2]| {
            let side = |(run, samples), name| PairedSide { name, run, samples };
            let sides = [side(a, &names[0]), side(b, &names[1])];
            let look = AbLook::at(sides, &design, &typed.fail_on);
            if !quiet && let Some(said) = look_said(&look) {
                out::say(said);
            }
            let is_certain = look.finding != PairedFinding::Undetermined;
            looks.push(look);
            is_certain
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
    let target = side.target(&typed.place.on_aws, &scenario, &console.talk())?;
    let place = typed.out.as_ref().map(|out| out.join(name));
    let options = RunOptions {
        functions: side.functions(&typed.place, name == "b"),
        region: typed.place.on_aws.region.clone(),
        emulator: typed.place.on_aws.endpoint.clone(),
        real_idle: typed.real_idle,
        tls: typed.tls.clone(),
        guard: typed.guard.clone(),
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
    let band = match (look.low, look.high) {
        (None, None) => NO_INTERVAL.to_string(),
        (low, high) => report::change_band(low, high),
    };
    Some(looked(look.pairs, &look.figure, change, band))
}

/// How many cold starts differences need, and what that costs and takes.
///
/// # Errors
/// When it is to be written as a page.
fn planned(typed: &AbArgs, design: SequentialDesign) -> Result<String, Failure> {
    let plan = AbPlan::of(design, typed.idle, typed.warm);
    let usage = price::Usage {
        requests: plan.requests,
        cold_starts: 2 * u64::from(typed.pairs),
        span: typed.idle * typed.pairs,
        ..price::Usage::THOUSAND
    };
    let cost = match typed.a.is_invoked() && typed.b.is_invoked() {
        true => price::estimate_invoked(&usage),
        false => price::estimate(&usage),
    };
    let page = report::ab_plan(typed.format, &plan, Reason::of(cost.sentence()));
    page.ok_or_else(|| Failure::new(NO_PLAN_PAGE))
}
