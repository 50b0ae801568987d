//! What a request costs that differs, beside one that is always the same: `cargo bench --bench compare -- flow`.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    ROUNDS, closed, load,
    measured::{self, processor},
    peers::{Peer, json, runs},
    server::Server,
    table::{cell, median},
};

/// The arrivals of a run, and over how long.
const COUNT: u64 = 60_000;
const WITHIN: Duration = Duration::from_secs(6);

/// The same headers in each, so that only what is filled in differs.
const KINDS: [(&str, &str); 3] = [
    (
        "fixed",
        r#"
[[request]]
name = "one"
path = "/orders/c-1234567890?of=someone-17@example.com"
headers = { authorization = "Bearer 4d5b6e7f", x-id = "7b1ee4a6-9a1f-4a7e-9f44-6a1f0e3c2b5d" }
"#,
    ),
    (
        "templated",
        r#"
[data.users]
file = "users.csv"
order = "random"
[[request]]
name = "one"
path = "/orders/c-${random(1000000000,1999999999)}?of=${users.email}"
headers = { authorization = "Bearer ${users.token}", x-id = "${uuid}" }
"#,
    ),
    (
        "captured",
        r#"
[[request]]
name = "one"
path = "/orders/c-1234567890?of=someone-17@example.com"
headers = { authorization = "Bearer 4d5b6e7f", x-id = "7b1ee4a6-9a1f-4a7e-9f44-6a1f0e3c2b5d" }
capture = { id = "json:$.id" }
[[request]]
name = "two"
path = "/orders/${one.id}?of=someone-17@example.com"
headers = { authorization = "Bearer 4d5b6e7f", x-id = "7b1ee4a6-9a1f-4a7e-9f44-6a1f0e3c2b5d" }
[[flow]]
name = "both"
steps = ["one", "two"]
"#,
    ),
];

/// What a request took.
#[derive(Clone, Copy, Default)]
struct RequestCost {
    cpu_us: Option<f64>,
    instructions: Option<f64>,
}

/// Measures and prints both tables.
pub fn run() -> Result<(), Box<dyn Error>> {
    let folder = runs();
    fs::create_dir_all(&folder)?;
    let rows = (0..1_000).map(|row| format!("someone-{row}@example.com,{row:08x}\n"));
    let rows: String = rows.collect();
    fs::write(folder.join("users.csv"), format!("email,token\n{rows}"))?;
    let server = Server::start("steady")?;
    let mut costs: [Vec<RequestCost>; 3] = Default::default();
    for number in 1..=ROUNDS {
        for ((kind, requests), costs) in KINDS.iter().zip(&mut costs) {
            eprintln!("round {number}: {kind}");
            costs.push(cost(kind, requests, &folder, &server)?);
        }
    }
    drop(server);
    let mut page = format!(
        "**Costs of a request: {COUNT} arrivals in {} s, the client on a processor of its own, medians of {ROUNDS} \
         interleaved rounds, load average {}**\n\n\
         | request | µs of CPU | over a fixed one, µs | ratio | instructions in user space | over a fixed one |\n\
         |---|---|---|---|---|---|\n",
        WITHIN.as_secs(),
        load()?,
    );
    let middle = |costs: &[RequestCost], of: fn(&RequestCost) -> Option<f64>| {
        median(costs.iter().filter_map(of))
    };
    let cpu = |costs: &[RequestCost]| middle(costs, |cost| cost.cpu_us);
    let instructions = |costs: &[RequestCost]| middle(costs, |cost| cost.instructions);
    let over = |own: Option<f64>, fixed: Option<f64>| Some(own? - fixed?);
    let fixed = (cpu(&costs[0]), instructions(&costs[0]));
    for ((kind, _), costs) in KINDS.iter().zip(&costs) {
        let own = (cpu(costs), instructions(costs));
        writeln!(
            page,
            "| {kind} | {} | {} | {} | {} | {} |",
            cell(own.0, 2),
            cell(over(own.0, fixed.0), 2),
            cell(own.0.zip(fixed.0).map(|(own, fixed)| own / fixed), 2),
            cell(own.1, 0),
            cell(over(own.1, fixed.1), 0),
        )?;
    }
    let beside = [Peer::Loadgen, Peer::Wrk];
    let beside: Vec<Peer> = beside.into_iter().filter(|it| it.is_installed()).collect();
    closed::compare(&beside, &mut page)?;
    print!("{page}");
    Ok(())
}

/// One run of one kind, counted by `perf` where that is installed and allowed.
fn cost(
    kind: &str,
    requests: &str,
    folder: &Path,
    server: &Server,
) -> Result<RequestCost, Box<dyn Error>> {
    let file = folder.join(format!("{kind}.toml"));
    let phase = format!("burst = {COUNT}\nwithin = \"{}s\"", WITHIN.as_secs());
    let text = format!("name = \"{kind}\"\n{requests}\n[[phase]]\nname = \"all\"\n{phase}\n");
    fs::write(&file, text)?;
    let counts = folder.join("perf.csv");
    let mut command = counting(&counts);
    command.arg(env!("CARGO_BIN_EXE_loadgen")).arg("run");
    command.arg(&file).args(["--url", &server.url(), "--runs"]);
    command
        .arg(folder)
        .args(["--no-verify", "--json", "--quiet"]);
    let measured = measured::run(command, processor(1))?;
    let completed = json(&measured.said)?["requests"]["completed"].as_u64();
    let completed = completed.filter(|completed| *completed >= COUNT);
    let completed = completed.ok_or_else(|| format!("{kind}: not all requests were answered"))?;
    let counted = fs::read_to_string(&counts).unwrap_or_default();
    let counted = counted.lines().find(|line| line.contains("instructions"));
    let counted: Option<f64> = counted.and_then(|line| line.split(',').next()?.parse().ok());
    Ok(RequestCost {
        cpu_us: Some(measured.cpu.as_secs_f64() * 1e6 / completed as f64),
        instructions: counted.map(|counted| counted / completed as f64),
    })
}

/// `perf stat` before a command, or `env`, which changes nothing.
fn counting(counts: &PathBuf) -> Command {
    let words = ["stat", "-x,", "-e", "instructions:u", "-o"];
    let mut perf = Command::new("perf");
    perf.args(words).arg(counts);
    let mut tried = Command::new("perf");
    tried.args(words).arg("/dev/null").arg("true");
    let tried = tried.stdout(Stdio::null()).stderr(Stdio::null()).status();
    match tried {
        Ok(status) if status.success() => perf,
        _ => Command::new("env"),
    }
}
