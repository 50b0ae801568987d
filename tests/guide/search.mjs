// Reads {lang, sections, queries} on stdin and prints the addresses that the guide's own search finds
// for each query, best first.
import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";

const { lang, sections, queries } = JSON.parse(readFileSync(0, "utf8"));
const nothing = { addEventListener() {}, querySelectorAll: () => [], documentElement: { lang, dataset: {} } };
const place = vm.createContext({ document: nothing, addEventListener() {}, known: sections, queries });
const script = path.join(import.meta.dirname, "../../book/theme/book.js");
vm.runInContext(readFileSync(script, "utf8"), place);
const found = vm.runInContext("queries.map((asked) => search(known, asked).hits.map((hit) => hit.address))", place);
console.log(JSON.stringify(found));
