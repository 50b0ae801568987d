//! Several engines that send one run, each on a thread of its own: they start at the same instant,
//! skip idle steps once for all, and end together.

use std::{
    cell::Cell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::watch;

use crate::lang::Statement;

/// What the clocks of all members show at one instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockSetting {
    pub at: Instant,
    pub shows_us: u64,
}

impl ClockSetting {
    /// That it shows this time now.
    pub fn now(shows_us: u64) -> ClockSetting {
        let at = Instant::now();
        ClockSetting { at, shows_us }
    }
}

/// What a meeting agrees on.
pub(super) type Agreed = Result<ClockSetting, Statement>;

/// One of the engines that send a run together. If a member is dropped before it has ended well, it
/// ends the run for the others.
#[derive(Debug)]
pub struct TeamMember {
    team: Arc<Team>,
    has_left: Cell<bool>,
}

#[derive(Debug)]
struct Team {
    meeting: Mutex<Meeting>,
    /// How many meetings are over.
    met: watch::Sender<u64>,
    ending: watch::Sender<bool>,
}

#[derive(Debug)]
struct Meeting {
    members: usize,
    arrived: usize,
    is_led: bool,
    agreed: Option<Agreed>,
}

impl TeamMember {
    /// The members of a team of this size.
    pub fn team(size: usize) -> Vec<TeamMember> {
        let team = Arc::new(Team {
            meeting: Mutex::new(Meeting {
                members: size,
                arrived: 0,
                is_led: false,
                agreed: None,
            }),
            met: watch::Sender::new(0),
            ending: watch::Sender::new(false),
        });
        let member = || TeamMember {
            team: Arc::clone(&team),
            has_left: Cell::new(false),
        };
        (0..size).map(|_| member()).collect()
    }

    /// Waits for all members; the last one to come calls `lead`, and all get what it returns.
    pub(super) async fn meet(&self, lead: impl AsyncFnOnce() -> Agreed) -> Agreed {
        let mut met = self.team.met.subscribe();
        let before = *met.borrow_and_update();
        self.team.meeting().arrived += 1;
        loop {
            if self.team.meeting().is_complete() {
                let agreed = lead().await;
                self.team.meeting().close(agreed.clone());
                self.team.met.send_modify(|met| *met += 1);
                return agreed;
            }
            // It fails only without a sender, and this member has one.
            let _ = met.changed().await;
            if *met.borrow_and_update() > before
                && let Some(agreed) = self.team.meeting().agreed.clone()
            {
                return agreed;
            }
        }
    }

    /// Ends the run for all members.
    pub(super) fn end(&self) {
        self.team.ending.send_replace(true);
    }

    /// What becomes true when any member ends the run.
    pub(super) fn ending(&self) -> watch::Receiver<bool> {
        self.team.ending.subscribe()
    }

    /// Notes that this member has ended. The others continue without it.
    pub(super) fn leave(&self) {
        if !self.has_left.replace(true) {
            self.team.meeting().members -= 1;
            // Those who wait may now be all.
            self.team.met.send_modify(|_| {});
        }
    }
}

impl Drop for TeamMember {
    fn drop(&mut self) {
        if !self.has_left.get() {
            self.end();
        }
        self.leave();
    }
}

impl Team {
    fn meeting(&self) -> MutexGuard<'_, Meeting> {
        self.meeting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meeting {
    /// Whether all are there and none leads yet; then the caller leads.
    fn is_complete(&mut self) -> bool {
        let leads = self.arrived == self.members && !self.is_led;
        self.is_led |= leads;
        leads
    }

    fn close(&mut self, agreed: Agreed) {
        (self.arrived, self.is_led, self.agreed) = (0, false, Some(agreed));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(work)
    }

    fn now() -> Agreed {
        Ok(ClockSetting::now(0))
    }

    #[test]
    fn one_leads_each_meeting_and_all_agree() {
        let led = AtomicUsize::new(0);
        let times: Vec<Vec<Instant>> = thread::scope(|scope| {
            let run = |member: TeamMember| {
                let led = &led;
                let lead = async || {
                    led.fetch_add(1, Ordering::Relaxed);
                    now()
                };
                let meet = || block_on(member.meet(lead)).expect("agreed").at;
                let times = (0..100).map(|_| meet()).collect();
                member.leave();
                times
            };
            let running: Vec<_> = TeamMember::team(3)
                .into_iter()
                .map(|member| scope.spawn(move || run(member)))
                .collect();
            let ended = running.into_iter().map(|thread| thread.join());
            ended.map(|times| times.expect("no panic")).collect()
        });
        assert_eq!(led.into_inner(), 100);
        assert!(times.iter().all(|of_one| *of_one == times[0]));
    }

    #[test]
    fn one_that_breaks_off_leaves_the_others_to_meet_and_ends_the_run() {
        let mut team = TeamMember::team(3);
        let (other, gone) = (team.pop().expect("three"), team.pop().expect("three"));
        let waiting = thread::spawn(move || block_on(other.meet(async || now())).is_ok());
        let mine = team.pop().expect("three");
        drop(gone);
        assert!(block_on(mine.meet(async || now())).is_ok());
        assert!(waiting.join().expect("no panic"));
        assert!(*mine.ending().borrow());
    }
}
