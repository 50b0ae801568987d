// Takes a picture of a real run, as a terminal shows it, light and dark, in both languages: tests/browser/run terminal
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AnsiUp } from "ansi_up";
import { loadgen, needBrowser, openBrowser } from "./support.mjs";

needBrowser();
const images = path.resolve(import.meta.dirname, "../../book/images");
const typed = ["run", "spike"];
// The terminal's colours are the theme's own; these are the look's, as src/look has them.
const themes = {
  light: { back: "#ffffff", text: "#1c2430", dim: "#5a6675", blue: "#1a64d6", yellow: "#a85200", red: "#c2242c", magenta: "#7438c0", green: "#1a7f37" },
  dark: { back: "#0f141b", text: "#e4e9ef", dim: "#9aa7b4", blue: "#6cb2ff", yellow: "#ffb057", red: "#ff7b72", magenta: "#c297ff", green: "#56d364" },
};

const folder = await mkdtemp(path.join(tmpdir(), "loadgen-terminal-"));
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 760, height: 400 }, deviceScaleFactor: 2 });
  const looks = Object.entries(themes).flatMap(([theme, colour]) => ["en", "ko"].map((lang) => [theme, colour, lang]));
  for (const [theme, colour, lang] of looks) {
    const output = execFileSync(loadgen, [...typed, "--color", "always", "--quiet", "--lang", lang], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, COLUMNS: "80" },
    });
    const ansi = new AnsiUp();
    ansi.use_classes = true;
    // A terminal gives Hangul two cells.
    const lines = ansi.ansi_to_html(output.trimEnd()).replace(/[가-힣]/g, "<i>$&</i>");
    const colours = ["blue", "yellow", "red", "magenta", "green"].map(
      (name) => `.ansi-${name}-fg, .ansi-bright-${name}-fg { color: ${colour[name]}; }`,
    );
    await page.setContent(`<!DOCTYPE html><meta charset="utf-8"><style>
      body { margin: 0; padding: 20px 24px; background: ${colour.back}; color: ${colour.text}; }
      pre { margin: 0; font: 14px/1.35 "DejaVu Sans Mono", monospace; }
      i { display: inline-block; width: 2ch; font-style: normal; text-align: center; line-height: 1; transform: scale(1.12); }
      [style*="opacity"] { color: ${colour.dim}; opacity: 1 !important; }
      ${colours.join("\n")}</style>
      <pre><b>$ loadgen ${typed.join(" ")}</b>\n${lines}</pre>`);
    const file = path.join(images, `terminal-${theme}${lang === "ko" ? ".ko" : ""}.png`);
    await page.screenshot({ path: file, fullPage: true });
    console.log(path.relative(process.cwd(), file));
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
