// Folds fresh content into an open page, and closes menus. Everything else works without it.
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
    const main = fresh.querySelector("main");
    if (main) fold(document.querySelector("main"), main);
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
