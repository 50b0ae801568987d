//! Queues of the reader's own, which really hold what was sent to them.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    LambdaApp, Lease, ModelTime,
    app::AppQueue,
    environment::nanos,
    queue::{SourceQueue, SqsMessage, SqsQueue},
};

impl LambdaApp {
    /// The same with queues of the reader's own.
    #[must_use]
    pub fn with_queues(mut self, queues: Vec<SourceQueue>) -> LambdaApp {
        self.queues.extend(queues.into_iter().map(|mut source| {
            if source.feeds.is_none() {
                // Nothing polls it.
                source.settings.max_concurrent_batches = 0;
            }
            AppQueue {
                feeds: source.feeds,
                asynchronous: false,
                visibility: source.settings.visibility_timeout,
                queue: SqsQueue::new(source.settings.clone(), false),
                source: Some(source),
            }
        }));
        self
    }

    /// The place of a queue of the reader's own.
    fn own_queue(&self, name: &str) -> Option<usize> {
        let sources = self.queues.iter().map(|queue| queue.source.as_ref());
        let mut sources = sources.enumerate();
        sources.find_map(|(place, source)| (source?.name == name).then_some(place))
    }

    /// A message for a queue of the reader's own, to be seen after its delivery and `delay`; false: there
    /// is no queue of this name.
    pub fn send(
        &mut self,
        now: ModelTime,
        queue: &str,
        message: SqsMessage,
        delay: ModelTime,
    ) -> bool {
        let delivery = self.config.queue.delivery.draw(&mut self.rng);
        let queue = self.queue(now, queue);
        queue
            .map(|queue| queue.send(nanos(now + delivery + delay), message))
            .is_some()
    }

    /// A queue of the reader's own, as it is at `now`.
    pub fn queue(&mut self, now: ModelTime, name: &str) -> Option<&mut SqsQueue> {
        self.move_to(now);
        let place = self.own_queue(name)?;
        Some(&mut self.queues[place].queue)
    }

    /// Environments for real functions, with the batches that queues deliver, since the last call.
    pub fn take_leases(&mut self) -> Vec<Lease> {
        std::mem::take(&mut self.leased)
    }

    /// Of a batch that was leased: the queue of the reader's own that delivered it.
    pub fn source(&self, lease: &Lease) -> Option<&SourceQueue> {
        self.queues.get(lease.queue?)?.source.as_ref()
    }

    /// A batch that was leased is over; its messages that `failed` come back.
    pub(super) fn batch_ended(&mut self, lease: &Lease, failed: &HashSet<Uuid>) {
        if let Some(queue) = lease.queue.and_then(|place| self.queues.get_mut(place)) {
            queue.queue.ended(lease.environment_id, failed);
        }
    }

    /// Sends what was received too often to the dead-letter queue.
    pub(super) fn forward_dead(&mut self, place: usize) {
        let queue = &mut self.queues[place];
        let dead = std::mem::take(&mut queue.queue.dead);
        let source = queue.source.as_ref();
        let to = source.and_then(|source| source.dead_letters.clone());
        if let Some(to) = to.and_then(|name| self.own_queue(&name)) {
            let now = self.now;
            let to = &mut self.queues[to].queue;
            dead.into_iter().for_each(|message| to.send(now, message));
        }
    }
}
