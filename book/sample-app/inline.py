"""Puts entry.py and consumer.js into template.yaml, where CloudFormation wants them.

Run it after changing either: python3 book/sample-app/inline.py
"""
import pathlib
import re

here = pathlib.Path(__file__).parent
template = here / "template.yaml"
lines = []
code_indent = None  # while the old code is being left out: how deep it stands

for line in template.read_text().splitlines():
    depth = len(line) - len(line.lstrip())
    if code_indent is not None:
        if not line or depth >= code_indent:
            continue
        code_indent = None
        lines.append("")
    lines.append(line)
    start = re.fullmatch(r" *ZipFile: \| # (\S+)", line)
    if start:
        code_indent = depth + 2
        code = (here / start[1]).read_text().splitlines()
        lines += [" " * code_indent + line if line else "" for line in code]

template.write_text("\n".join(lines) + "\n")
