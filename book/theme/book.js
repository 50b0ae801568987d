// The guide's own script: theme, language switch, copy buttons, and a search that finds Hangul.
// Without it every page is there to read; the search then leads to the whole guide on one page.
"use strict";

const KO = document.documentElement.lang === "ko";
const say = (en, ko) => (KO ? ko : en);

// --- Theme: the system's, unless the reader chose. Set before anything is drawn. ---------------

const THEMES = { "": say("System", "시스템"), light: say("Light", "밝게"), dark: say("Dark", "어둡게") };

function chosenTheme() {
  try {
    const theme = localStorage.getItem("guide-theme") ?? "";
    return theme in THEMES ? theme : "";
  } catch {
    return ""; // Storage may be forbidden; the system's theme then stays.
  }
}

function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  // Pictures follow the reader's choice as they follow the system's.
  for (const source of document.querySelectorAll("source[media]")) {
    source.dataset.media ??= source.media;
    const dark = source.dataset.media.includes("dark");
    source.media = theme ? ((theme === "dark") === dark ? "all" : "not all") : source.dataset.media;
  }
}

showTheme(chosenTheme());

function themeButton() {
  const button = document.querySelector("button.theme");
  const show = (theme) => {
    showTheme(theme);
    button.textContent = THEMES[theme];
    button.setAttribute("aria-label", `${say("Theme", "화면 모드")}: ${THEMES[theme]}`);
  };
  button.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(chosenTheme()) + 1) % names.length];
    try {
      localStorage.setItem("guide-theme", next);
    } catch {
      // It then lasts as long as the page.
    }
    show(next);
  });
  show(chosenTheme());
  button.hidden = false;
}

// --- Where we are -----------------------------------------------------------------------------

const pageName = () => location.pathname.split("/").pop() || "index.html";

/** The other language keeps the page and the place on it: both books have the same anchors. */
function languageLink() {
  const link = document.querySelector("a.language");
  const follow = () => {
    const address = new URL(link.href);
    address.pathname = address.pathname.replace(/[^/]*$/, pageName());
    address.search = location.search;
    address.hash = location.hash;
    link.href = address.href;
  };
  follow();
  addEventListener("hashchange", follow);
}

function contents() {
  for (const link of document.querySelectorAll(".chapters a"))
    if (link.getAttribute("href") === pageName()) link.setAttribute("aria-current", "page");
  // On a narrow screen the contents would push the text out of sight.
  const details = document.querySelector(".chapters details");
  const wide = matchMedia("(min-width: 60rem)");
  const fit = () => (details.open = wide.matches);
  wide.addEventListener("change", fit);
  fit();
}

// --- Copy: commands only, never what they print -------------------------------------------------

function copyButtons() {
  for (const code of document.querySelectorAll("article pre > code:is(.language-sh, .language-toml, .language-yaml)")) {
    const pre = code.parentElement;
    const box = document.createElement("div");
    box.className = "typed";
    pre.replaceWith(box);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy button";
    button.textContent = say("Copy", "복사");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent.trimEnd()).then(
        () => (button.textContent = say("Copied", "복사됨")),
        () => getSelection().selectAllChildren(code), // Not allowed to: it lies ready to be copied.
      );
      setTimeout(() => (button.textContent = say("Copy", "복사")), 2000);
    });
    box.append(pre, button);
  }
  // What is wider than the screen can be scrolled by keyboard too.
  for (const wide of document.querySelectorAll("article pre, article .table-wrapper")) wide.tabIndex = 0;
}

// --- Search ---------------------------------------------------------------------------------------
// print.html has the whole guide on one page. Read as an index, it gives a substring search in any
// language. Opened from a disk, where pages cannot read each other, that page searches itself.

/** The sections of the one-page guide: chapter, heading, text, and the address in the book. */
function sections(whole) {
  const chapters = [...whole.querySelectorAll(".chapters a")];
  const found = [];
  let chapter = -1;
  for (const element of whole.querySelectorAll("article > *")) {
    if (element.tagName === "H1") chapter += 1;
    if (/^H[123]$/.test(element.tagName)) {
      // On the one page an id that several chapters have is made unique with a number.
      const id = element.id.replace(/-\d+$/, "");
      const page = chapters[chapter]?.getAttribute("href") ?? "print.html";
      const title = element.textContent.trim();
      const address = element.tagName === "H1" ? page : `${page}#${id}`;
      found.push({ chapter: chapters[chapter]?.textContent.trim() ?? "", title, address, text: "" });
    } else if (found.length > 0) {
      found.at(-1).text += ` ${element.textContent}`;
    }
  }
  return found.map((section) => ({ ...section, text: section.text.replace(/\s+/g, " ").trim() }));
}

