# SPDX-License-Identifier: GPL-2.0
"""How Sphinx makes pages of this folder: scripts/docs html. As the kernel's does, but for what that has beside."""

import os
import re

from pygments.formatters import HtmlFormatter

project = "rust-pernet"
author = "rust-pernet contributors"
language = "en"
# A block of text is what somebody sees on a terminal, unless it says what it is.
highlight_language = "none"
pygments_style = "sphinx"
templates_path = []
nitpicky = True
exclude_patterns = ["netlink"]

html_theme = "alabaster"
html_title = "rust-pernet"
html_static_path = ["sphinx-static"]
html_css_files = ["custom.css", "dark.css"]
html_theme_options = {
    "description": "Code for every network namespace in safe Rust",
    "page_width": "80rem",
    "body_max_width": "62rem",
    "sidebar_width": "15rem",
    "fixed_sidebar": True,
    "show_powered_by": False,
    "show_relbars": True,
    # The reader's own.
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
    "code_font_family": "ui-monospace, monospace",
}
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html", "localtoc.html"]}
html_show_copyright = False
html_show_sourcelink = False


def dark_code(app, _):
    """Colours of code for readers with a dark screen, behind those for a light one."""
    if app.builder.format != "html":
        return
    rules = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    rules = "\n".join(rule for rule in rules.splitlines() if rule.startswith(".highlight"))
    # The theme has the background.
    rules = re.sub(r"background: #0d1117; ?", "", rules)
    path = os.path.join(app.outdir, "_static", "dark.css")
    with open(path, "w", encoding="utf-8") as file:
        file.write("@media (prefers-color-scheme: dark) {\n" + rules + "\n}\n")


def setup(app):
    """Sphinx calls this."""
    app.connect("build-finished", dark_code)
    return {"parallel_read_safe": True}
