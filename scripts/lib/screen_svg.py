#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws a screen as SVG.

Usage: screen_svg.py FILE.svg <SCREEN

SCREEN is text with the escape sequences of colours, as tmux capture-pane -e has it. The drawing is text, in the fonts
of who looks at it; each run of one style is as wide as its letters are many.
"""

import html
import re
import sys

WIDTH, HEIGHT, MARGIN = 8.4, 18, 14
COLOURS = {31: "#ff7b72", 32: "#7ee787", 33: "#f2cc60", 34: "#79c0ff", 36: "#76e3ea"}


def runs(line):
    """Yields the column, the style and the text of each run of letters."""
    column, style = 0, {}
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b"):
            if part.strip():
                lead = len(part) - len(part.lstrip())
                yield column + lead, dict(style), part.strip()
            column += len(part)
            continue
        for code in [int(number or 0) for number in part[2:-1].split(";")]:
            if code == 0:
                style = {}
            elif code == 1:
                style["font-weight"] = "bold"
            elif code == 2:
                style["opacity"] = "0.6"
            elif code in COLOURS:
                style["fill"] = COLOURS[code]
            elif code == 39:
                style.pop("fill", None)


def main():
    lines = [re.sub(r"\x1b[()][A-Z0-9]|\x0f", "", line.rstrip("\n")) for line in sys.stdin]
    while lines and not lines[-1].strip():
        lines.pop()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in lines]
    width = max(map(len, plain)) * WIDTH + 2 * MARGIN
    height = len(lines) * HEIGHT + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">',
        # Not on the group: browsers have a rule of their own for each text.
        "<style>text{white-space:pre}</style>",
        '<rect width="100%" height="100%" rx="6" fill="#0d1117"/>',
        '<g font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">',
    ]
    for row, line in enumerate(lines):
        for column, style, text in runs(line):
            attributes = "".join(f' {name}="{value}"' for name, value in style.items())
            x, y = MARGIN + column * WIDTH, MARGIN + row * HEIGHT + 13
            out.append(
                f'<text x="{x:.1f}" y="{y}" textLength="{len(text) * WIDTH:.1f}"{attributes}>{html.escape(text)}</text>'
            )
    out += ["</g>", "</svg>"]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
