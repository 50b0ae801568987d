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
  for (const code of document.querySelectorAll("article pre > code:is(.language-sh, .language-toml, .language-yaml, .language-python)")) {
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
// print.html has the full guide on one page. Read as an index, it gives a search in any language: any
// word may match, and titles come first. Opened from a disk, where pages cannot read each other, that page searches itself.

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

// Words that mean the same, in both languages: one is searched as all of its group.
const SYNONYMS = [
  ["레이턴시", "지연 시간", "latency"],
  ["시간 초과", "타임아웃", "제한 시간", "timeout"],
  ["오류", "에러", "error"],
  ["예외", "익셉션", "exception", "raise"],
  ["Lambda", "람다"],
  ["문제 해결", "트러블슈팅", "troubleshooting", "trouble"],
  ["플레임 그래프", "불꽃 그래프", "flame graph"],
  ["대기열", "큐", "queue", "SQS"],
  ["향상된", "확장된", "enhanced"],
  ["메트릭", "지표", "metric"],
  ["원격 측정 데이터", "텔레메트리", "telemetry"],
  ["콜드 스타트", "cold start"],
  ["인사이트", "insight"],
  ["스로틀링", "쓰로틀링", "스로틀", "throttle"],
  ["메모리 부족", "OOM", "out of memory"],
  ["백분위수", "퍼센타일", "percentile"],
  ["트레이스", "추적", "trace"],
  ["비용", "요금", "cost", "price"],
  ["한도", "임계값", "threshold", "limit"],
  ["보고서", "리포트", "report"],
  ["인증", "로그인", "authentication", "auth"],
  ["부하 테스트", "load test"],
  ["서버리스 보기", "서버리스 뷰", "Serverless View"],
  ["CI", "GitHub Actions", "파이프라인", "pipeline"],
  ["정리", "삭제", "clean up", "delete"],
  ["시나리오", "scenario"],
  ["비교", "compare", "comparison"],
];
const PARTICLES = /(?:에서는|에서|으로|에는|에게|까지|부터|이란|하는|하기|하려면|은|는|이|가|을|를|의|에|로|와|과|도|만|란)$/;
const SMALL_WORDS = /^(?:a|an|the|of|to|in|on|is|do|i|my|how|what|and|for|with)$/;

/**
 * Lower case without spaces, and Hangul letter by letter: what is typed matches while its last
 * syllable is unfinished (스탙 on the way to 스타트).
 */
function folded(text) {
  const [FIRST, VOWEL, LAST] = [
    "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ".split(""),
    "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" "),
    " ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" "),
  ];
  const letters = (syllable) => {
    const code = syllable.charCodeAt(0) - 0xac00;
    return FIRST[Math.floor(code / 588)] + VOWEL[Math.floor((code % 588) / 28)] + LAST[code % 28];
  };
  return text.normalize("NFC").toLowerCase().replace(/[\s-]+/g, "").replace(/[가-힣]/g, letters);
}

/** The parts of what was asked: each a list of words that mean the same, as typed first. */
function parts(asked) {
  const all = asked.trim().split(/\s+/).filter(Boolean);
  const long = all.filter((word) => !SMALL_WORDS.test(word.toLowerCase()));
  const words = long.length > 0 ? long : all;
  const found = [];
  for (let at = 0; at < words.length; ) {
    // Two words may be one term, `지연 시간`, and one word may be two, `지연시간`.
    const take = [3, 2, 1].find((n) => n === 1 || (at + n <= words.length && group(words.slice(at, at + n).join(" "))));
    const typed = words.slice(at, at + take).join(" ");
    const stem = typed.replace(PARTICLES, "");
    const same = group(typed) ?? group(stem) ?? [];
    found.push([...new Set([typed, stem.length > 1 ? stem : typed, ...same])]);
    at += take;
  }
  return found;
}

/** The words of the same meaning, also for a word of which the end is still to be typed. */
function group(word) {
  const typed = folded(word);
  if (typed.length < 2) return undefined;
  const begins = (one) => folded(one).startsWith(typed) && (typed.length > 3 || folded(one) === typed);
  return SYNONYMS.find((all) => all.some((one) => folded(one) === typed || folded(`${one}s`) === typed)) ?? SYNONYMS.find((all) => all.some(begins));
}

/** The sections that have any of what was asked, best first: chapters' titles, titles, then texts. */
function search(all, asked) {
  const wanted = parts(asked);
  const phrase = folded(asked);
  const hits = [];
  for (const section of all) {
    section.fold ??= { title: folded(section.title), text: folded(section.text) };
    const { title, text } = section.fold;
    const isChapter = !section.address.includes("#");
    let [score, met] = [0, 0];
    for (const words of wanted) {
      const best = words.map((word, n) => {
        const low = folded(word);
        const inTitle = title === low ? 60 : title.startsWith(low) ? 30 : title.includes(low) ? 24 : 0;
        const times = text.split(low, 12).length - 1;
        // What was typed counts more than what means the same.
        return (inTitle * (isChapter ? 3 : 1) + times / 2) * (n === 0 ? 1 : 0.9);
      });
      score += Math.max(...best);
      met += Math.max(...best) > 0 ? 1 : 0;
    }
    if (met === 0) continue;
    if (met === wanted.length) score *= 2;
    if (wanted.length > 1 && title.includes(phrase)) score += 60;
    hits.push({ section, score });
  }
  const words = wanted.flat().sort((a, b) => b.length - a.length);
  return { words, hits: hits.sort((a, b) => b.score - a.score).map(({ section }) => section) };
}

/** A pattern of any of `words`, written with or without spaces. */
function pattern(words) {
  const escaped = (letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const one = (word) => [...word.replace(/\s+/g, "")].map(escaped).join(/[가-힣]/.test(word) || word.includes(" ") ? "\\s*" : "");
  return new RegExp(`(${words.map(one).join("|")})`, "i");
}

/** The text around the first of `words`, with each of them marked. */
function excerpt(text, words) {
  const at = text.search(pattern(words));
  const from = Math.max(0, (at < 0 ? 0 : at) - 50);
  const part = (from > 0 ? "…" : "") + text.slice(from, from + 170) + (from + 170 < text.length ? "…" : "");
  return marked(part, words);
}

function marked(text, words) {
  const out = document.createDocumentFragment();
  text.split(pattern(words)).forEach((part, n) => {
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
      ? say(`Nothing has “${asked}”.`, `“${asked}”에 대한 결과가 없습니다.`)
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
