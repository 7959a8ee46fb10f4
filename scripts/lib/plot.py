# SPDX-License-Identifier: GPL-2.0
"""The plot of scripts/bench: cost against the number of namespaces."""

WIDTH, HEIGHT, MARGIN = 860, 330, 58
STYLE = """
  text { font: 13px sans-serif; fill: #222 }
  .title { font-weight: bold }
  .axis { stroke: #888; stroke-width: 1 }
  .grid { stroke: #ddd; stroke-width: 1 }
  .rust { stroke: #b7410e; fill: #b7410e } .c { stroke: #1f5fa8; fill: #1f5fa8 } .bare { stroke: #777; fill: #777 }
  path { fill: none !important; stroke-width: 2.5 }
  text.rust, text.c, text.bare { stroke: none }
  .background { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .axis { stroke: #999 } .grid { stroke: #444 } .background { fill: #181818 }
    .rust { stroke: #ff8a50; fill: #ff8a50 } .c { stroke: #7ab8ff; fill: #7ab8ff } .bare { stroke: #aaa; fill: #aaa }
  }
"""


def panel(left, title, unit, lines):
    """One diagram; the lines are (class, name, points, slope)."""
    width, height = WIDTH // 2 - MARGIN - 30, HEIGHT - 2 * MARGIN
    largest_x = max(x for _, _, points, _ in lines for x, _ in points)
    largest_y = max(y for _, _, points, _ in lines for _, y in points) / unit

    def at(x, y):
        return left + x / largest_x * width, MARGIN + height - y / unit / largest_y * height

    out = [f'<text class="title" x="{left}" y="26">{title}</text>']
    for part in range(5):
        y = MARGIN + height - part / 4 * height
        out.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{left + width}" y2="{y:.1f}"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{part / 4 * largest_y:.0f}</text>')
    for x in sorted({x for _, _, points, _ in lines for x, _ in points}):
        if x in (1, largest_x) or x > largest_x / 20:
            out.append(f'<text x="{at(x, 0)[0]:.1f}" y="{MARGIN + height + 18}" text-anchor="middle">{x}</text>')
    out.append(f'<line class="axis" x1="{left}" y1="{MARGIN + height}" x2="{left + width}" y2="{MARGIN + height}"/>')
    out.append(f'<text x="{left + width / 2}" y="{MARGIN + height + 38}" text-anchor="middle">namespaces</text>')
    for number, (style, name, points, slope) in enumerate(lines):
        path = " L".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
        dash = ' stroke-dasharray="7 5"' if style == "rust" else ""
        out.append(f'<path class="{style}" d="M{path}"{dash}/>')
        out += [f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in (at(*p) for p in points)]
        out.append(f'<text class="{style}" x="{left + 14}" y="{MARGIN + 14 + 19 * number}">{name}: {slope:.1f} each</text>')
    return out


def svg(lines):
    """The plot, as SVG that can be read on a light page and on a dark one."""
    def some(what, styles):
        return [
            (style, {"c": "C", "rust": "Rust", "bare": "the kernel, no hook, no data"}[style], *lines[f"{what} {key}"])
            for style, key in styles
        ]

    body = panel(MARGIN, "Registering one type, 1,000 instructions", 1000,
                 some("register", [("c", "C"), ("rust", "Rust"), ("bare", "bare")]))
    body += panel(WIDTH // 2 + MARGIN - 10, "A walk with a lookup in each, 1,000 instructions", 1000,
                  some("walk", [("c", "C"), ("rust", "Rust")]))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="cost against the number of namespaces">',
        f"<style>{STYLE}</style>",
        f'<rect class="background" width="{WIDTH}" height="{HEIGHT}"/>', *body, "</svg>", "",
    ])
