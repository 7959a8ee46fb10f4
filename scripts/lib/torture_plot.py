#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws what a run of scripts/torture counted, over its time.

    torture_plot.py TITLE <SAMPLES >SVG

A line of SAMPLES is a second or more: NAME=COUNT of each counter, since the start. The drawing has its own colours
for a light and for a dark surrounding.
"""

import sys
from html import escape
from math import ceil, floor, log10

WIDTH, LEFT, RIGHT = 900, 64, 20
TOP, PANEL, GAP = 84, 150, 62
POINTS = 180

STYLE = """
.paper { fill: #ffffff }
text { font: 12px system-ui, sans-serif; fill: #1b1f24 }
.title { font-size: 15px; font-weight: 600 }
.panel { font-weight: 600 }
.axis { fill: #57606a }
.right { text-anchor: end }
.middle { text-anchor: middle }
.grid { stroke: #e3e6ea; stroke-width: 1 }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
.wide { fill: none; stroke-width: 4; stroke-linejoin: round }
.key { stroke-width: 3 }
.c0 { stroke: #0b62b8 } .c1 { stroke: #b6480a } .c2 { stroke: #16793f } .c3 { stroke: #7b3fb0 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14171b } text { fill: #e8eaed } .axis { fill: #a3abb5 } .grid { stroke: #2d333b }
  .c0 { stroke: #6db3f5 } .c1 { stroke: #f59a57 } .c2 { stroke: #5ccf8b } .c3 { stroke: #c49bf5 }
}
"""

# A title, the counters with what they are called, and whether they count up.
PANELS = [
    ("a second", [("inits", "inits"), ("exits", "exits"), ("refused", "refused inits")], True),
    ("lookups that found a value, a second",
     [("found_irq", "in an interrupt"), ("found_rcu", "under RCU"), ("found_with", "counted, may sleep"),
      ("found_hook", "in hooks")], True),
    ("memory of the kernel, MB", [("memory_kb", "neither free, nor of files, nor of processes")], False),
]


def read(lines):
    """The samples that have all counters, as dicts of integers."""
    samples = []
    for line in lines:
        sample = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "inits" in sample and sample.get("seconds", "").isdigit():
            samples.append({name: int(count) for name, count in sample.items() if count.isdigit()})
    return samples


def thin(samples):
    """At most POINTS of them, and the last."""
    step = max(1, ceil(len(samples) / POINTS))
    return samples[:-1:step] + samples[-1:]


def series(samples, name, rate):
    """Pairs of a time and a value: the count, or how much it grew in a second since the sample before."""
    if not rate:
        return [(now["seconds"], now[name] / 1024) for now in samples]
    return [(now["seconds"], (now[name] - before[name]) / (now["seconds"] - before["seconds"]))
            for before, now in zip(samples, samples[1:]) if now["seconds"] > before["seconds"]]


def number(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


class Panel:
    """One drawing of some series, below those before it. Rates have a logarithmic scale, as they differ much."""

    def __init__(self, place, end, lines, logarithmic):
        self.top = TOP + place * (PANEL + GAP)
        self.end = end
        self.logarithmic = logarithmic
        values = [value for line in lines for _, value in line if value > 0] or [1]
        if logarithmic:
            self.low = floor(log10(max(min(values), 0.1)))
            self.high = max(ceil(log10(max(values))), self.low + 1)
            self.ticks = [(power, 10.0 ** power) for power in range(self.low, self.high + 1)]
        else:
            step = 10 ** floor(log10(max(values)))
            step = next(s for s in (step / 5, step / 2, step, 2 * step) if max(values) / s <= 6)
            self.low, self.high = 0, ceil(max(values) / step) * step
            self.ticks = [(n * step, n * step) for n in range(round(self.high / step) + 1)]

    def x(self, seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.end

    def y(self, value):
        if self.logarithmic:
            value = log10(value) if value > 0 else self.low
            value = max(value, self.low)
        return self.top + PANEL * (1 - (value - self.low) / (self.high - self.low))

    def path(self, line):
        points = " L".join(f"{self.x(seconds):.1f} {self.y(value):.1f}" for seconds, value in line)
        return f"M{points}"


def draw(title, samples):
    end = max(1, samples[-1]["seconds"])
    height = TOP + len(PANELS) * (PANEL + GAP) - GAP // 2
    last = samples[-1]
    told = (f"{last['namespaces']:,} namespaces in {last['seconds']:,} s, {last['refused']:,} inits refused, "
            f"{last['cycles']:,} loads of other modules beside, {last['faults']:,} faults")
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
           f'height="{height}" role="img"><title>{escape(title)}: {escape(told)}</title><style>{STYLE}</style>')
    yield f'<rect width="{WIDTH}" height="{height}" class="paper"/>'
    yield f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>'
    yield f'<text class="axis" x="{LEFT}" y="42">{escape(told)}</text>'
    points = thin(samples)
    for place, (name, counters, rate) in enumerate(PANELS):
        lines = [series(points, counter, rate) for counter, _ in counters]
        panel = Panel(place, end, lines, rate)
        for at, value in panel.ticks:
            y = panel.y(value if rate else at)
            yield f'<path class="grid" d="M{LEFT} {y:.1f} H{WIDTH - RIGHT}"/>'
            yield f'<text class="axis right" x="{LEFT - 8}" y="{y + 4:.1f}">{number(value)}</text>'
        for part in range(6):
            seconds = end * part / 5
            where = "right" if part == 5 else "middle"
            yield (f'<text class="axis {where}" x="{panel.x(seconds):.1f}" y="{panel.top + PANEL + 18}">'
                   f'{seconds:,.0f} s</text>')
        yield f'<text class="panel" x="{LEFT}" y="{panel.top - 12}">{escape(name)}</text>'
        x = LEFT + 7.2 * len(name) + 24
        for color, ((_, label), line) in enumerate(zip(counters, lines)):
            yield (f'<path d="M{x:.0f} {panel.top - 16} h18" class="key c{color}"/>'
                   f'<text x="{x + 24:.0f}" y="{panel.top - 12}">{escape(label)}</text>')
            x += 24 + 6.6 * len(label) + 24
            if line:
                # The first of two that run together is seen below the other.
                form = "line" if color else "wide"
                yield f'<path class="{form} c{color}" d="{panel.path(line)}"/>'
    yield "</svg>"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    samples = read(sys.stdin)
    if len(samples) < 2:
        sys.exit("torture_plot.py: there are no two samples to draw a line between.")
    print("\n".join(draw(sys.argv[1], samples)))


if __name__ == "__main__":
    main()
