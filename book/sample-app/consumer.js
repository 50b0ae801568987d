"use strict";
// The consumer function: takes the entry function's messages from the queue.
//
// Code outside the handler runs once per execution environment, during init. No request waits
// for this function, yet it has cold starts of its own: watch for them in its log.
const { randomUUID } = require("node:crypto");

const environmentId = randomUUID();
const initEnded = Date.now();
let firstInvocation = true;

exports.handler = async (event, context) => {
  // Lambda may initialise ahead of need: like Datadog's library, call the first invocation
  // cold only within 10 s of init.
  const initAgeMs = Date.now() - initEnded;
  const coldStart = firstInvocation && initAgeMs <= 10_000;
  firstInvocation = false;

  // One invocation takes a batch of up to ten messages.
  const messages = event.Records.map((record) => JSON.parse(JSON.parse(record.body).Message));
  console.log(
    JSON.stringify({
      "x-loadgen-cold-start": String(coldStart),
      "x-loadgen-request-id": context.awsRequestId,
      "x-loadgen-environment-id": environmentId,
      "x-loadgen-init-age-ms": String(initAgeMs),
      messages,
    }),
  );

  // Returning takes the batch off the queue. Had this thrown, the whole batch would come again.
  return { received: messages.length };
};
