"""Reads `cargo metadata` and writes which crates are in the program, as CycloneDX 1.5.

Crates that only build, test or benchmark it are not in it and are left out.
"""

import json
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def linked(node):
    """The crates that this one is linked with."""
    for dependency in node["deps"]:
        package = packages[dependency["pkg"]]
        macro = any("proc-macro" in target["kind"] for target in package["targets"])
        if not macro and any(kind["kind"] is None for kind in dependency["dep_kinds"]):
            yield dependency["pkg"]


def component(identifier):
    package = packages[identifier]
    purl = f"pkg:cargo/{package['name']}@{package['version']}"
    entry = {"type": "library", "name": package["name"], "version": package["version"], "purl": purl, "bom-ref": purl}
    if package["license"]:
        entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    return entry


root = metadata["resolve"]["root"]
found, todo = {root}, [root]
while todo:
    new = [crate for crate in linked(nodes[todo.pop()]) if crate not in found]
    found.update(new)
    todo.extend(new)
main = component(root) | {"type": "application"}
parts = sorted((component(crate) for crate in found - {root}), key=lambda part: part["bom-ref"])
dependencies = [
    {"ref": component(crate)["bom-ref"], "dependsOn": sorted({component(other)["bom-ref"] for other in linked(nodes[crate])})}
    for crate in sorted(found)
]
bom = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {"component": main},
    "components": parts,
    "dependencies": dependencies,
}
json.dump(bom, sys.stdout, indent=1)