const folded = (text) => text.normalize("NFC").toLowerCase();

/** The sections that have every word of `asked`, best first: in the title, then as one phrase. */
function search(all, asked) {
  const phrase = folded(asked).trim().replace(/\s+/g, " ");
  const words = phrase.split(" ").filter(Boolean);
  // Korean is written with and without spaces between the same words.
  const closed = phrase.replaceAll(" ", "");
  const hits = [];
  for (const section of all) {
    const [title, text] = [folded(section.title), folded(section.text)];
    const both = `${title} ${text}`;
    const together = both.replaceAll(" ", "").includes(closed);
    if (!together && !words.every((word) => both.includes(word))) continue;
    const score = (title.includes(phrase) ? 4 : 0) + (text.includes(phrase) ? 2 : 0) + (together ? 1 : 0);
    hits.push({ section, score });
  }
  return { words, hits: hits.sort((a, b) => b.score - a.score).map(({ section }) => section) };
}

/** The text around the first of `words`, with each of them marked. */
function excerpt(text, words) {
  const low = folded(text);
  const places = words.map((word) => low.indexOf(word)).filter((at) => at >= 0);
  const from = Math.max(0, Math.min(...places, text.length) - 50);
  const part = (from > 0 ? "…" : "") + text.slice(from, from + 170) + (from + 170 < text.length ? "…" : "");
  return marked(part, words);
}

function marked(text, words) {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const out = document.createDocumentFragment();
  text.split(new RegExp(`(${escaped.join("|")})`, "i")).forEach((part, n) => {
    if (n % 2 === 0) return out.append(part);
    const mark = document.createElement("mark");
    mark.textContent = part;
    out.append(mark);
  });
  return out;
}

function results(all, asked) {
  const { words, hits } = search(all, asked);
  const out = document.createDocumentFragment();
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  count.textContent =
    hits.length === 0
      ? say(`Nothing has “${asked}”. Every word must be there.`, `“${asked}”에 대한 결과가 없습니다. 모든 단어가 들어 있어야 합니다.`)
      : say(`${hits.length} ${hits.length === 1 ? "section" : "sections"}`, `섹션 ${hits.length}개`);
  out.append(count);
  for (const hit of hits.slice(0, 30)) {
    const link = document.createElement("a");
    link.href = hit.address;
    const title = document.createElement("strong");
    title.append(marked(hit.title, words));
    const where = document.createElement("small");
    where.append(hit.chapter === hit.title ? "" : `${hit.chapter}: `, excerpt(hit.text, words));
    link.append(title, where);
    out.append(link);
  }
  return out;
}

function searchBox() {
  const form = document.querySelector("form.find");
  const [input, found] = [form.querySelector("input"), form.querySelector(".found")];
  const here = pageName() === "print.html";
  let index;
  const read = () =>
    (index ??= here
      ? Promise.resolve(sections(document))
      : fetch("print.html")
          .then((answer) => answer.text())
          // A parsed style attribute would offend the page's policy.
          .then((html) => new DOMParser().parseFromString(html.replace(/ style="[^"]*"/g, ""), "text/html"))
          .then(sections));
  const show = async () => {
    const asked = input.value.trim();
    if (!asked) return (found.hidden = true);
    try {
      const all = await read();
      if (input.value.trim() !== asked) return;
      found.replaceChildren(results(all, asked));
      found.hidden = false;
    } catch {
      index = undefined; // Opened from a disk: Enter leads to the page that can search itself.
    }
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  form.addEventListener("submit", (event) => {
    if (found.hidden) return;
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  form.addEventListener("keydown", (event) => {
    const links = [input, ...found.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      input.value = "";
      found.hidden = true;
      input.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      links[(at + (event.key === "ArrowDown" ? 1 : links.length - 1)) % links.length]?.focus();
    }
  });
  addEventListener("click", ({ target }) => {
    if (!form.contains(target)) found.hidden = true;
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName)) return;
    event.preventDefault();
    input.focus();
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    input.value = asked;
    if (here) show();
  }
}

document.addEventListener("DOMContentLoaded", () => {
  showTheme(chosenTheme());
  themeButton();
  languageLink();
  contents();
  copyButtons();
  searchBox();
});
