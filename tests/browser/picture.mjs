// Takes the picture of one page, light and dark, in both languages, as PNG, into the guide's folder of images:
// `node picture.mjs http://127.0.0.1:8484/functions NAME`.
import path from "node:path";
import { looks, needBrowser, openBrowser } from "./support.mjs";

needBrowser();
const [address, name] = process.argv.slice(2);
const browser = await openBrowser();
for (const { end, ...look } of looks) {
  const context = await browser.newContext({ ...look, viewport: { width: 1360, height: 880 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.screenshot({ path: path.resolve(import.meta.dirname, `../../book/images/${name}${end}.png`) });
  await context.close();
}
await browser.close();
