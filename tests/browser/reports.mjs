// Opens HTML reports and comparisons as whoever gets one by mail does: from a file, in both languages, light and
// dark, on a telephone and on a wide screen. Nothing may be asked of any network, nothing may be
// complained about.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { loadgen, needBrowser, openBrowser, top } from "./support.mjs";

needBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = await mkdtemp(path.join(tmpdir(), "loadgen-reports-"));
const say = (...words) => promisify(execFile)(loadgen, words);
const complaints = [];

/** A server that answers nobody from its 60th request on until a second is over. */
async function stalling(act) {
  let answered = 0;
  let open;
  const server = createServer((_, answer) => {
    answered += 1;
    if (answered === 60) open = new Promise((resolve) => setTimeout(resolve, 1_000));
    Promise.resolve(open).then(() => setTimeout(() => answer.end("ok"), 5));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  await act(`http://127.0.0.1:${server.address().port}/`);
  server.closeAllConnections();
  server.close();
}

const place = (name) => path.join(folder, name);
await say("cold-start", "--quiet", "--out", place("cold-start"));
await say("errors", "--quiet", "--out", place("errors"));
await say("run", "throttles", "--quiet", "--out", place("throttles"));
await stalling((url) =>
  say("bench", url, "--rate", "60", "--duration", "4s", "--connections", "4", "--quiet", "--out", place("stall")),
);
const files = [];
for (const name of ["cold-start", "errors", "throttles", "stall"])
  for (const lang of ["en", "ko"]) {
    const file = place(`${name}-${lang}.html`);
    await say("report", place(name), "--format", "html", "--lang", lang, "--out", file);
    files.push(file);
  }
// Two of the same thing, and two that differ in everything, one of them out of its report.
const limits = ["cold.p50 > 10%", "errors.share > 1%", "warm.p99 > 10%"].flatMap((limit) => ["--fail-on", limit]);
for (const [name, ...words] of [
  ["compare-same", place("cold-start"), place("cold-start-ko.html")],
  ["compare-unlike", place("errors-en.html"), place("throttles"), "--anyway", ...limits],
]) {
  const command = ["compare", ...words, "--format", "html"];
  // A limit that is not kept ends with 1, and the page is whole all the same.
  const { stdout } = await say(...command).catch((ended) => ended);
  const file = place(`${name}.html`);
  await writeFile(file, stdout);
  files.push(file);
}
// `cargo test` writes it.
const million = path.join(process.env.CARGO_TARGET_DIR ?? path.join(top, "target"), "tmp/million.html");
if (existsSync(million)) files.push(million);
else console.error(`SKIPPED: no report of a million requests; \`cargo test --test reports\` writes ${million}.`);

const browser = await openBrowser();
try {
  for (const file of files) {
    const name = path.basename(file, ".html");
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1600, height: 900 } });
      const page = await context.newPage();
      page.on("console", (message) => complaints.push(`${name}: ${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => complaints.push(`${name}: script: ${error.message}`));
      page.on("request", (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(`${name} asks for ${request.url()}`);
      });
      await page.goto(pathToFileURL(file).href);
      await page.getByRole("heading", { level: 1 }).waitFor({ state: "visible" });
      const charts = name.startsWith("compare") ? 2 : 4;
      assert.ok((await page.getByRole("img").count()) >= charts, `${name}: the charts are images with a text`);
      // What is folded is looked at too.
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      await page.evaluate(axe);
      const unnamed = await page.evaluate(() => [...document.querySelectorAll("th")].filter((th) => !th.textContent.trim()).length);
      if (unnamed > 0) complaints.push(`${name}: ${unnamed} headings of tables are empty`);
      for (const width of [360, 1600]) {
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const { id, impact, nodes } of violations)
          if (["serious", "critical"].includes(impact))
            complaints.push(`${name}, ${colorScheme}, ${width} px: axe ${id} (${impact}) ${nodes[0].html.slice(0, 160)}`);
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) complaints.push(`${name} needs ${needed} px where there are ${width}`);
        // Of a comparison no column hides beside the screen.
        const hidden = await page.evaluate(
          () => [...document.querySelectorAll(".changes td")].filter((cell) => cell.getBoundingClientRect().right > innerWidth).length,
        );
        if (hidden > 0) complaints.push(`${name}: ${hidden} cells hide at ${width} px`);
      }
      await context.close();
    }
    console.log(`ok  ${name}: ${Math.round((await stat(file)).size / 1000)} KB`);
  }
  assert.deepEqual(complaints, [], "nothing is complained about");
  console.log("The reports are whole.");
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
