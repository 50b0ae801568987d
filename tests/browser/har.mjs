// Records what a browser sends to a small shop as a HAR file of 200 requests, imports it, and sends it again: nearly all of it
// is carried, the rest is named, no secret is printed, and the shop gets the same requests as from the browser.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { loadgen, needBrowser, openBrowser } from "./support.mjs";

needBrowser();
const SECRETS = { password: "geheim-pw-1", sid: "geheim-sid-2", token: "geheim-token-3", csrf: "geheim-csrf-4", api: "geheim-key-5" };
const ITEMS = 38;
const folder = await mkdtemp(path.join(tmpdir(), "loadgen-har-"));
const run = promisify(execFile);

const PAGE = `<!doctype html><title>shop</title><link rel=stylesheet href=/style.css><link rel=icon href=/icon.svg>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><script src=/app.js></script>
<form method=post action=/session><input name=user value="ana b"><input name=password value="${SECRETS.password}">
<input type=submit></form>`;

/** What the page does once somebody is signed in; resolves when all is answered. */
const VISIT = async ({ items, api, tracker }) => {
  const json = (body) => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const { token, csrf } = await (await fetch("/api/token", { method: "POST" })).json();
  const own = { authorization: `Bearer ${token}`, "x-csrf-token": csrf };
  const ask = (at, options = {}) => fetch(at, { ...options, headers: { ...options.headers, ...own } });
  for (let n = 0; n < items; n += 1) {
    await ask(`/api/items/${n}?fields=name,price&q=${encodeURIComponent("ä & b")}&api_key=${api}`);
    await new Promise((done) => Object.assign(new Image(), { onload: done, onerror: done, src: `/images/${n}.svg` }));
    await ask("/api/cart", json({ sku: `s-${n}`, qty: n, note: null, tags: ["a", "b"] }));
    await ask(`/api/cart/${n}`, { ...json({ qty: n + 1, accessToken: token, more: { price: 1.5 } }), method: "PUT" });
    if (n % 2 === 0) await ask(`/api/cart/${n}`, { method: "DELETE" });
    if (n % 3 === 0) await ask("/api/search", { method: "POST", body: new URLSearchParams([["tag", "a"], ["tag", "b"], ["n", n]]) });
    if (n % 5 === 0) await ask("/graphql", json([{ query: "query { a }", variables: { password: null } }]));
    if (n % 10 === 0) await fetch(`${tracker}/pixel?n=${n}`, { mode: "no-cors" });
  }
  const form = new FormData();
  form.append("title", "A picture");
  form.append("pin", "geheim-pin-6");
  await ask("/api/upload", { method: "POST", body: form });
  navigator.sendBeacon("/beacon", "left");
  await new Promise((done) => Object.assign(new WebSocket(`${location.origin.replace("http", "ws")}/live`), { onerror: done }));
};

/** A body without what its kind leaves open: the order of keys, and how a form writes a blank. */
function meant(kind, body) {
  if (kind === "application/x-www-form-urlencoded") return JSON.stringify([...new URLSearchParams(body)]);
  if (kind !== "application/json") return body;
  const sorted = (_, of) => (of?.constructor === Object ? Object.fromEntries(Object.entries(of).sort()) : of);
  return JSON.stringify(JSON.parse(body), sorted);
}

let seen = [];
async function serve(answer) {
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    answer(request, response, Buffer.concat(pieces).toString());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => (server.closeAllConnections(), server.close()) };
}

