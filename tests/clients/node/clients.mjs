// Datadog's own JavaScript clients and OpenTelemetry's exporter against `loadgen sandbox`: what they
// send is counted against what the API answers, in their own models. Run by tests/clients/node.py.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { client, v1, v2 } from "@datadog/datadog-api-client";

const API_KEY = "0123456789abcdef0123456789abcdef";
const APPLICATION_KEY = "0123456789abcdef0123456789abcdef01234567";
const COUNT = 20;
const base = process.env.DATADOG_URL;

const configuration = client.createConfiguration({
  baseServer: new client.BaseServerConfiguration(base, {}),
  authMethods: { apiKeyAuth: API_KEY, appKeyAuth: APPLICATION_KEY },
});
const now = () => Math.floor(Date.now() / 1000);
const failed = [];
async function test(what, body) {
  try {
    await body();
    console.log(`ok    ${what}`);
  } catch (error) {
    failed.push(what);
    console.log(`FAILED ${what}: ${error.stack}`);
  }
}

async function summed(query) {
  const api = new v1.MetricsApi(configuration);
  const answer = await api.queryMetrics({ from: now() - 600, to: now() + 60, query });
  const points = (answer.series ?? []).flatMap((series) => series.pointlist ?? []);
  return points.reduce((sum, [, value]) => sum + (value ?? 0), 0);
}

await test("datadog-api-client: a key validates", async () => {
  const answer = await new v1.AuthenticationApi(configuration).validate();
  assert.equal(answer.valid, true);
});

await test("datadog-api-client: distributions and series arrive", async () => {
  const values = Array.from({ length: COUNT }, () => 2);
  await new v1.MetricsApi(configuration).submitDistributionPoints({
    body: { series: [{ metric: "js.took", points: [[now() - 60, values]], tags: ["env:js"] }] },
  });
  await new v2.MetricsApi(configuration).submitMetrics({
    body: { series: [{ metric: "js.orders", type: 1, points: [{ timestamp: now() - 60, value: COUNT }] }] },
  });
  assert.equal(await summed("count:js.took{env:js}.as_count()"), COUNT);
  assert.equal(await summed("sum:js.orders{*}.as_count()"), COUNT);
});

await test("datadog-api-client: logs arrive and are found", async () => {
  const api = new v2.LogsApi(configuration);
  const body = Array.from({ length: COUNT }, (_, place) => ({ message: `order ${place}`, service: "js", ddsource: "nodejs" }));
  await api.submitLog({ body, contentEncoding: "gzip" });
  const filter = { query: "service:js", from: "now-15m", to: "now" };
  const found = await api.listLogs({ body: { filter, page: { limit: 100 } } });
  assert.equal(found.data?.length, COUNT);
});

await test("datadog-api-client: a monitor lives and is deleted", async () => {
  const api = new v1.MonitorsApi(configuration);
  const body = { name: "js", type: "query alert", query: "sum(last_5m):sum:js.orders{*}.as_count() > 5" };
  await api.validateMonitor({ body });
  const made = await api.createMonitor({ body });
  const read = await api.getMonitor({ monitorId: made.id, groupStates: "all" });
  assert.deepEqual([read.name, read.type], ["js", "query alert"]);
  assert.equal((await api.listMonitors({ name: "js" })).length, 1);
  assert.equal((await api.deleteMonitor({ monitorId: made.id })).deletedMonitorId, made.id);
});

await test("datadog-api-client: an event is posted and listed", async () => {
  const api = new v1.EventsApi(configuration);
  await api.createEvent({ body: { title: "deployed", text: "v2", tags: ["service:js"] } });
  const found = await api.listEvents({ start: now() - 600, end: now() + 60 });
  assert.equal(found.events?.filter((event) => event.title === "deployed").length, 1);
});

await test("OpenTelemetry's exporter (JSON): every span arrives and is found", async () => {
  const [{ OTLPTraceExporter }, trace, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${base}/v1/traces` });
  const provider = new trace.BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "js-otel" }),
    spanProcessors: [new trace.SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("loadgen");
  for (let place = 0; place < COUNT; place++) tracer.startSpan(`work ${place}`).end();
  await provider.forceFlush();
  await provider.shutdown();
  const api = new v2.SpansApi(configuration);
  const found = await api.listSpansGet({ filterQuery: "service:js-otel", pageLimit: 100 });
  assert.equal(found.data?.length, COUNT);
});

await test("datadog-lambda-js: its lines become metrics of the function", async () => {
  const handler = `
    const { datadog } = require("datadog-lambda-js");
    const handler = datadog(async () => ({ statusCode: 200 }), { logForwarding: true, enhancedMetrics: true });
    const context = (place) => ({ awsRequestId: "r-" + place, functionName: "js-fn", functionVersion: "$LATEST",
      memoryLimitInMB: "512", getRemainingTimeInMillis: () => 3000,
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:js-fn" });
    (async () => { for (let i = 0; i < ${COUNT}; i++) await handler({}, context(i)); process.exit(0); })();`;
  const environment = {
    ...process.env, DD_FLUSH_TO_LOG: "true", DD_TRACE_ENABLED: "false", DD_API_KEY: API_KEY,
    AWS_LAMBDA_FUNCTION_NAME: "js-fn", AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
  };
  const ran = spawnSync(process.execPath, ["-e", handler], { env: environment, cwd: process.cwd() });
  const lines = ran.stdout.toString().split("\n").filter((line) => line.startsWith("{\"e\"") || line.includes("\"m\":"));
  assert.ok(lines.length >= COUNT, `${ran.stdout}${ran.stderr}`);
  const sent = await fetch(`${base}/api/v2/logs`, {
    method: "POST", body: lines.join("\n"), headers: { "dd-api-key": API_KEY, "content-type": "text/plain" },
  });
  assert.equal(sent.status, 202);
  assert.equal(await summed("sum:aws.lambda.enhanced.invocations{functionname:js-fn}.as_count()"), COUNT);
});

process.exit(failed.length === 0 ? 0 : 1);
