//! The tools: how each is called, and what it says.

use std::{env, error::Error, process::Command, time::Duration};

use serde_json::Value;

/// A tool.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Loadgen,
    Wrk,
    Oha,
    Hey,
    /// A hyper client on tokio's timer that does nothing but send: this program again.
    Bare,
}

/// The percentiles p90, p95 and p99 in milliseconds.
pub type Latencies = [f64; 3];

type Read<T> = Result<T, Box<dyn Error>>;

impl Peer {
    pub const ALL: [Peer; 5] = [Peer::Loadgen, Peer::Wrk, Peer::Oha, Peer::Hey, Peer::Bare];

    pub fn name(self) -> &'static str {
        match self {
            Peer::Loadgen => "loadgen",
            Peer::Wrk => "wrk",
            Peer::Oha => "oha",
            Peer::Hey => "hey",
            Peer::Bare => "bare hyper loop",
        }
    }

    /// How to install it.
    pub fn way(self) -> &'static str {
        match self {
            Peer::Loadgen | Peer::Bare => "cargo builds it",
            Peer::Wrk => "apt-get install wrk",
            Peer::Oha => "cargo install oha --locked",
            Peer::Hey => "apt-get install hey",
        }
    }

    /// Its name and version, where it says one.
    pub fn version(self) -> String {
        let flag = match self {
            Peer::Loadgen | Peer::Oha => "--version",
            Peer::Wrk => "-v",
            Peer::Hey | Peer::Bare => return self.name().to_owned(),
        };
        let said = self.command().arg(flag).output();
        let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
        let line = said.unwrap_or_default();
        let words = line.split_whitespace().take(2).collect::<Vec<_>>();
        match words.is_empty() {
            true => self.name().to_owned(),
            false => words.join(" "),
        }
    }

    fn command(self) -> Command {
        match self {
            Peer::Loadgen => Command::new(env!("CARGO_BIN_EXE_loadgen")),
            Peer::Bare => {
                let mut command =
                    Command::new(env::current_exe().unwrap_or_else(|_| "bare".into()));
                command.arg("bare");
                command
            }
            peer => Command::new(peer.name()),
        }
    }

    pub fn is_installed(self) -> bool {
        let in_path =
            |path| env::split_paths(&path).any(|folder| folder.join(self.name()).is_file());
        matches!(self, Peer::Loadgen | Peer::Bare) || env::var_os("PATH").is_some_and(in_path)
    }

    /// A closed loop.
    pub fn closed(self, url: &str, length: Duration, connections: u32) -> Command {
        let seconds = format!("{}s", length.as_secs());
        let connections = connections.to_string();
        let mut command = self.command();
        match self {
            Peer::Loadgen => command
                .args(["bench", url, "--json", "--quiet", "--runs"])
                .arg(runs())
                .args(["--connections", &connections, "--duration", &seconds]),
            Peer::Wrk => command.args(["-t1", "-c", &connections, "-d", &seconds, url]),
            Peer::Oha => command.args([
                "--no-tui",
                "--output-format",
                "json",
                "-c",
                &connections,
                "-z",
                &seconds,
                url,
            ]),
            Peer::Hey => command.args(["-c", &connections, "-z", &seconds, url]),
            Peer::Bare => command.args([url, &length.as_secs().to_string(), &connections]),
        };
        command
    }

    /// An open loop at a rate, corrected for coordinated omission where the tool can; None
    /// where it has none.
    pub fn open(self, url: &str, length: Duration, connections: u32, rate: u32) -> Option<Command> {
        let mut command = self.closed(url, length, connections);
        match self {
            Peer::Loadgen => command.args(["--rate", &rate.to_string()]),
            Peer::Oha => command.args(["-q", &rate.to_string(), "--latency-correction"]),
            Peer::Bare => command.arg(rate.to_string()),
            // Its rate is that of each connection.
            Peer::Hey => command.args(["-q", &(rate / connections).to_string()]),
            Peer::Wrk => return None,
        };
        if self == Peer::Hey {
            // Flags must come before the address.
            let mut words: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
            let address = words.iter().position(|word| word == url)?;
            let url = words.remove(address);
            words.push(url);
            command = self.command();
            command.args(words);
        }
        Some(command)
    }

    /// How many requests were answered.
    pub fn answered(self, said: &str) -> Read<u64> {
        let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok());
        let found = match self {
            Peer::Loadgen | Peer::Bare => json(said)?["requests"]["completed"].as_u64(),
            Peer::Oha => json(said)?["statusCodeDistribution"]["200"].as_u64(),
            Peer::Wrk => number(said.lines().find_map(|line| {
                line.split(" requests in ")
                    .next()
                    .filter(|before| *before != line)
            })),
            Peer::Hey => number(
                said.lines()
                    .find_map(|line| line.trim().strip_prefix("[200]")?.strip_suffix("responses")),
            ),
        };
        found.ok_or_else(|| format!("{} says no number of answers: {said}", self.name()).into())
    }

    /// Response times.
    pub fn latencies(self, said: &str) -> Read<Latencies> {
        let value = |name: &str| -> Read<f64> {
            let found = match self {
                Peer::Loadgen | Peer::Bare => {
                    json(said)?["latency_ms"]["response"]["all"][name].as_f64()
                }
                Peer::Oha => json(said)?["latencyPercentiles"][name]
                    .as_f64()
                    .map(|seconds| seconds * 1000.0),
                Peer::Hey => said.lines().find_map(|line| {
                    let line = line.trim().strip_prefix(&name.replace('p', ""))?;
                    let seconds = line.strip_prefix("% in ")?.strip_suffix(" secs")?;
                    Some(seconds.parse::<f64>().ok()? * 1000.0)
                }),
                Peer::Wrk => None,
            };
            found.ok_or_else(|| format!("{} says no {name}: {said}", self.name()).into())
        };
        Ok([value("p90")?, value("p95")?, value("p99")?])
    }
}

/// Median and p99 of the send lag of loadgen or the bare loop, in milliseconds.
pub fn send_lag(said: &str) -> Read<(f64, f64)> {
    let run = json(said)?;
    let lag = &run["schedule"]["send_lag_ms"];
    let pair = lag["p50"].as_f64().zip(lag["p99"].as_f64());
    pair.ok_or_else(|| format!("there is no send lag: {said}").into())
}

pub fn json(said: &str) -> Read<Value> {
    Ok(serde_json::from_str(said)?)
}

/// Where loadgen keeps these runs: out of the way.
pub fn runs() -> std::path::PathBuf {
    env::temp_dir().join("loadgen-compare")
}
