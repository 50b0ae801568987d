"use strict";
// Runs the consumer function as Lambda would: node --test book/sample-app
const assert = require("node:assert/strict");
const path = require("node:path");
const test = require("node:test");

const file = path.join(__dirname, "consumer.js");
const context = { awsRequestId: "11111111-2222-3333-4444-555555555555" };

function newEnvironment() {
  delete require.cache[file];
  return require(file).handler;
}

// A message as SNS puts it into a queue: its own JSON inside the body's JSON.
function record(message) {
  return { body: JSON.stringify({ Type: "Notification", Message: JSON.stringify(message) }) };
}

async function invoke(handler, records) {
  const printed = [];
  const log = console.log;
  console.log = (line) => printed.push(line);
  try {
    const answer = await handler({ Records: records }, context);
    return { answer, logged: printed.map((line) => JSON.parse(line)) };
  } finally {
    console.log = log;
  }
}

test("a batch is taken whole and its messages are logged once", async () => {
  const { answer, logged } = await invoke(newEnvironment(), [record({ run: "a" }), record({ run: "b" })]);
  assert.deepEqual(answer, { received: 2 });
  assert.equal(logged.length, 1);
  assert.deepEqual(logged[0].messages, [{ run: "a" }, { run: "b" }]);
  assert.equal(logged[0]["x-loadgen-request-id"], context.awsRequestId);
});

test("only the first invocation of an environment is cold", async () => {
  const handler = newEnvironment();
  const first = (await invoke(handler, [record({})])).logged[0];
  const second = (await invoke(handler, [record({})])).logged[0];
  const other = (await invoke(newEnvironment(), [record({})])).logged[0];
  assert.equal(first["x-loadgen-cold-start"], "true");
  assert.equal(second["x-loadgen-cold-start"], "false");
  assert.equal(other["x-loadgen-cold-start"], "true");
  assert.equal(first["x-loadgen-environment-id"], second["x-loadgen-environment-id"]);
  assert.notEqual(first["x-loadgen-environment-id"], other["x-loadgen-environment-id"]);
});

test("an environment that waited over ten seconds for its first batch is not cold", async (t) => {
  for (const [age, cold] of [[9_900, "true"], [10_500, "false"]]) {
    const now = Date.now();
    const clock = t.mock.method(Date, "now", () => now);
    const handler = newEnvironment();
    clock.mock.mockImplementation(() => now + age);
    const { logged } = await invoke(handler, [record({})]);
    clock.mock.restore();
    assert.equal(logged[0]["x-loadgen-cold-start"], cold);
    assert.equal(logged[0]["x-loadgen-init-age-ms"], String(age));
  }
});

test("a message that is no JSON fails the batch, so that Lambda tries it again", async () => {
  await assert.rejects(invoke(newEnvironment(), [{ body: "{}" }]));
});
