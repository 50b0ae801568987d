//! Running a command and seeing what it costs.

use std::{
    error::Error,
    fs,
    io::{Read, Seek},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// What a command said and took.
pub struct Measured {
    pub said: String,
    /// User and system time of all its threads, and of the command that it ran.
    pub cpu: Duration,
    pub peak_mib: f64,
}

/// Clock ticks of `/proc/PID/stat`: 100 a second on every Linux that runs Rust.
const TICKS: f64 = 100.0;

/// The processor with this number, where there are so many.
pub fn processor(number: usize) -> Option<usize> {
    let count = thread::available_parallelism().map_or(1, usize::from);
    (number < count).then_some(number)
}

/// The same command on one processor.
pub fn pinned(command: Command, processor: Option<usize>) -> Command {
    let Some(processor) = processor else {
        return command;
    };
    let mut pinned = Command::new("taskset");
    pinned.arg("-c").arg(processor.to_string());
    pinned.arg(command.get_program()).args(command.get_args());
    pinned
}

/// One of the figures on memory in `/proc/PID/status`, in MiB.
pub fn memory_mib(process: u32, figure: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let figure = status.lines().find_map(|line| line.strip_prefix(figure))?;
    let kib: f64 = figure.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024.0)
}

/// Runs a command to its end.
pub fn run(command: Command, processor: Option<usize>) -> Result<Measured, Box<dyn Error>> {
    let mut out = tempfile::tempfile()?;
    let mut child = pinned(command, processor)
        .stdout(out.try_clone()?)
        .stderr(Stdio::null())
        .spawn()?;
    let folder = format!("/proc/{}", child.id());
    let mut peak_mib = 0.0_f64;
    // Its times stay readable after it has ended, until it is waited for.
    let cpu = loop {
        peak_mib = peak_mib.max(memory_mib(child.id(), "VmHWM:").unwrap_or(0.0));
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        let (_, fields) = stat
            .rsplit_once(") ")
            .ok_or("no /proc/PID/stat as expected")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        if fields.first() == Some(&"Z") {
            let ticks = |index: usize| {
                fields
                    .get(index)
                    .and_then(|ticks| ticks.parse::<f64>().ok())
            };
            // User and system time, its own and of the children that it waited for.
            let times: Option<f64> = (11..=14).map(ticks).sum();
            let times = times.ok_or("no times in /proc/PID/stat")?;
            break Duration::from_secs_f64(times / TICKS);
        }
        thread::sleep(Duration::from_millis(20));
    };
    child.wait()?;
    let mut said = String::new();
    out.rewind()?;
    out.read_to_string(&mut said)?;
    Ok(Measured {
        said,
        cpu,
        peak_mib,
    })
}
