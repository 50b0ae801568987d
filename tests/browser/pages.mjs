// Looks at every page as axe-core, a narrow screen and a slow line do: at three widths, light and
// dark, in both languages. No finding of any weight is left alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { addresses, breakAndRestore, needBrowser, openBrowser, startSandbox, watching } from "./support.mjs";

needBrowser();
// Evaluated by the debugger, which the page's own policy does not bind.
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LARGEST = 300_000;
const complaints = [];
const sandbox = await startSandbox();
const browser = await openBrowser();
try {
  await sandbox.run("cold-start", "--no-verify");
  await sandbox.run("errors", "--no-verify");
  await breakAndRestore(sandbox);
  const open = watching(browser, complaints);
  const pages = await addresses(await open(), sandbox.base);
  Object.assign(pages, {
    "nothing-in-range": "/functions?start=1000&end=2000",
    "nothing-found": "/logs?query=no-line-has-this",
    "bad-search": "/logs?query=%28",
    "span-search": `${pages["trace-cold"]}&find=sns`,
    "span-zoomed": `${pages["trace-cold"]}&window=1000000-500000000`,
  });
  const begun = performance.now();
  let looked = 0;
  for (const colorScheme of ["light", "dark"])
    for (const lang of ["en", "ko"]) {
      const page = await open({ colorScheme });
      for (const [name, address] of Object.entries(pages)) {
        const answer = await page.goto(`${sandbox.base}${address}${address.includes("?") ? "&" : "?"}lang=${lang}`);
        const bytes = (await answer.body()).length;
        if (bytes > LARGEST) complaints.push(`${name} has ${bytes} bytes`);
        await page.evaluate(axe);
        for (const width of [1440, 1024, 390, 360]) {
          await page.setViewportSize({ width, height: 900 });
          const where = `${name}, ${colorScheme}, ${lang}, ${width} px`;
          const needed = await page.evaluate(() => document.documentElement.scrollWidth);
          if (needed > width) complaints.push(`${where}: needs ${needed} px`);
          // What leads on is on the screen, whatever scrolls beside it.
          const beside = await page.evaluate(() => {
            const menus = [...document.querySelectorAll("details.menu")];
            const there = [];
            for (const menu of [null, ...menus]) {
              for (const one of menus) one.open = one === menu;
              const parts = (menu ?? document).querySelectorAll(menu ? ".sheet, .sheet *" : ".badge, .button, a.line, td a, .findings a");
              for (const one of parts) {
                const { left, right } = one.getBoundingClientRect();
                if (one.checkVisibility() && (left < -1 || right > innerWidth + 1)) there.push(one.textContent.slice(0, 40));
              }
            }
            for (const one of menus) one.open = false;
            return there;
          });
          if (beside.length > 0) complaints.push(`${where}: beside the screen: ${beside.slice(0, 3).join(", ")}`);
          if (width === 360) continue;
          const { violations } = await page.evaluate(() => globalThis.axe.run());
          for (const { id, impact, nodes } of violations)
            complaints.push(`${where}: axe ${id} (${impact}) ${nodes[0].html.slice(0, 160)}`);
          looked += 1;
        }
      }
      await page.context().close();
    }
  console.log(`ok  ${Object.keys(pages).length} pages, ${looked} times looked at (${Math.round(performance.now() - begun)} ms)`);
  assert.deepEqual(complaints, [], "nothing is complained about");
} finally {
  await browser.close();
  await sandbox.stop();
}
