// Both books of the guide as a reader uses them: served by `loadgen guide`, and, where stock mdBook
// has built them into target/guide, opened from the disk.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { needBrowser, openBrowser, serveGuide } from "./support.mjs";

needBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const stock = path.resolve(import.meta.dirname, "../../target/guide");
const guide = await serveGuide();
const browser = await openBrowser();
const complaints = [];

/** A page whose console errors and requests to other places are complaints. */
async function open(options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${page.url()}: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "file:" && hostname !== "127.0.0.1") complaints.push(`request to ${request.url()}`);
  });
  return page;
}

async function step(name, act) {
  const begun = performance.now();
  await act();
  console.log(`ok  ${name} (${Math.round(performance.now() - begun)} ms)`);
}

const box = (page) => page.getByRole("searchbox");
const visible = (locator) => locator.first().waitFor({ state: "visible", timeout: 10_000 });

/** Types `asked` and gives the sections found. */
async function find(page, asked) {
  await box(page).fill(asked);
  await visible(page.locator(".found a mark", { hasText: asked.split(" ")[0] }));
  return page.locator(".found a");
}

try {
  const page = await open();

  for (const [lang, asked] of [["en", "cold start"], ["ko", "콜드 스타트"]]) {
    await step(`${lang}: search finds “${asked}”, and leads to the section`, async () => {
      await page.goto(`${guide}/${lang}/index.html`);
      await page.keyboard.press("/");
      const found = await find(page, asked);
      const title = (await found.first().locator("strong").innerText()).trim();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\.html/);
      await visible(page.locator("article :is(h1, h2, h3)", { hasText: title }));
      const anchor = new URL(page.url()).hash.slice(1);
      if (anchor) assert.equal(await page.locator(`[id="${anchor}"]`).count(), 1, "the section is there");
    });
  }

  await step("search takes Korean with or without spaces, and says when nothing is found", async () => {
    await page.goto(`${guide}/ko/index.html`);
    const apart = await (await find(page, "콜드 스타트")).count();
    await box(page).fill("콜드스타트");
    await page.waitForFunction((count) => document.querySelectorAll(".found a").length === count, apart);
    await box(page).fill("zzzz");
    await visible(page.getByText("zzzz”에 대한 결과가 없습니다"));
  });

  await step("the language switch keeps the page and the place on it", async () => {
    await page.goto(`${guide}/en/commands.html#cold-start`);
    await page.getByRole("link", { name: "한국어" }).click();
    await page.waitForURL(`${guide}/ko/commands.html#cold-start`);
    assert.equal(await page.locator("html").getAttribute("lang"), "ko");
    await page.getByRole("link", { name: "English" }).click();
    await page.waitForURL(`${guide}/en/commands.html#cold-start`);
  });

  await step("a theme that was chosen stays, and pictures follow it", async () => {
    await page.goto(`${guide}/en/index.html`);
    const button = page.getByRole("button", { name: /^Theme/ });
    for (const _ of ["light", "dark"]) await button.click();
    await page.goto(`${guide}/en/commands.html`);
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(paper, "rgb(15, 20, 27)");
    await page.goto(`${guide}/en/serverless-view.html`);
    const shown = await page.locator("article picture img").first().evaluate((image) => image.currentSrc);
    assert.match(shown, /-dark\.webp$/);
    await button.click();
    assert.equal(await page.locator("html").getAttribute("data-theme"), null);
  });

  await step("the copy button copies the command, and what it prints has none", async () => {
    await page.goto(`${guide}/en/first-cold-start.html`);
    const command = page.locator(".typed", { hasText: /^loadgen cold-start/ }).first();
    await command.getByRole("button", { name: "Copy" }).click();
    await visible(command.getByRole("button", { name: "Copied" }));
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "loadgen cold-start");
    assert.equal(await page.locator(".typed .language-text").count(), 0);
  });

  for (const lang of ["en", "ko"]) {
    await page.goto(`${guide}/${lang}/index.html`);
    const links = page.locator(".chapters a");
    const names = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    await step(`${lang}: ${names.length} chapters, accessible in both themes, whole at 360 px and 1600 px`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const one = await open({ colorScheme });
        for (const name of names) {
          await one.goto(`${guide}/${lang}/${name}`);
          await one.evaluate(axe);
          const { violations } = await one.evaluate(() => globalThis.axe.run());
          for (const { id, impact, nodes } of violations)
            if (["serious", "critical"].includes(impact))
              complaints.push(`${lang}/${name}, ${colorScheme}: axe ${id} (${impact}) ${nodes[0].html.slice(0, 160)}`);
          for (const width of [360, 1600]) {
            await one.setViewportSize({ width, height: 900 });
            const needed = await one.evaluate(() => document.documentElement.scrollWidth);
            if (needed > width) complaints.push(`${lang}/${name} needs ${needed} px where there are ${width}`);
          }
        }
        await one.context().close();
      }
    });
  }

  if (existsSync(path.join(stock, "en/index.html"))) {
    await step("stock mdBook's pages search and switch from the disk too", async () => {
      const disk = await open();
      for (const [lang, asked] of [["en", "cold start"], ["ko", "콜드 스타트"]]) {
        const quiet = complaints.length;
        await disk.goto(pathToFileURL(path.join(stock, lang, "index.html")).href);
        await box(disk).fill(asked);
        await box(disk).press("Enter");
        await disk.waitForURL(/print\.html\?q=/);
        await visible(disk.locator(".found a mark"));
        // That a page on the disk may not read another is told on the console, and expected.
        complaints.splice(quiet, complaints.length, ...complaints.slice(quiet).filter((said) => !/print\.html|CORS|ERR_FAILED/.test(said)));
        await disk.locator(".found a").first().click();
        await disk.waitForURL((url) => !url.pathname.endsWith("print.html"));
      }
      await disk.getByRole("link", { name: "English" }).click();
      await disk.waitForURL(/\/en\/[^/]*\.html/);
    });
  } else {
    console.error("SKIPPED: no books by stock mdBook in target/guide.");
  }

  assert.deepEqual(complaints, [], "nothing is complained about");
  console.log("The guide is whole.");
} finally {
  await browser.close();
  await guide.stop();
}
