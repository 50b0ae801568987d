// Takes the pictures that the guide and the READMEs show of the pages, of the HTML report and of the guide,
// light and dark, in both languages, into the guide's folder of images, where `webp` makes WebP of them:
// `report-light.webp` for the English pages and `report-light.ko.webp` for the Korean ones. ONLY="report trace-map" takes these alone.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { addresses, breakAndRestore, loadgen, looks, needBrowser, openBrowser, serveGuide, startSandbox } from "./support.mjs";

needBrowser();
const images = path.resolve(import.meta.dirname, "../../book/images");
await mkdir(images, { recursive: true });
const only = process.env.ONLY?.split(/[ ,]+/);
const book = path.resolve(images, "..");
const sources = ["../README.md", "../README.ko.md"];
for (const lang of ["en/src", "ko/src"]) {
  for (const file of await readdir(path.join(book, lang))) if (file.endsWith(".md")) sources.push(`${lang}/${file}`);
}
const shown = (await Promise.all(sources.map((file) => readFile(path.join(book, file), "utf8")))).join("\n");
const folder = await mkdtemp(path.join(tmpdir(), "loadgen-pictures-"));
const sandbox = await startSandbox();
const guide = await serveGuide();
const browser = await openBrowser();
try {
  const shot = async (page, name) => {
    if (only && !only.includes(name.replace(/-(light|dark)(\.ko)?$/, ""))) return;
    if (!shown.includes(`images/${name}.webp`)) return;
    const file = path.join(images, `${name}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(process.cwd(), file));
  };
  const finder = await browser.newPage();
  await sandbox.run("cold-start", "--no-verify");
  await sandbox.run("errors", "--no-verify");
  await breakAndRestore(sandbox);
  // Of the run in the terminal's picture.
  const say = (...words) => promisify(execFile)(loadgen, words);
  await say("run", "spike", "--quiet", "--out", path.join(folder, "spike"));
  const report = (lang) => path.join(folder, `${lang}.html`);
  for (const lang of ["en", "ko"])
    await say("report", path.join(folder, "spike"), "--format", "html", "--out", report(lang), "--lang", lang);
  // The pages sum up what they were told: let the last spans arrive.
  await finder.waitForTimeout(1_500);
  const pages = await addresses(finder, sandbox.base);
  for (const { end, ...look } of looks) {
    const lang = look.locale.slice(0, 2);
    const context = await browser.newContext({ ...look, viewport: { width: 1360, height: 880 } });
    const page = await context.newPage();
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(sandbox.base + address);
      await shot(page, `${name}${end}`);
    }
    await page.goto(pathToFileURL(report(lang)).href);
    await shot(page, `report${end}`);
    await page.goto(`${guide}/${lang}/first-cold-start.html#run`);
    await shot(page, `guide${end}`);
    await context.close();
    // The three clicks, as small as a telephone's screen so that they stand in a row.
    const small = await browser.newContext({ ...look, viewport: { width: 420, height: 420 }, deviceScaleFactor: 2 });
    const clicks = await small.newPage();
    await clicks.goto(`${sandbox.base}/functions`);
    for (const [place, link] of [
      clicks.locator(".findings a[href*='insight=high_errors']"),
      clicks.getByRole("link", { name: "Open Trace" }),
      clicks.locator("#span").getByRole("link", { name: "Logs", exact: true }),
    ].entries()) {
      await link.first().waitFor();
      await link.first().evaluate((one) => {
        one.style.outline = "3px solid var(--warm)";
        one.style.outlineOffset = "3px";
        scrollTo(0, one.getBoundingClientRect().top + scrollY - 170);
      });
      await shot(clicks, `click-${place + 1}${end}`);
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
