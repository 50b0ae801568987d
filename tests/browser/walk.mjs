// Walks the pages as a reader would: from before any data, through a run that fills an open page,
// from the Insight to the line that raised. What is asserted is what is seen.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import {
  CONSUMER,
  ENTRY,
  addresses,
  breakAndRestore,
  needBrowser,
  openBrowser,
  startSandbox,
} from "./support.mjs";

needBrowser();
// Evaluated by the debugger, which the page's own policy does not bind.
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sandbox = await startSandbox();
const browser = await openBrowser();
const complaints = [];

/** A page whose console errors and foreign requests are complaints. */
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).hostname !== "127.0.0.1") complaints.push(`request to ${request.url()}`);
  });
  return page;
}

async function step(name, act) {
  const begun = performance.now();
  await act();
  console.log(`ok  ${name} (${Math.round(performance.now() - begun)} ms)`);
}

const visible = (locator) => locator.first().waitFor({ state: "visible", timeout: 15_000 });

try {
  const page = await open();

  await step("before any data the page says what to type", async () => {
    await page.goto(`${sandbox.base}/`);
    await visible(page.getByRole("heading", { name: "No data yet" }));
    // The command fills these pages: it names this sandbox.
    await visible(page.getByText(`loadgen cold-start --url ${sandbox.invoke}`));
  });

  await step("the open page fills by itself while a run is going on", async () => {
    const run = sandbox.run("cold-start", "--no-verify");
    await visible(page.getByRole("rowheader", { name: ENTRY }));
    assert.equal(await run, 0);
    await visible(page.getByRole("row", { name: new RegExp(`${CONSUMER}.*Cold starts`) }));
  });

  await sandbox.run("errors", "--no-verify");
  await breakAndRestore(sandbox);

  for (const by of ["pointer", "keyboard"]) {
    await step(`three clicks from an Insight to its line, by ${by}`, async () => {
      const follow = async (link) => {
        if (by === "pointer") return link.click();
        await link.focus();
        await page.keyboard.press("Enter");
      };
      await page.goto(`${sandbox.base}/functions`);
      const entry = page.getByRole("row", { name: new RegExp(ENTRY) });
      await follow(entry.getByRole("link", { name: "High errors" }).first());
      const told = page.getByRole("region", { name: "High errors" });
      await visible(told);
      assert.match(await told.innerText(), /Condition\s+more than 10 %[\s\S]*Measured[\s\S]*What to do/);
      assert.equal(await page.locator("svg line.limit").count(), 1);
      assert.equal(await page.getByRole("cell", { name: "ok", exact: true }).count(), 0);
      await follow(page.getByRole("link", { name: "Open Trace" }).first());
      await visible(page.locator("pre mark"));
      await follow(page.getByRole("link", { name: "Logs", exact: true }));
      await visible(page.getByText("[ERROR] Exception"));
      for (let n = 0; n < 3; n += 1) await page.goBack();
      await visible(page.getByRole("heading", { level: 1, name: "Serverless View" }));
    });
  }

  await step("function details: graphs, and the failed invocations", async () => {
    await page.getByRole("rowheader", { name: ENTRY }).getByRole("link").click();
    await visible(page.getByRole("heading", { level: 1, name: ENTRY }));
    for (const graph of ["Invocations", "Errors", "Duration"])
      await visible(page.getByRole("img", { name: new RegExp(`^${graph}:`) }));
    await page.getByRole("img", { name: /^Invocations:/ }).hover();
    assert.equal(await page.locator("line.cross").count(), 3, "a line through all charts");
    await page.getByRole("link", { name: "Errors only" }).click();
    await visible(page.getByText("builtins.Exception"));
    assert.equal(await page.getByRole("cell", { name: "ok", exact: true }).count(), 0);
  });

  await step("Open Trace leads to the line that raised, and to the payloads", async () => {
    await page.getByRole("link", { name: "Open Trace" }).first().click();
    await visible(page.locator("svg.flame .failed"));
    const raised = await page.locator("pre mark").innerText();
    assert.match(raised, /File "\/var\/task\/.*", line \d+, in \w+\s+raise Exception\('Throw an error\.'\)/);
    await visible(page.getByRole("heading", { name: "Request payload" }));
    assert.match(await page.getByLabel("Request payload").innerText(), /"httpMethod": "GET"/);
  });

  await step("a bar of the flame graph shows its span beside it, without a jump; zoom and back", async () => {
    const bars = page.locator("svg.flame a");
    await bars.first().hover();
    assert.match(await page.locator(".pointed").innerText(), /GET \/ · .*s \(100 %\)/);
    const scrolled = () => page.evaluate(() => scrollY);
    const before = await scrolled();
    await bars.first().click();
    await page.waitForURL(/spanID=\d+/);
    await visible(page.getByRole("heading", { level: 2, name: /GET/ }));
    assert.equal(await scrolled(), before);
    const box = async (what) => page.locator(what).boundingBox();
    const [flame, span] = [await box("svg.flame"), await box("#span")];
    assert.ok(span.x >= flame.x + flame.width, "the details stand beside the graph");
    await page.keyboard.press("+");
    await page.waitForURL(/window=/);
    await visible(page.locator("svg.minimap"));
    await page.getByRole("link", { name: "Back to the whole trace" }).click();
    await page.waitForURL((url) => !url.searchParams.has("window"));
    await page.mouse.move(flame.x + flame.width * 0.3, flame.y + 40);
    await page.mouse.down();
    await page.mouse.move(flame.x + flame.width * 0.6, flame.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/window=/);
    await page.goBack();
    await page.waitForURL((url) => !url.searchParams.has("window"));
  });

  await step("from a cold trace to the trace map and the logs", async () => {
    await page.goto(`${sandbox.base}/functions/${CONSUMER}?start_kind=cold&range=1h`);
    await page.getByRole("link", { name: "Open Trace" }).last().click();
    for (const part of ["GET /", `aws.lambda.load ${ENTRY}`, "aws.sns", "datadog-sample-sqs-queue", CONSUMER])
      await visible(page.locator("svg.flame text", { hasText: part }));
    await page.getByRole("link", { name: "Trace Map" }).click();
    await visible(page.locator("svg.map text", { hasText: "aws.sns" }));
    await visible(page.locator("svg.map text", { hasText: "datadog-sample-sqs-consumer-function" }));
    await page.getByRole("link", { name: "Logs", exact: true }).click();
    await visible(page.getByText("REPORT RequestId"));
    await page.locator("a.line").first().click();
    await visible(page.locator("#event").getByRole("link", { name: "Open Trace" }));
    await visible(page.getByRole("heading", { name: "Attributes" }));
  });

  await step("break and restore are marked as deployments", async () => {
    await page.goto(`${sandbox.base}/functions/${ENTRY}?tab=deployments`);
    assert.equal(await page.getByText("UpdateFunctionCode").filter({ visible: true }).count(), 2);
    assert.ok((await page.locator("svg line.event").count()) >= 2);
  });

  await step("the language goes along", async () => {
    await page.goto(`${sandbox.base}/functions`);
    await page.getByRole("link", { name: "한국어" }).click();
    await visible(page.getByRole("heading", { level: 1, name: "서버리스 보기 화면" }));
    await page.getByRole("rowheader", { name: ENTRY }).getByRole("link").click();
    assert.equal(await page.locator("html").getAttribute("lang"), "ko");
    await visible(page.getByRole("link", { name: "Open Trace" }));
  });

  const pages = await addresses(page, sandbox.base);
  for (const [name, address] of Object.entries(pages)) {
    await step(`${name}: accessible in light and dark, whole at 360 px and 1600 px`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const one = await open({ colorScheme });
        await one.goto(sandbox.base + address);
        await one.evaluate(axe);
        const { violations } = await one.evaluate(() => globalThis.axe.run());
        for (const { id, impact, nodes } of violations)
          if (["serious", "critical"].includes(impact))
            complaints.push(`${name}, ${colorScheme}: axe ${id} (${impact}) ${nodes[0].html.slice(0, 160)}`);
        for (const width of [360, 1600]) {
          await one.setViewportSize({ width, height: 900 });
          const needed = await one.evaluate(() => document.documentElement.scrollWidth);
          if (needed > width) complaints.push(`${name} needs ${needed} px where there are ${width}`);
        }
        await one.context().close();
      }
    });
  }
  assert.deepEqual(complaints, [], "nothing is complained about");
  console.log("The walk is whole.");
} finally {
  await browser.close();
  await sandbox.stop();
}
