#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws a trace of netns-ledger as SVG, as Perfetto shows it: a track for each namespace.

Usage: trace_svg.py TRACE.json FILE.svg
"""

import html
import json
import sys

LABEL, WIDTH, STATE, PHASE, GAP, TOP = 150, 760, 16, 10, 8, 34
COLOURS = {
    "active": "#7fb77e",
    "inactive": "#e3b341",
    "dying": "#d9534f",
    "queued": "#c9b6d6",
    "devices": "#8b2f2c",
    "subsystems": "#e8a09d",
}
STATES = ("active", "inactive", "dying")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file)
    events = trace["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    slices = [e for e in events if e["ph"] == "X"]
    end = max(e["ts"] + e["dur"] for e in slices)
    scale = WIDTH / end
    height = TOP + len(names) * (STATE + PHASE + GAP) + 34
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LABEL + WIDTH + 20} {height}"'
        f' width="{LABEL + WIDTH + 20}" font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    step = 500_000
    for number in range(int(end // step) + 1):
        x = LABEL + number * step * scale
        out.append(f'<path d="M{x:.1f} {TOP - 8}V{height - 30}" stroke="#dddddd"/>')
        out.append(f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="middle" fill="#555555">{number * step / 1e6:g} s</text>')
    for row, tid in enumerate(sorted(names)):
        y = TOP + row * (STATE + PHASE + GAP)
        out.append(f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{html.escape(names[tid])}</text>')
        for e in (e for e in slices if e["tid"] == tid):
            is_state = e["name"] in STATES
            x, width = LABEL + e["ts"] * scale, max(e["dur"] * scale, 0.7)
            top, tall = (y, STATE) if is_state else (y + STATE, PHASE)
            told = f'{e["name"]}, {e["dur"] / 1000:.1f} ms'
            out.append(
                f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{tall}" fill="{COLOURS[e["name"]]}">'
                f"<title>{told}</title></rect>"
            )
            if width > len(told) * 5.6 and is_state:
                out.append(f'<text x="{x + 4:.1f}" y="{y + 12}" fill="#ffffff">{told}</text>')
    x = LABEL
    for name, colour in COLOURS.items():
        out.append(f'<rect x="{x}" y="{height - 22}" width="11" height="11" fill="{colour}"/>')
        out.append(f'<text x="{x + 15}" y="{height - 12}">{name}</text>')
        x += 92
    out.append("</svg>")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
