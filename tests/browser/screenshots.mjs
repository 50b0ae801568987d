// Takes a picture of every page, light and dark, into the guide's folder of images.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { addresses, breakAndRestore, needBrowser, openBrowser, startSandbox } from "./support.mjs";

needBrowser();
const images = path.resolve(import.meta.dirname, "../../book/images");
await mkdir(images, { recursive: true });
const sandbox = await startSandbox();
const browser = await openBrowser();
try {
  const shot = async (page, name) => {
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
    await page.goto(`${sandbox.base}/functions`);
    await page.locator("tbody .badge").first().click();
    await shot(page, `insight-${colorScheme}`);
    await context.close();
  }
} finally {
  await browser.close();
  await sandbox.stop();
}
