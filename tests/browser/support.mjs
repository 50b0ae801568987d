// A sandbox of its own, the runs that fill it, and a headless Chromium: what the walk and the
// screenshots share.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const ENTRY = "datadog-sample-entry-function";
export const CONSUMER = "datadog-sample-sqs-consumer-function";

export const top = path.resolve(import.meta.dirname, "../..");
export const loadgen = process.env.LOADGEN_BIN ?? path.join(top, "target/debug/loadgen");
const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROMIUM ?? browsers.find((file) => existsSync(file));

/** Ends with a loud word where there is no browser: a test that did not run is no test passed. */
export function needBrowser() {
  if (executablePath) return;
  console.error("SKIPPED: no Chromium here. `apt-get install chromium` brings it, or set CHROMIUM.");
  process.exit(0);
}

/** Starts `loadgen guide`; `${guide}` is its address, `stop` ends it. */
export async function serveGuide() {
  const server = spawn(loadgen, ["guide", "--port", "0", "--quiet"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: server.stdout });
  const address = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`loadgen guide ended with ${code}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  };
  return { toString: () => new URL(address).origin, stop };
}

/** Starts `loadgen sandbox`; `stop` ends it and removes what it kept. */
export async function startSandbox() {
  const folder = await mkdtemp(path.join(tmpdir(), "loadgen-browser-"));
  const server = spawn(loadgen, ["sandbox", "--port", "0", "--json", "--seed", "7"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: server.stdout });
  const first = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`loadgen sandbox ended with ${code}`)));
  });
  const { invoke_url: invoke, datadog_url: base } = JSON.parse(first);
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true });
  };
  const run = (...words) =>
    new Promise((resolve, reject) => {
      const command = [...words, "--url", invoke, "--runs", path.join(folder, "runs"), "--quiet"];
      const child = spawn(loadgen, command, { stdio: ["ignore", "ignore", "inherit"] });
      child.once("error", reject);
      child.once("exit", resolve);
    });
  const control = async (what) => {
    const answer = await fetch(`${base}/_sandbox/${what}`, { method: "POST" });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  };
  return { base, invoke, run, control, stop };
}

/** Breaks the entry function as the guide does, sends five requests into it, and restores it. */
export async function breakAndRestore({ invoke, control }) {
  await control("break");
  for (let n = 0; n < 5; n += 1) await fetch(invoke);
  await control("restore");
}

/** How a picture may look, and how its name then ends. */
export const looks = ["light", "dark"].flatMap((colorScheme) => [
  { colorScheme, locale: "en-US", end: `-${colorScheme}` },
  { colorScheme, locale: "ko-KR", end: `-${colorScheme}.ko` },
]);

export function openBrowser() {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens pages whose console errors and requests to other places are complaints. */
export function watching(browser, complaints) {
  return async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`console: ${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`script: ${page.url()}: ${error.message}`));
    page.on("request", (request) => {
      if (new URL(request.url()).hostname !== "127.0.0.1") complaints.push(`request to ${request.url()}`);
    });
    return page;
  };
}

/** A value as MessagePack has it; integers as 64 bits. */
function packed(value) {
  const head = (kind, bytes, n) => {
    const made = Buffer.alloc(1 + bytes);
    made[0] = kind;
    if (bytes === 8) made.writeBigInt64BE(BigInt(n), 1);
    else made.writeUInt32BE(n, 1);
    return made;
  };
  if (typeof value === "string") {
    const text = Buffer.from(value);
    return Buffer.concat([head(0xdb, 4, text.length), text]);
  }
  if (Array.isArray(value)) return Buffer.concat([head(0xdd, 4, value.length), ...value.map(packed)]);
  if (typeof value === "object") {
    const pairs = Object.entries(value);
    return Buffer.concat([head(0xdf, 4, pairs.length), ...pairs.flat().map(packed)]);
  }
  return head(0xd3, 8, value);
}

/** Sends a trace as a tracer does; of each span `shape` says parent, begin and length in milliseconds. */
export async function sendTrace(base, id, shape) {
  const start = BigInt(Date.now()) * 1_000_000n;
  const spans = shape.map(([parent, begin, ms], place) => ({
    trace_id: id,
    span_id: place + 1,
    parent_id: parent,
    name: place === 0 ? "aws.lambda" : "work",
    service: `service-${place % 7}`,
    resource: place === 0 ? ENTRY : `step ${place}`,
    type: place === 0 ? "serverless" : "custom",
    start: start + BigInt(Math.round(begin * 1e6)),
    duration: Math.round(ms * 1e6),
    error: place % 500 === 499 ? 1 : 0,
    meta: place === 0 ? { functionname: ENTRY, request_id: `request-${id}` } : {},
    metrics: {},
  }));
  const headers = { "content-type": "application/msgpack" };
  const answer = await fetch(`${base}/v0.4/traces`, { method: "PUT", body: packed([spans]), headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return `${base}/apm/trace/${id}`;
}

/** The addresses of one page of each kind, found as a reader finds them: by following links. */
export async function addresses(page, base) {
  const details = `/functions/${ENTRY}:ap-northeast-2:123456789012:aws`;
  const traces = async (at) => {
    await page.goto(base + at);
    return page.getByRole("link", { name: "Open Trace" });
  };
  // A warm one: nothing but what failed.
  await page.goto(`${base}${details}?status=error`);
  const warm = page.getByRole("row", { name: /warm/ }).getByRole("link", { name: "Open Trace" });
  const failed = await warm.first().getAttribute("href");
  // What the consumer was given first: a cold trace through all of the app.
  const whole = await traces(`/functions/${CONSUMER}?start_kind=cold&range=1h`);
  const cold = await whole.last().getAttribute("href");
  await page.goto(`${base}/logs?query=status%3Aerror`);
  const line = await page.locator("a.line").first().getAttribute("href");
  return {
    "serverless-view": "/functions",
    "insight": `${details}?insight=high_errors`,
    "function-invocations": details,
    "function-logs": `${details}?tab=logs`,
    "function-metrics": `${details}?tab=metrics`,
    "function-deployments": `${details}?tab=deployments`,
    "trace-cold": cold,
    "trace-failed": failed,
    "trace-map": `${cold}&graphType=service_map`,
    "trace-list": `${cold}&graphType=list`,
    "logs": "/logs",
    "log-explorer": line,
    "enhanced-metrics": "/screen/integration/aws_lambda_enhanced_metrics",
  };
}
