// Takes a picture of every page, of the HTML report and of the guide, light and dark, into the guide's
// folder of images. ONLY="report trace-map" takes these alone.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { addresses, breakAndRestore, loadgen, needBrowser, openBrowser, serveGuide, startSandbox } from "./support.mjs";

needBrowser();
const images = path.resolve(import.meta.dirname, "../../book/images");
await mkdir(images, { recursive: true });
const only = process.env.ONLY?.split(/[ ,]+/);
const folder = await mkdtemp(path.join(tmpdir(), "loadgen-pictures-"));
const sandbox = await startSandbox();
const guide = await serveGuide();
const browser = await openBrowser();
try {
  const shot = async (page, name) => {
    if (only && !only.includes(name.replace(/-(light|dark)$/, ""))) return;
    const file = path.join(images, `${name}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(process.cwd(), file));
  };
  const finder = await browser.newPage();
  await finder.goto(`${sandbox.base}/functions`);
  await shot(finder, "no-data-light");
  await sandbox.run("cold-start", "--no-verify");
  await sandbox.run("errors", "--no-verify");
  await breakAndRestore(sandbox);
  // Of the run in the terminal's picture.
  const say = (...words) => promisify(execFile)(loadgen, words);
  await say("run", "spike", "--quiet", "--out", path.join(folder, "spike"));
  const report = path.join(folder, "report.html");
  await say("report", path.join(folder, "spike"), "--format", "html", "--out", report);
  // The pages sum up what they were told: let the last spans arrive.
  await finder.waitForTimeout(1_500);
  const pages = await addresses(finder, sandbox.base);
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1360, height: 880 } });
    const page = await context.newPage();
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(sandbox.base + address);
      await shot(page, `${name}-${colorScheme}`);
    }
    await page.goto(pathToFileURL(report).href);
    await shot(page, `report-${colorScheme}`);
    await page.goto(`${guide}/en/first-cold-start.html#run`);
    await shot(page, `guide-${colorScheme}`);
    await context.close();
    // The three clicks, as small as a telephone's screen so that they stand in a row.
    const small = await browser.newContext({ colorScheme, viewport: { width: 420, height: 420 }, deviceScaleFactor: 2 });
    const clicks = await small.newPage();
    await clicks.goto(`${sandbox.base}/functions`);
    for (const [place, link] of [
      clicks.locator(".findings").getByRole("link", { name: "High errors" }),
      clicks.getByRole("link", { name: "Open Trace" }),
      clicks.locator("#span").getByRole("link", { name: "Logs", exact: true }),
    ].entries()) {
      await link.first().waitFor();
      await link.first().evaluate((one) => {
        one.style.outline = "3px solid var(--warm)";
        one.style.outlineOffset = "3px";
        scrollTo(0, one.getBoundingClientRect().top + scrollY - 170);
      });
      await shot(clicks, `click-${place + 1}-${colorScheme}`);
      await link.first().click();
    }
    await small.close();
  }
} finally {
  await browser.close();
  await sandbox.stop();
  await guide.stop();
  await rm(folder, { recursive: true });
}
