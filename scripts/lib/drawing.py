# SPDX-License-Identifier: GPL-2.0
"""What the drawings that are made from source have in common: SVG that can be read on light and dark pages."""

from html import escape

# Of a letter of twelve pixels, on average; system fonts differ.
LETTER = 7

STYLE = """\
text{font:12px system-ui,sans-serif;fill:#1f2328}
.code{font-family:ui-monospace,monospace;font-size:11px}
.title{font-weight:600;font-size:13px}
.small{font-size:11px;fill:#59636e}
.page{fill:#fff}.band{fill:#f3f5f8}.box{fill:#fff;stroke:#8c959f}.trait{fill:#ddf4ff;stroke:#0969da}
.hook{fill:#dafbe1;stroke:#1a7f37}.wait{fill:#fff8c5;stroke:#9a6700}
.line{stroke:#8c959f;fill:none}.lock{fill:#bc4c00}.lock+text{fill:#fff}
.names{stroke:#0969da;fill:none}.given{stroke:#1a7f37;fill:none}.leads{stroke:#8c959f;fill:none}
text.names{fill:#0969da;stroke:none}text.given{fill:#1a7f37;stroke:none}text.leads{fill:#59636e;stroke:none}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.small{fill:#9198a1}
.page{fill:#0d1117}.band{fill:#161b22}.box{fill:#0d1117;stroke:#6e7681}.trait{fill:#0c2d6b;stroke:#4493f8}
.hook{fill:#033a16;stroke:#3fb950}.wait{fill:#341a00;stroke:#d29922}
.line{stroke:#6e7681}.lock{fill:#ffa657}.lock+text{fill:#0d1117}
.names{stroke:#4493f8}.given{stroke:#3fb950}.leads{stroke:#6e7681}
text.names{fill:#4493f8}text.given{fill:#3fb950}text.leads{fill:#9198a1}}"""


class Drawing:
    """Collects shapes; whoever draws says how large it has become."""

    def __init__(self, label):
        self.label = label
        self.shapes = []

    def text(self, x, y, text, kind="", anchor="start"):
        """A line of text, whose foot is at y."""
        kind = f' class="{kind}"' if kind else ""
        anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.shapes.append(f'<text{kind} x="{x}" y="{y}"{anchor}>{escape(text, quote=False)}</text>')

    def box(self, x, y, width, height, kind):
        """A rectangle with round corners."""
        self.shapes.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>')

    def path(self, path, kind):
        """A line."""
        self.shapes.append(f'<path class="{kind}" d="{path}"/>')

    def svg(self, width, height):
        """All of it."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                f'height="{height}" role="img" aria-label="{escape(self.label)}">',
                f"<style>{STYLE}</style>",
                f'<rect class="page" width="{width}" height="{height}"/>',
                *self.shapes,
                "</svg>\n",
            ]
        )
