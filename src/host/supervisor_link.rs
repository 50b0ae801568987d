//! This side of the supervisor: orders out, news in. When the supervisor ends before its time, what it
//! was the parent of is killed from here.

use std::{
    collections::HashMap,
    env, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use io::{BufRead, BufReader, Write};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use uuid::Uuid;

use super::{
    memory_group::MemoryGroups,
    process_event::{ExitCause, ProcessEvent, RUNTIME},
    strays,
    supervisor::{SUPERVISE, StartOrder, SupervisorNews, SupervisorOrder},
};

/// How long the supervisor may take to end everything.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running supervisor.
#[derive(Debug)]
pub(super) struct SupervisorLink {
    /// The folder of all that it starts.
    pub(super) folder: PathBuf,
    /// What limits their memory; None: it is watched.
    pub(super) groups: Option<MemoryGroups>,
    orders: Mutex<Option<ChildStdin>>,
    environments: Arc<Mutex<HashMap<u32, SupervisedEnvironment>>>,
    reading: Mutex<Option<oneshot::Receiver<()>>>,
}

/// An environment as this side knows it.
#[derive(Debug)]
struct SupervisedEnvironment {
    groups: Vec<Pid>,
    events: mpsc::UnboundedSender<ProcessEvent>,
    gone: Option<oneshot::Sender<()>>,
}

impl SupervisorLink {
    /// Starts `program` as the supervisor and waits until it is ready.
    pub(super) fn start(program: &Path) -> io::Result<SupervisorLink> {
        let unlike = Uuid::new_v4().simple().to_string();
        let folder = env::temp_dir().join(format!("loadgen-host-{}", &unlike[..12]));
        let mut child = Command::new(program)
            .arg(SUPERVISE)
            .arg(&folder)
            // Ctrl-C is for the run, which then ends it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let orders = child.stdin.take().ok_or_else(missing)?;
        let mut news = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let mut line = String::new();
        // What it says is looked at even where it breaks off.
        let _ = news.read_line(&mut line);
        let Ok(SupervisorNews::Ready(groups)) = serde_json::from_str(&line) else {
            drop(orders);
            let status = child.wait()?;
            strays::clear(&folder);
            return Err(io::Error::other(status.to_string()));
        };
        let environments = Arc::default();
        let reading = {
            let (environments, folder) = (Arc::clone(&environments), folder.clone());
            let groups = groups.clone();
            let (done, is_done) = oneshot::channel();
            thread::Builder::new().spawn(move || {
                read(child, news, &environments, &folder);
                // It has removed them itself, unless it was killed.
                groups.iter().for_each(MemoryGroups::remove);
                let _ = done.send(());
            })?;
            is_done
        };
        Ok(SupervisorLink {
            folder,
            groups,
            orders: Mutex::new(Some(orders)),
            environments,
            reading: Mutex::new(Some(reading)),
        })
    }

    /// Starts a process of an environment; what happens to it is told through `events`.
    pub(super) fn order(&self, order: StartOrder, events: mpsc::UnboundedSender<ProcessEvent>) {
        let number = order.number;
        let environment = || SupervisedEnvironment {
            groups: Vec::new(),
            events,
            gone: None,
        };
        locked(&self.environments)
            .entry(number)
            .or_insert_with(environment);
        if !self.send(&SupervisorOrder::Start(Box::new(order)))
            && let Some(environment) = locked(&self.environments).remove(&number)
        {
            environment.tell(ProcessEvent::Refused("the supervisor has ended".to_owned()));
        }
    }

    /// Kills an environment with all that belongs to it. What is given back ends once nothing is left.
    pub(super) fn end(&self, number: u32) -> oneshot::Receiver<()> {
        let (gone, is_gone) = oneshot::channel();
        if let Some(environment) = locked(&self.environments).get_mut(&number) {
            environment.gone = Some(gone);
        }
        self.send(&SupervisorOrder::End(number));
        is_gone
    }

    /// Ends everything, and waits until it has.
    pub(super) async fn close(&self) {
        drop(locked(&self.orders).take());
        let reading = locked(&self.reading).take();
        if let Some(reading) = reading {
            // Where it takes longer, the supervisor continues by itself.
            let _ = timeout(PATIENCE, reading).await;
        }
    }

    /// Whether the supervisor was there to take it.
    fn send(&self, order: &SupervisorOrder) -> bool {
        let mut line = serde_json::to_string(order).unwrap_or_default();
        line.push('\n');
        let mut orders = locked(&self.orders);
        let written = orders
            .as_mut()
            .map(|orders| orders.write_all(line.as_bytes()));
        matches!(written, Some(Ok(())))
    }
}

impl SupervisedEnvironment {
    fn tell(&self, event: ProcessEvent) {
        // The receiver is gone once the environment has been given up.
        let _ = self.events.send(event);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads news until the supervisor has ended, and then removes what it left, if it left anything.
fn read(
    mut supervisor: Child,
    news: BufReader<ChildStdout>,
    environments: &Mutex<HashMap<u32, SupervisedEnvironment>>,
    folder: &Path,
) {
    for line in news.lines().map_while(Result::ok) {
        let Ok(news) = serde_json::from_str(&line) else {
            break;
        };
        let mut environments = locked(environments);
        let (number, event) = match news {
            SupervisorNews::Ready(_) => continue,
            SupervisorNews::Gone(number) => {
                // Its senders are dropped with it, which ends every wait for it.
                environments.remove(&number);
                continue;
            }
            SupervisorNews::Started(number, part, group) => {
                let group = Pid::from_raw(group);
                if let Some(environment) = environments.get_mut(&number) {
                    environment.groups.extend(group);
                }
                (
                    number,
                    group.map(|group| ProcessEvent::Started(part, group)),
                )
            }
            SupervisorNews::Refused(number, why) => (number, Some(ProcessEvent::Refused(why))),
            SupervisorNews::Exited(number, part, cause) => {
                (number, Some(ProcessEvent::Exited(part, cause)))
            }
        };
        if let (Some(environment), Some(event)) = (environments.get(&number), event) {
            environment.tell(event);
        }
    }
    // From here on it takes no order, so nothing new comes into its folder.
    let _ = supervisor.wait();
    for (_, environment) in locked(environments).drain() {
        for group in &environment.groups {
            let _ = kill_process_group(*group, Signal::KILL);
        }
        environment.tell(ProcessEvent::Exited(RUNTIME, ExitCause::default()));
    }
    strays::clear(folder);
}
