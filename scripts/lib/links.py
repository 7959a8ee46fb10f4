# SPDX-License-Identifier: GPL-2.0
"""Checks that relative links and anchors of Markdown files lead somewhere, and that files that are named exist.

Usage: links.py TOP SOURCE

TOP is the checkout, SOURCE the kernel's source, which pages name files of, too.
"""

import os
import re
import sys

FOLDERS = "bench|Documentation|ledger|model|net|samples|scripts|selftests|tools"
# What a name in a page may stand for, rather than a file.
GENERIC = re.compile(r"[A-Z]{3,}|[*…<>{}$]")


def anchors(path):
    """Of the headings: as forges make them of Markdown, as docutils makes them of reStructuredText."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".rst"):
        titles = re.findall(r"^(\S.*)\n([=\-~^])\2+$", text, re.M)
        return {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title, _ in titles}
    text = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    titles = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def markdown(top, path):
    """What is wrong with links of a Markdown file."""
    with open(os.path.join(top, path), encoding="utf-8") as file:
        text = re.sub(r"^```.*?^```", "", file.read(), flags=re.S | re.M)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = os.path.normpath(os.path.join(top, os.path.dirname(path), name)) if name else os.path.join(top, path)
        if not os.path.exists(target):
            yield f"{path} links to {link}, which is not there"
        elif anchor and anchor not in anchors(target):
            yield f"{path} links to {link}, where no heading has that name"


def named(top, source, path):
    """Files that a page names and that are neither here nor in the kernel, whose selftests have short names."""
    with open(os.path.join(top, path), encoding="utf-8") as file:
        text = file.read()
    for name in sorted(set(re.findall(rf"``?((?:{FOLDERS})/[^`\s]+)``?", text))):
        plain = re.sub(r"[#:].*|/$", "", name)
        if GENERIC.search(plain) or os.path.exists(os.path.join(top, plain)):
            continue
        in_kernel = (plain, os.path.join("tools/testing/selftests", plain))
        if not any(os.path.exists(os.path.join(source, name)) for name in in_kernel):
            yield f"{path} names {name}, which is not there"


def main():
    """Tells all that is wrong."""
    top, source = sys.argv[1:]
    pages = ["README.md"]
    for folder, _, names in os.walk(os.path.join(top, "Documentation")):
        pages += [os.path.relpath(os.path.join(folder, name), top) for name in names if name.endswith(".rst")]
    wrong = []
    for page in sorted(pages):
        wrong += named(top, source, page)
        if page.endswith(".md"):
            wrong += markdown(top, page)
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
