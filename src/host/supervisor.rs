//! The supervisor: this program started again, as the parent of all environments. It reads orders from
//! stdin and tells news on stdout, a line of JSON each. When stdin ends, however the other side ended,
//! it kills every environment's process group and what left it, and removes all folders.

use std::{
    collections::HashMap,
    fs,
    io::{self, BufRead, Write},
    os::{
        fd::OwnedFd,
        unix::{
            fs::{DirBuilderExt, symlink},
            net::UnixStream,
            process::CommandExt,
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, kill_process_group, waitid,
    waitpgid,
};
use serde::{Deserialize, Serialize};

use super::{
    function::{NODE_BOOTSTRAP, PYTHON_BOOTSTRAP},
    memory_group::MemoryGroups,
    process_event::ExitCause,
    strays,
};

/// The first argument of the supervisor; the second is its folder, which it makes and removes.
pub const SUPERVISE: &str = "supervise-environments";

/// What the supervisor is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SupervisorOrder {
    Start(Box<StartOrder>),
    End(u32),
}

/// A process to start. Its folder is the supervisor's folder and the number of its environment.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StartOrder {
    pub(super) number: u32,
    /// Which of the environment's processes it is.
    pub(super) part: u32,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
    /// The reader's folder: what is in it is linked into the working folder.
    pub(super) code: PathBuf,
    /// The socket that takes stdout and stderr.
    pub(super) output: PathBuf,
    /// The memory of the environment, in bytes.
    pub(super) memory: u64,
}

/// What happened.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SupervisorNews {
    /// It takes orders; memory is limited by these groups, where there are any.
    Ready(Option<MemoryGroups>),
    /// The process leads the group of its own number.
    Started(u32, u32, i32),
    Refused(u32, String),
    Exited(u32, u32, ExitCause),
    /// Nothing of the environment is left.
    Gone(u32),
}

/// Supervises until stdin ends.
///
/// # Errors
/// When the folder cannot be made: it must not be there yet.
pub fn supervise(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    fs::DirBuilder::new().mode(0o700).create(folder)?;
    for (name, text) in [PYTHON_BOOTSTRAP, NODE_BOOTSTRAP] {
        fs::write(folder.join(name), text)?;
    }
    let groups = MemoryGroups::make(folder);
    tell(&SupervisorNews::Ready(groups.clone()));
    let mut environments: HashMap<u32, Vec<Child>> = HashMap::new();
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(SupervisorOrder::Start(order)) => match start(folder, groups.as_ref(), &order) {
                Ok(child) => environments.entry(order.number).or_default().push(child),
                Err(error) => {
                    environments.entry(order.number).or_default();
                    tell(&SupervisorNews::Refused(order.number, error.to_string()));
                }
            },
            Ok(SupervisorOrder::End(number)) => {
                if let Some(children) = environments.remove(&number) {
                    end(children, &own(folder, number));
                    groups.iter().for_each(|groups| groups.leave(number));
                }
                tell(&SupervisorNews::Gone(number));
            }
            // Only the other half of this file writes here.
            Err(_) => break,
        }
    }
    for (number, children) in environments {
        end(children, &own(folder, number));
    }
    strays::clear(folder);
    groups.iter().for_each(MemoryGroups::remove);
    Ok(())
}

fn own(folder: &Path, number: u32) -> PathBuf {
    folder.join(number.to_string())
}

fn tell(news: &SupervisorNews) {
    let mut line = serde_json::to_string(news).unwrap_or_default();
    line.push('\n');
    // Where the reader is gone, stdin ends too.
    let _ = io::stdout().lock().write_all(line.as_bytes());
}

/// The working folder of an environment, which is made with its temporary folder for its first process.
fn work_folder(own: &Path, code: &Path) -> io::Result<PathBuf> {
    let work = own.join("task");
    if !own.exists() {
        fs::create_dir(own)?;
        fs::create_dir(&work)?;
        fs::create_dir(own.join("tmp"))?;
        for entry in fs::read_dir(code)? {
            let entry = entry?;
            symlink(entry.path(), work.join(entry.file_name()))?;
        }
    }
    Ok(work)
}

/// Starts a process in a group of its own, and in the folders of its environment.
fn start(folder: &Path, groups: Option<&MemoryGroups>, order: &StartOrder) -> io::Result<Child> {
    let is_first = !own(folder, order.number).exists();
    if let Some(groups) = groups.filter(|_| is_first) {
        groups.limit(order.number, order.memory)?;
    }
    let work = work_folder(&own(folder, order.number), &order.code)?;
    let output = UnixStream::connect(&order.output)?;
    let errors = output.try_clone()?;
    let child = Command::new(&order.program)
        .args(&order.arguments)
        .env_clear()
        .envs(order.variables.iter().map(|(name, value)| (name, value)))
        .current_dir(work)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(output))
        .stderr(OwnedFd::from(errors))
        .spawn()?;
    let (number, part) = (order.number, order.part);
    if let Some(groups) = groups {
        // It may have ended already.
        let _ = groups.enter(number, child.id());
    }
    tell(&SupervisorNews::Started(number, part, child.id() as i32));
    let id = WaitId::Pid(Pid::from_child(&child));
    thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || {
            // The process stays to be reaped, so that no other one gets its number meanwhile.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let ended = loop {
                match waitid(id.clone(), options) {
                    Err(rustix::io::Errno::INTR) => {}
                    ended => break ended.ok().flatten(),
                }
            };
            let cause = |status: WaitIdStatus| ExitCause {
                status: status.exit_status(),
                signal: status.terminating_signal(),
            };
            tell(&SupervisorNews::Exited(
                number,
                part,
                ended.map(cause).unwrap_or_default(),
            ));
        })?;
    Ok(child)
}

/// Kills processes with their groups and what left them, and removes the folder of their environment.
fn end(children: Vec<Child>, folder: &Path) {
    for child in &children {
        // The leader was not reaped yet, so the group is its own, even where it has ended.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    for mut child in children {
        let group = Pid::from_child(&child);
        let _ = child.wait();
        while let Ok(Some(_)) = waitpgid(group, WaitOptions::empty()) {}
    }
    strays::clear(folder);
}
