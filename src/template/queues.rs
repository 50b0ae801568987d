//! Topics and queues of a template, and the functions that they feed.

use std::time::Duration;

use super::{
    error::TemplateIssue, function::TemplateFunction, node::Node, values::TemplateValues, words,
};
use crate::{
    host::AppTopic,
    lambda::{FunctionId, QueueSettings, SourceQueue},
};

/// Properties of a queue that are read here, or have no effect.
const OF_A_QUEUE: [&str; 11] = [
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "QueueName",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "Tags",
    "VisibilityTimeout",
];
/// Those of an event source mapping; SAM's events name the queue `Queue`.
const OF_A_MAPPING: [&str; 8] = [
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "Queue",
    "Tags",
];
/// Those of a subscription.
const OF_A_SUBSCRIPTION: [&str; 5] = [
    "Endpoint",
    "Protocol",
    "RawMessageDelivery",
    "Region",
    "TopicArn",
];

/// The queues and topics.
#[derive(Debug, Default)]
pub(super) struct TemplateQueues {
    pub(super) queues: Vec<SourceQueue>,
    pub(super) topics: Vec<AppTopic>,
}

/// Who reads them: the resources, and the functions that run.
struct QueueReader<'a, 'b> {
    values: &'b TemplateValues<'a>,
    functions: &'b mut [TemplateFunction],
    left_out: &'b mut Vec<TemplateIssue>,
    read: TemplateQueues,
}

