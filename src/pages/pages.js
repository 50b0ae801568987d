// Folds fresh content into an open page, closes menus, and serves the pointer: what it is on in a
// flame graph or a chart, and a part of them that it drags over. Everything else works without it.
"use strict";

// Makes `old` like `fresh` in place, so that focus, scroll positions, and what the reader has
// opened stay as they are, and what is the same is not touched at all.
function fold(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  const left = [...old.childNodes];
  let at = old.firstChild;
  for (const child of fresh.childNodes) {
    const match = left.find((node) => alike(node, child));
    if (!match) {
      old.insertBefore(child.cloneNode(true), at);
      continue;
    }
    left.splice(left.indexOf(match), 1);
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    if (match.nodeType === Node.ELEMENT_NODE) fold(match, child);
    else if (match.data !== child.data) match.data = child.data;
  }
  for (const node of left) node.remove();
}

function alike(a, b) {
  return a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");
}

let busy = false;
let again = false;

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["main", ".bar"]) {
      const found = fresh.querySelector(part);
      if (found) fold(document.querySelector(part), found);
    }
    document.title = fresh.title;
  } catch {
    // The server has gone: what is shown stays.
  } finally {
    busy = false;
    if (again) {
      again = false;
      setTimeout(refresh, 300);
    }
  }
}

if (document.body.dataset.live) {
  let version = document.body.dataset.version;
  const open = () => {
    const events = new EventSource(document.body.dataset.live);
    events.onmessage = ({ data }) => {
      if (data === version) return;
      version = data;
      refresh();
    };
    return events;
  };
  let events = open();
  // Browsers allow few connections to one host: pages that nobody sees hold none.
  document.addEventListener("visibilitychange", () => {
    events.close();
    if (!document.hidden) events = open();
  });
  addEventListener("pagehide", () => events.close());
}

// A menu closes when the reader turns away from it.
addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(target)) menu.open = false;
});
addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  document.querySelector("a[data-close]")?.click();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What is on this page already, seen differently: no jump, and Back leads here again.
function go(address) {
  history.pushState(null, "", address);
  zoom(document.querySelector(".flame"));
  return refresh().then(() => document.querySelector("#span, #event")?.scrollTo(0, 0));
}
// A zoom is seen at once; what the server draws of it follows.
function zoom(flame) {
  const window = new URL(location.href).searchParams.get("window");
  const [from, length] = (window ?? "").split("-").map(Number);
  if (!flame || !length) return;
  const scale = flame.dataset.length / length;
  const shift = ((flame.dataset.from - from) / length) * 100;
  for (const bar of flame.querySelectorAll(":scope > svg")) {
    bar.setAttribute("x", `${parseFloat(bar.getAttribute("x")) * scale + shift}%`);
    bar.setAttribute("width", `${parseFloat(bar.getAttribute("width")) * scale}%`);
  }
}
let opened;
addEventListener("popstate", refresh);
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-fold]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const seen = go(link.href.baseVal ?? link.href);
  // Who opens a line reads it next, and goes back to it from there.
  if (link.matches(".line")) seen.then(() => document.querySelector("#event")?.focus({ preventScroll: true }));
  if (link.matches("[data-close]")) seen.then(() => opened?.focus({ preventScroll: true }));
  if (link.matches(".line")) opened = link;
});
addEventListener("keydown", ({ key, target, metaKey, ctrlKey, altKey }) => {
  if (metaKey || ctrlKey || altKey || target.matches("input, select, textarea")) return;
  if (key === "+" || key === "-") document.querySelector(`a[data-key="${key}"]`)?.click();
});

// What the pointer or the focus is on, in words.
for (const kind of ["pointerover", "focusin"])
  addEventListener(kind, ({ target }) => {
    const bar = target.closest?.(".flame a");
    const pointed = bar && document.querySelector(".pointed");
    if (pointed) pointed.textContent = bar.querySelector("title").textContent;
  });

// A line at the pointer, through all charts of one time axis.
function draw(kind, into, attributes) {
  const mark = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) mark.setAttribute(name, value);
  into.append(mark);
  return mark;
}
const CHART = "[data-length] svg.chart[role=img]";
const place = (area, x) => {
  const { left, width } = area.getBoundingClientRect();
  return Math.min(Math.max((x - left) / width, 0), 1);
};
addEventListener("pointermove", ({ target, clientX }) => {
  for (const mark of document.querySelectorAll(".cross")) mark.remove();
  const here = target.closest?.(CHART);
  if (!here) return;
  const at = place(here, clientX);
  const { from, length } = here.closest("[data-length]").dataset;
  const time = new Date(Number(from) + at * Number(length)).toISOString().slice(11, 19);
  for (const chart of document.querySelectorAll(CHART)) {
    draw("line", chart, { class: "cross", x1: `${at * 100}%`, x2: `${at * 100}%`, y1: 12, y2: "87%" });
    const anchor = at < 0.1 ? "start" : at > 0.9 ? "end" : "middle";
    draw("text", chart, { class: "cross", x: `${at * 100}%`, y: 9, "text-anchor": anchor }).textContent = time;
  }
});

// Dragging over a flame graph or a chart narrows the page to what was dragged over.
addEventListener("dragstart", (event) => {
  if (event.target.closest?.(".flame")) event.preventDefault();
});
addEventListener("pointerdown", ({ target, clientX, button, pointerType }) => {
  const area = target.closest?.(`.flame, ${CHART}`);
  if (!area || button || pointerType === "touch") return;
  const between = (x) => [place(area, clientX), place(area, x)].sort((a, b) => a - b);
  let mark;
  const moved = (event) => {
    const [from, to] = between(event.clientX);
    mark?.remove();
    mark = draw("rect", area, { class: "drag", x: `${from * 100}%`, width: `${(to - from) * 100}%`, height: "100%" });
  };
  const ended = (event) => {
    removeEventListener("pointermove", moved);
    mark?.remove();
    if (event.type !== "pointerup" || Math.abs(event.clientX - clientX) < 6) return;
    // The click that follows is the drag's end.
    const hush = (click) => (click.preventDefault(), click.stopPropagation());
    addEventListener("click", hush, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", hush, true));
    const { from, length } = area.closest("[data-length]").dataset;
    const [start, end] = between(event.clientX).map((share) => Math.round(Number(from) + share * Number(length)));
    const address = new URL(location.href);
    const wanted = area.matches(".flame") ? { zoom: null, window: `${start}-${Math.max(end - start, 1)}` }
      : { range: null, from_ts: null, to_ts: null, after: null, start, end: Math.max(end, start + 1) };
    for (const [name, value] of Object.entries(wanted))
      if (value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    go(address);
  };
  addEventListener("pointermove", moved);
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, ended, { once: true });
});
