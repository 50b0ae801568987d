// Folds fresh content into an open page, closes menus, and serves the pointer: what it is on in a
// flame graph, and a part of the trace that it drags over. Everything else works without it.
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
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What is on this page already, seen differently: no jump, and Back leads here again.
function go(address) {
  history.pushState(null, "", address);
  refresh().then(() => document.querySelector("#span")?.scrollTo(0, 0));
}
addEventListener("popstate", refresh);
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-fold]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.href.baseVal ?? link.href);
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
    if (pointed) pointed.textContent = bar.getAttribute("aria-label");
  });

// Dragging over a flame graph zooms to what was dragged over.
addEventListener("dragstart", (event) => {
  if (event.target.closest?.(".flame")) event.preventDefault();
});
addEventListener("pointerdown", ({ target, clientX, button, pointerType }) => {
  const flame = target.closest?.(".flame");
  if (!flame || button || pointerType === "touch") return;
  const { left, width } = flame.getBoundingClientRect();
  const place = (x) => Math.min(Math.max((x - left) / width, 0), 1);
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  mark.setAttribute("class", "drag");
  mark.setAttribute("height", "100%");
  const between = (x) => [place(clientX), place(x)].sort((a, b) => a - b);
  const moved = (event) => {
    const [from, to] = between(event.clientX);
    mark.setAttribute("x", `${from * 100}%`);
    mark.setAttribute("width", `${(to - from) * 100}%`);
    if (!mark.parentNode) flame.append(mark);
  };
  const ended = (event) => {
    removeEventListener("pointermove", moved);
    mark.remove();
    if (event.type !== "pointerup" || Math.abs(event.clientX - clientX) < 6) return;
    // The click that follows is the drag's end.
    const hush = (click) => (click.preventDefault(), click.stopPropagation());
    addEventListener("click", hush, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", hush, true));
    const [from, to] = between(event.clientX);
    const [start, length] = [Number(flame.dataset.from), Number(flame.dataset.length)];
    const address = new URL(location.href);
    address.searchParams.delete("zoom");
    address.searchParams.set("window", `${Math.round(start + from * length)}-${Math.max(Math.round((to - from) * length), 1)}`);
    go(address);
  };
  addEventListener("pointermove", moved);
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, ended, { once: true });
});