/// All of a template.
pub(super) fn read<'a>(
    values: &TemplateValues<'a>,
    resources: &[(&'a str, &'a str, &'a Node)],
    functions: &mut [TemplateFunction],
    left_out: &mut Vec<TemplateIssue>,
) -> Result<TemplateQueues, TemplateIssue> {
    let mut reader = QueueReader {
        values,
        functions,
        left_out,
        read: TemplateQueues::default(),
    };
    for &(id, kind, node) in resources {
        match kind {
            "AWS::SQS::Queue" => reader.queue(id, node)?,
            "AWS::SNS::Topic" => {
                let name = values.name_of(id, node.line)?;
                let (queues, functions) = (Vec::new(), Vec::new());
                reader.read.topics.push(AppTopic {
                    name,
                    queues,
                    functions,
                });
            }
            _ => {}
        }
    }
    for &(id, kind, node) in resources {
        let Some(properties) = node.get("Properties") else {
            continue;
        };
        match kind {
            "AWS::Lambda::EventSourceMapping" => {
                for function in reader.mentioned(properties, "FunctionName") {
                    reader.feed(&function, properties, "EventSourceArn", node.line)?;
                }
            }
            "AWS::SNS::Subscription" => reader.subscribe(properties, "Endpoint", node.line)?,
            "AWS::SNS::Topic" => {
                for each in properties
                    .get("Subscription")
                    .map(Node::items)
                    .unwrap_or_default()
                {
                    let topic = values.name_of(id, node.line)?;
                    reader.subscribe_to(&topic, each, "Endpoint", each.line)?;
                }
            }
            "AWS::Serverless::Function" => {
                let events = properties
                    .get("Events")
                    .map(Node::fields)
                    .unwrap_or_default();
                for (_, event) in events {
                    let kind = event.get("Type").and_then(Node::scalar);
                    match (kind, event.get("Properties")) {
                        (Some("SQS"), Some(of)) => reader.feed(id, of, "Queue", event.line)?,
                        (Some("SNS"), Some(of)) => {
                            reader.list_others(of, &["Topic"]);
                            if let (None, Some(place)) =
                                (of.get("SqsSubscription"), reader.function(id))
                            {
                                for topic in reader.mentioned(of, "Topic") {
                                    let name = values.name_of(&topic, event.line)?;
                                    reader.topic(&name, |topic| topic.functions.push(place));
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    reader.lead(resources);
    Ok(reader.read)
}

impl<'a> QueueReader<'a, '_> {
    fn mentioned(&self, properties: &Node, name: &str) -> Vec<String> {
        properties
            .get(name)
            .map(TemplateValues::mentioned)
            .unwrap_or_default()
    }

    fn function(&self, id: &str) -> Option<FunctionId> {
        self.functions
            .iter()
            .position(|one| one.id == id)
            .map(FunctionId)
    }

    /// Lists the properties that are not among `known`.
    fn list_others(&mut self, properties: &Node, known: &[&str]) {
        for (name, node) in properties.fields() {
            if !known.contains(&name.as_str()) {
                let why = words::no_property(name);
                self.left_out.push(TemplateIssue::left_out(node.line, why));
            }
        }
    }

    fn topic(&mut self, name: &str, change: impl FnOnce(&mut AppTopic)) {
        let topic = self.read.topics.iter_mut().find(|topic| topic.name == name);
        if let Some(topic) = topic {
            change(topic);
        }
    }

    fn number(
        &self,
        all: &'a Node,
        name: &str,
        else_: u32,
        most: u32,
    ) -> Result<u32, TemplateIssue> {
        let Some(node) = all.get(name) else {
            return Ok(else_);
        };
        let text = self.values.text(node)?.unwrap_or_default();
        let number = text.parse().ok().filter(|number| *number <= most);
        let range = format!("0 to {most}");
        number.ok_or_else(|| TemplateIssue::at(node.line, words::no_number(name, &text, &range)))
    }

    fn queue(&mut self, id: &str, node: &'a Node) -> Result<(), TemplateIssue> {
        let name = self.values.name_of(id, node.line)?;
        let mut queue = SourceQueue {
            name,
            feeds: None,
            settings: QueueSettings::default(),
            dead_letters: None,
            reports_failures: false,
        };
        // A queue without properties has the defaults.
        let properties = node.get("Properties").unwrap_or(node);
        // SQS's own defaults: 30 s and four days.
        let hidden = self
            .number(properties, "VisibilityTimeout", 30, 43_200)?
            .max(1);
        let kept = self.number(properties, "MessageRetentionPeriod", 345_600, 1_209_600)?;
        queue.settings.visibility_timeout = Duration::from_secs(hidden.into());
        queue.settings.max_receives = (kept / hidden).max(1);
        if let Some(policy) = properties.get("RedrivePolicy") {
            queue.settings.max_receives = self.number(policy, "maxReceiveCount", 10, 1_000)?.max(1);
            for dead in self.mentioned(policy, "deadLetterTargetArn") {
                queue.dead_letters = Some(self.values.name_of(&dead, policy.line)?);
            }
        }
        if let Some(properties) = node.get("Properties") {
            self.list_others(properties, &OF_A_QUEUE);
        }
        self.read.queues.push(queue);
        Ok(())
    }

    /// An event source mapping.
    fn feed(
        &mut self,
        function: &str,
        properties: &'a Node,
        source: &str,
        line: usize,
    ) -> Result<(), TemplateIssue> {
        let enabled = properties.get("Enabled").and_then(Node::scalar);
        let (Some(place), true) = (self.function(function), enabled != Some("false")) else {
            return Ok(());
        };
        self.list_others(properties, &OF_A_MAPPING);
        let size = self.number(properties, "BatchSize", 10, 10_000)?.max(1);
        let window = self.number(properties, "MaximumBatchingWindowInSeconds", 0, 300)?;
        let responses = properties.get("FunctionResponseTypes").map(Node::items);
        let reports = responses
            .unwrap_or_default()
            .iter()
            .any(|one| one.scalar() == Some("ReportBatchItemFailures"));
        let mentioned = self.mentioned(properties, source);
        let name = match mentioned.first() {
            Some(id) => self.values.name_of(id, line)?,
            None => String::new(),
        };
        let timeout = self.functions[place.0].hosted.settings.timeout;
        let timeout = timeout.unwrap_or(Duration::from_secs(3));
        let mut queues = self.read.queues.iter_mut();
        match queues.find(|queue| queue.name == name && queue.feeds.is_none()) {
            Some(queue) if queue.settings.visibility_timeout < timeout => {
                let (hidden, timeout) = (queue.settings.visibility_timeout, timeout);
                let why = words::outlives(&name, hidden, timeout);
                return Err(TemplateIssue::at(line, why));
            }
            Some(queue) => {
                queue.feeds = Some(place);
                queue.settings.batch_size = size;
                queue.settings.window = Duration::from_secs(window.into());
                queue.reports_failures = reports;
            }
            None => {
                let why = words::no_queue(source, mentioned.first().map_or("", String::as_str));
                self.left_out.push(TemplateIssue::left_out(line, why));
            }
        }
        Ok(())
    }

    fn subscribe(
        &mut self,
        properties: &'a Node,
        to: &str,
        line: usize,
    ) -> Result<(), TemplateIssue> {
        for topic in self.mentioned(properties, "TopicArn") {
            let topic = self.values.name_of(&topic, line)?;
            self.subscribe_to(&topic, properties, to, line)?;
        }
        Ok(())
    }

    fn subscribe_to(
        &mut self,
        topic: &str,
        properties: &'a Node,
        to: &str,
        line: usize,
    ) -> Result<(), TemplateIssue> {
        self.list_others(properties, &OF_A_SUBSCRIPTION);
        let is_raw = properties.get("RawMessageDelivery").and_then(Node::scalar) == Some("true");
        let mentioned = self.mentioned(properties, to);
        if let (true, Some(node)) = (mentioned.is_empty(), properties.get(to)) {
            let why = words::no_property(to);
            self.left_out.push(TemplateIssue::left_out(node.line, why));
        }
        for id in mentioned {
            if let Some(place) = self.function(&id) {
                self.topic(topic, |topic| topic.functions.push(place));
            } else {
                let queue = self.values.name_of(&id, line)?;
                self.topic(topic, |topic| topic.queues.push((queue, is_raw)));
            }
        }
        Ok(())
    }

    /// Says of each function which ones it leads to, by the topics and queues that its variables name.
    fn lead(&mut self, resources: &[(&'a str, &'a str, &'a Node)]) {
        for place in 0..self.functions.len() {
            let id = self.functions[place].id.clone();
            let node = resources
                .iter()
                .find(|(other, ..)| *other == id)
                .map(|(.., node)| node);
            let environment = node.and_then(|node| node.get("Properties")?.get("Environment"));
            let mut reached = Vec::new();
            for id in environment
                .map(TemplateValues::mentioned)
                .unwrap_or_default()
            {
                let Ok(name) = self.values.name_of(&id, 0) else {
                    continue;
                };
                let topic = self.read.topics.iter().find(|topic| topic.name == name);
                let through =
                    topic.map(|topic| topic.queues.iter().map(|(queue, _)| queue.clone()));
                let through: Vec<String> = through
                    .into_iter()
                    .flatten()
                    .chain([name.clone()])
                    .collect();
                let fed = self
                    .read
                    .queues
                    .iter()
                    .filter(|queue| through.contains(&queue.name));
                reached.extend(fed.filter_map(|queue| queue.feeds));
                reached.extend(topic.into_iter().flat_map(|topic| topic.functions.clone()));
            }
            reached.dedup();
            let names = reached.into_iter().filter(|to| to.0 != place);
            let names = names.map(|to| self.functions[to.0].hosted.name.clone());
            self.functions[place].hosted.invokes = names.collect();
        }
    }
}