const shop = await serve((request, response, body) => {
  const at = request.url;
  if (at.startsWith("/_sandbox")) return response.writeHead(404).end();
  const kind = (request.headers["content-type"] ?? "").split(";")[0];
  // The icon and the socket are the browser's own.
  if (at !== "/icon.svg" && at !== "/live") seen.push(`${request.method} ${at} ${kind} ${request.headers.authorization ?? ""} ${meant(kind, body)}`);
  const signedIn = (request.headers.cookie ?? "").includes(`sid=${SECRETS.sid}`);
  const says = (type, text, status = 200) => response.writeHead(status, { "content-type": type }).end(text);
  if (at === "/" || at === "/shop") return says("text/html", PAGE);
  if (at === "/style.css") return says("text/css", "body { margin: 0 }");
  if (at === "/app.js") return says("text/javascript", "");
  if (at.endsWith(".svg")) return says("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>');
  if (at === "/session")
    return response.writeHead(303, { "set-cookie": `sid=${SECRETS.sid}; HttpOnly; Path=/`, location: "/shop" }).end();
  if (!signedIn) return says("text/plain", "sign in first", 401);
  if (at === "/api/token") return says("application/json", JSON.stringify({ token: SECRETS.token, csrf: SECRETS.csrf }));
  const wants = at.startsWith("/api/") && request.headers.authorization !== `Bearer ${SECRETS.token}`;
  return says("application/json", "{}", wants ? 403 : 200);
});
const tracker = await serve((_, response) => response.end());

const browser = await openBrowser();
try {
  const har = path.join(folder, "visit.har");
  const context = await browser.newContext({ recordHar: { path: har } });
  const page = await context.newPage();
  await page.goto(shop.url);
  await Promise.all([page.waitForURL("**/shop"), page.click("input[type=submit]")]);
  await page.evaluate(VISIT, { items: ITEMS, api: SECRETS.api, tracker: tracker.url });
  await page.waitForLoadState("networkidle");
  await context.close();
  const byBrowser = seen.toSorted();

  const { entries } = JSON.parse(await readFile(har, "utf8")).log;
  assert(entries.length >= 200, `${entries.length} entries`);
  const { stdout: made } = await run(loadgen, ["import", har]);
  for (const secret of [...Object.values(SECRETS), "geheim"]) assert(!made.includes(secret), `${secret} in\n${made}`);
  const steps = made.split("steps = [")[1].split("\n]")[0].split("\n").filter((line) => /^ {4}"/.test(line));
  const left = made.split("\n").filter((line) => line.startsWith("# Not converted:"));
  const elsewhere = entries.filter((entry) => entry.request.url.startsWith(tracker.url)).length;
  const notHttp = left.filter((line) => line.includes("entry ")).length;
  assert(left.some((line) => line.includes(tracker.url) && line.includes(`${elsewhere} requests`)), left.join("\n"));
  assert.equal(steps.length + elsewhere + notHttp, entries.length, left.join("\n"));
  const share = steps.length / entries.length;
  assert(share >= 0.95, `${steps.length} of ${entries.length}`);

  await writeFile(path.join(folder, "visit.toml"), made);
  const variables = { API_KEY: SECRETS.api, AUTHORIZATION: SECRETS.token, PASSWORD: SECRETS.password, PIN: "geheim-pin-6", X_CSRF_TOKEN: SECRETS.csrf };
  const wanted = [...made.matchAll(/environment variable ([A-Z_0-9]+):/g)].map((found) => found[1]);
  assert.deepEqual(wanted, Object.keys(variables));
  seen = [];
  const words = ["run", path.join(folder, "visit.toml"), "--url", shop.url, "--no-verify", "--json", "--out", path.join(folder, "run")];
  const { stdout } = await run(loadgen, words, { env: { ...process.env, ...variables }, maxBuffer: 1e8 });
  const { requests, status } = JSON.parse(stdout);
  assert.equal(requests.sent, steps.length);
  // The redirect of the sign-in, which sets the cookie, is what is expected.
  assert.equal(requests.failed, 0);
  assert.deepEqual(Object.keys(status), ["200", "303"]);
  assert.deepEqual(seen.toSorted(), byBrowser);
  console.log(`ok  ${steps.length} of ${entries.length} requests of a browser carried (${(100 * share).toFixed(1)} %), ${left.length} notes; sent again, the shop saw the same`);
} finally {
  await browser.close();
  shop.stop();
  tracker.stop();
  await rm(folder, { recursive: true });
}
