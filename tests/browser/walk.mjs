// Walks the pages as a reader would: from before any data, through a run that fills an open page,
// from the Insight to the line that raised, with the pointer and with the keyboard alone, on three
// widths, light and dark, in both languages. What is asserted is what is seen.
import assert from "node:assert/strict";
import {
  CONSUMER,
  ENTRY,
  breakAndRestore,
  needBrowser,
  openBrowser,
  sendTrace,
  startSandbox,
  watching,
} from "./support.mjs";

needBrowser();
const sandbox = await startSandbox();
const browser = await openBrowser();
const complaints = [];
const open = watching(browser, complaints);

async function step(name, act) {
  const begun = performance.now();
  const said = await act();
  console.log(`ok  ${name} (${said ?? `${Math.round(performance.now() - begun)} ms`})`);
}

const visible = (locator) => locator.first().waitFor({ state: "visible", timeout: 15_000 });
const scrolled = (page) => page.evaluate(() => scrollY);

/** Follows a link as a hand does: by the pointer, or by the Tab key until it has the focus. */
async function follow(by, page, link) {
  await visible(link);
  if (by === "pointer") return link.first().click();
  const wanted = await link.first().elementHandle();
  for (let tabs = 0; tabs < 200; tabs += 1) {
    if (await wanted.evaluate((one) => one === document.activeElement)) {
      await page.keyboard.press("Enter");
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`the Tab key does not reach ${link}`);
}

const words = {
  en: { view: "Serverless View", errors: "High errors", logs: "Logs", cond: "Condition" },
  ko: { view: "서버리스 보기 화면", errors: "높은 오류율", logs: "Logs", cond: "조건" },
};

/** From an Insight to the line of the log and back, in three clicks. */
async function threeClicks({ by, width, colorScheme, lang }) {
  const page = await open({ colorScheme, viewport: { width, height: 900 } });
  const { view, errors, logs, cond } = words[lang];
  const start = `${sandbox.base}/functions?lang=${lang}&range=1h&sort=errors&dir=desc`;
  await page.goto(start);
  const badge = page.getByRole("row", { name: new RegExp(ENTRY) }).getByRole("link", { name: errors });
  await badge.scrollIntoViewIfNeeded();
  const before = await scrolled(page);
  const begun = performance.now();
  await follow(by, page, badge);
  const told = page.getByRole("region", { name: errors });
  await visible(told.getByText(cond));
  assert.equal(await page.locator("svg line.limit").count(), 1);
  assert.equal(await page.locator("td .mark-met").count(), 0, "only what failed is listed");
  await follow(by, page, page.getByRole("link", { name: "Open Trace" }));
  await visible(page.locator("pre mark"));
  assert.match(await page.locator("pre mark").innerText(), /raise Exception\('Throw an error\.'\)/);
  await follow(by, page, page.locator("#span").getByRole("link", { name: logs, exact: true }));
  await visible(page.getByText("[ERROR] Exception"));
  const took = performance.now() - begun;
  for (let n = 0; n < 3; n += 1) await page.goBack();
  await visible(page.getByRole("heading", { level: 1, name: view }));
  assert.equal(page.url(), start, "Back restores range and order");
  if (by === "pointer") {
    await page.waitForFunction((y) => Math.abs(scrollY - y) < 2, before);
  }
  await page.context().close();
  return `${Math.round(took)} ms`;
}

/** Drags over an area from one share of its width to another. */
async function drag(page, area, from, to) {
  await area.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await area.boundingBox();
  const middle = y + Math.min(height / 2, 60);
  await page.mouse.move(x + width * from, middle);
  await page.mouse.down();
  await page.mouse.move(x + width * to, middle, { steps: 4 });
  await page.mouse.up();
}

/** Opens a trace that was just sent: the store takes a moment. */
async function stored(page, address) {
  while (!(await fetch(address)).ok) await page.waitForTimeout(100);
  await page.goto(address);
}

/** Milliseconds from an input to the frame that shows what it changed, by the browser's own trace. */
async function traced(page, act, changed) {
  await browser.startTracing(page, { categories: ["devtools.timeline", "disabled-by-default-devtools.timeline.frame", "blink.user_timing"] });
  await act();
  await changed();
  // The mark stands when the change is in the document: the frame that shows it comes next.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const input = traceEvents.find(({ name, args }) => name === "EventDispatch" && args?.data?.type === "keydown");
  const drawn = traceEvents.find(({ name }) => name === "zoom-drawn");
  const frame = traceEvents.filter(({ name, ts }) => name === "Commit" && ts > drawn.ts).sort((a, b) => a.ts - b.ts)[0];
  return (frame.ts + (frame.dur ?? 0) - input.ts) / 1_000;
}

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

  for (const width of [1440, 1024, 390])
    for (const colorScheme of ["light", "dark"])
      for (const lang of ["en", "ko"])
        for (const by of ["pointer", "keyboard"])
          await step(`three clicks from an Insight to its line: ${width} px, ${colorScheme}, ${lang}, ${by}`, () =>
            threeClicks({ by, width, colorScheme, lang }),
          );

  await step("function details: a line at the pointer through all charts, and the failed invocations", async () => {
    await page.goto(`${sandbox.base}/functions`);
    await page.getByRole("rowheader", { name: ENTRY }).getByRole("link").click();
    await visible(page.getByRole("heading", { level: 1, name: ENTRY }));
    for (const graph of ["Invocations", "Errors", "Duration"])
      await visible(page.getByRole("img", { name: new RegExp(`^${graph}:`) }));
    await page.getByRole("img", { name: /^Invocations:/ }).hover();
    const lines = page.locator("line.cross");
    assert.equal(await lines.count(), 3, "a line through all charts");
    const places = await lines.evaluateAll((all) => all.map((line) => line.getAttribute("x1")));
    assert.equal(new Set(places).size, 1, "at the same time in each");
    assert.match(await page.locator("text.cross").first().textContent(), /^\d\d:\d\d:\d\d$/);
    assert.equal(await page.locator("svg line.run").count(), 3, "where the run began");
    await page.getByRole("link", { name: "Errors only" }).click();
    await visible(page.getByText("builtins.Exception"));
    assert.equal(await page.getByRole("cell", { name: "ok", exact: true }).count(), 0);
  });

  await step("dragging over a chart selects its time range, and Back gives the old one back", async () => {
    await page.goto(`${sandbox.base}/functions/${ENTRY}`);
    const chart = page.getByRole("img", { name: /^Invocations:/ });
    const { from, length } = await page.locator("[data-length]").first().evaluate((one) => ({ ...one.dataset }));
    await drag(page, chart, 0.3, 0.6);
    await page.waitForURL(/start=\d+/);
    const asked = new URL(page.url()).searchParams;
    const share = (name) => (Number(asked.get(name)) - Number(from)) / Number(length);
    assert.ok(Math.abs(share("start") - 0.3) < 0.02 && Math.abs(share("end") - 0.6) < 0.02, `${page.url()}`);
    await visible(page.locator("summary", { hasText: /\d\d:\d\d:\d\d – / }));
    await page.goBack();
    await visible(page.locator("summary", { hasText: "This run" }));
    // Without a pointer the same range is typed.
    await page.locator("summary", { hasText: "This run" }).press("Enter");
    await visible(page.getByLabel("From (UTC)"));
    await page.keyboard.press("Escape");
  });

  await step("a bar of the flame graph shows its span beside it, without a jump; zoom and back", async () => {
    await page.goto(`${sandbox.base}/functions/${ENTRY}?status=error`);
    await page.getByRole("link", { name: "Open Trace" }).first().click();
    await visible(page.locator("svg.flame .failed"));
    assert.match(await page.getByLabel("Request payload").innerText(), /"httpMethod": "GET"/);
    const bars = page.locator("svg.flame a");
    await bars.first().hover();
    assert.match(await page.locator(".pointed").innerText(), /GET \/ · .*s \(100 %\)/);
    const before = await scrolled(page);
    await bars.first().click();
    await page.waitForURL(/spanID=\d+/);
    await visible(page.getByRole("heading", { level: 2, name: /GET/ }));
    assert.equal(await scrolled(page), before);
    const box = async (what) => page.locator(what).boundingBox();
    const [flame, span] = [await box("svg.flame"), await box("#span")];
    assert.ok(span.x >= flame.x + flame.width, "the details stand beside the graph");
    await page.keyboard.press("+");
    await page.waitForURL(/window=/);
    await visible(page.locator("svg.minimap"));
    await page.getByRole("link", { name: "Back to the full trace" }).click();
    await page.waitForURL((url) => !url.searchParams.has("window"));
    await page.locator("svg.minimap").waitFor({ state: "detached" });
    await drag(page, page.locator("svg.flame"), 0.3, 0.6);
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
  });

  for (const width of [1440, 390])
    for (const by of ["pointer", "keyboard"])
      await step(`logs: counted, narrowed, and a line opened beside the list and closed: ${width} px, ${by}`, async () => {
        const one = await open({ viewport: { width, height: 900 } });
        await one.goto(`${sandbox.base}/logs?range=1h`);
        await visible(one.getByRole("img", { name: /^Lines over time: / }));
        if (width < 900) {
          if (by === "pointer") await one.getByText("Filters").click();
          else await one.getByLabel("Filters").press("Space");
        }
        const facet = one.locator(".facets a", { hasText: "error" });
        const counted = (await facet.locator(".quiet").innerText()).trim();
        await follow(by, one, facet);
        await visible(one.getByRole("img", { name: `Lines over time: ${counted} lines` }));
        assert.equal(await one.locator("a.line").count(), Number(counted));
        const first = one.locator("a.line").first();
        const before = await scrolled(one);
        await follow(by, one, first);
        const panel = one.locator("#event");
        await visible(panel.getByRole("heading", { name: "Attributes" }));
        if (by === "pointer") assert.equal(await scrolled(one), before, "nothing jumps");
        assert.ok(await panel.evaluate((it) => it === document.activeElement), "who opens a line reads it next");
        const { y, height } = await panel.boundingBox();
        assert.ok(y >= 0 && Math.min(y + height, 900) - y > 250, "the panel is on the screen");
        await one.keyboard.press("Escape");
        await panel.waitFor({ state: "detached" });
        assert.ok(await first.evaluate((it) => it === document.activeElement), "and comes back to it");
        await follow(by, one, first);
        await follow(by, one, panel.getByRole("link", { name: "Open Trace" }));
        await visible(one.locator("pre mark"));
        await one.context().close();
      });

  await step("a trace of 2,000 spans is zoomed within 100 ms", async () => {
    const short = Array.from({ length: 1_999 }, (_, n) => [1, Math.floor(n / 20), 0.9]);
    const address = await sendTrace(sandbox.base, 4_242, [[0, 0, 100], ...short]);
    await stored(page, address);
    await visible(page.locator("svg.flame .many"));
    const times = [];
    for (let n = 1; n <= 5; n += 1)
      times.push(
        await traced(
          page,
          async () => {
            await page.evaluate(() => {
              const flame = document.querySelector("svg.flame");
              const seen = new MutationObserver(() => (performance.mark("zoom-drawn"), seen.disconnect()));
              seen.observe(flame, { attributes: true, childList: true, subtree: true });
            });
            await page.keyboard.press("+");
          },
          () => page.waitForFunction((n) => document.querySelector("svg.flame").dataset.length < 1e8 / 2 ** n * 1.01, n),
        ),
      );
    times.sort((a, b) => a - b);
    assert.ok(times[2] < 100, `the median of ${times.map(Math.round)} ms`);
    return `${times.map(Math.round).join(", ")} ms from the key to the frame`;
  });

  await step("deep rows of a trace are loaded when asked for, and without a jump", async () => {
    const calls = Array.from({ length: 100 }, (_, n) => [n, n, 200 - n * 2]);
    await stored(page, await sendTrace(sandbox.base, 4_343, calls));
    await page.getByRole("link", { name: /^Rows 41 to 80: 40 spans/ }).click();
    await visible(page.getByRole("link", { name: /step 79/ }));
    await page.getByRole("link", { name: /^Rows 81 to 120: 20 spans/ }).click();
    await visible(page.getByRole("link", { name: /step 99/ }));
    await page.goBack();
    await visible(page.getByRole("link", { name: /step 79/ }));
  });

  await step("break and restore are marked as deployments", async () => {
    await page.goto(`${sandbox.base}/functions/${ENTRY}?tab=deployments`);
    assert.equal(await page.getByText("UpdateFunctionCode").filter({ visible: true }).count(), 2);
    assert.ok((await page.locator("svg line.event").count()) >= 2);
  });

  await step("the language goes along, by letters that need no font", async () => {
    await page.goto(`${sandbox.base}/functions`);
    const other = page.getByRole("link", { name: "한국어" });
    assert.equal(await other.locator("svg.korean path").count(), 1);
    await other.click();
    await visible(page.getByRole("heading", { level: 1, name: "서버리스 보기 화면" }));
    await page.getByRole("rowheader", { name: ENTRY }).getByRole("link").click();
    assert.equal(await page.locator("html").getAttribute("lang"), "ko");
    await visible(page.getByRole("link", { name: "Open Trace" }));
  });

  await step("everything but pointing works without the script", async () => {
    const plain = await open({ javaScriptEnabled: false });
    await plain.goto(`${sandbox.base}/functions`);
    await plain.getByRole("link", { name: "High errors" }).first().click();
    await plain.getByRole("link", { name: "Open Trace" }).first().click();
    await plain.locator("svg.flame a").first().click();
    await visible(plain.getByRole("heading", { level: 2, name: /GET/ }));
    await plain.getByRole("link", { name: "Zoom in" }).click();
    await visible(plain.locator("svg.minimap"));
    await plain.locator("#span").getByRole("link", { name: "Logs", exact: true }).click();
    await plain.locator("a.line").first().click();
    await visible(plain.locator("#event").getByRole("heading", { name: "Attributes" }));
    await plain.locator("#event").getByRole("link", { name: "Close" }).click();
    await plain.locator("#event").waitFor({ state: "detached" });
    await plain.context().close();
  });

  assert.deepEqual(complaints, [], "nothing is complained about");
  console.log("The walk is whole.");
} finally {
  await browser.close();
  await sandbox.stop();
}
