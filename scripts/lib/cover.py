# SPDX-License-Identifier: GPL-2.0
"""Fills in the cover letter that git has made: cover.py TREE LETTER prints it.

The words are those of scripts/patches/cover, the figures those of Documentation/performance.json.
"""

import json
import pathlib
import re
import sys

# What a reviewer asks for first, of all that is measured.
ROWS = (
    "hook with data: init",
    "hook with data: exit",
    "a hook's own data",
    "lookup, namespace with a reference",
    "lookup, any namespace",
    "walk with lookups, each namespace",
    "registration, each namespace",
    "unshare(2), in all eleven ops_init()",
)


def table(rows):
    found = {row["what"]: row for row in rows}
    missing = [what for what in ROWS if what not in found]
    if missing:
        sys.exit(f"series: Documentation/performance.json has no row '{missing[0]}'; run scripts/bench")
    lines = [f"  {'':38} {'C':>7} {'Rust':>7}"]
    for what in ROWS:
        row = found[what]
        lines.append(f"  {what:38} {row['c']:7.0f} {row['rust']:7.0f}")
    return "\n".join(lines)


def main(tree, letter):
    tree = pathlib.Path(tree)
    report = json.loads((tree / "Documentation/performance.json").read_text())
    subject, _, words = (tree / "scripts/patches/cover").read_text().partition("\n\n")
    kernel = re.sub(r" \(.*", "", report["facts"]["kernel"])
    words = words.format(kernel=kernel, compilers=report["facts"]["compilers"],
                         instructions=table(report["instructions"]))
    words = "\n".join(line for paragraph in words.split("\n\n")
                      for line in [*wrapped(paragraph), ""]).rstrip() + "\n"
    text = pathlib.Path(letter).read_text()
    print(text.replace("*** SUBJECT HERE ***", subject).replace("*** BLURB HERE ***\n", words), end="")


def wrapped(paragraph, width=72):
    """A paragraph that the figures have made too wide is filled again; tables are not."""
    lines = paragraph.split("\n")
    if paragraph.startswith(" ") or all(len(line) <= width for line in lines):
        return lines
    out = [""]
    for word in paragraph.split():
        if len(out[-1]) + 1 + len(word) > width:
            out.append("")
        out[-1] = f"{out[-1]} {word}".strip()
    return out


main(*sys.argv[1:])
