# SPDX-License-Identifier: GPL-2.0
"""Makes the files of a series of patches against the kernel's tree, of this project's own.

    intree.py TREE SOURCE OUT

TREE is this project, SOURCE an unpacked kernel. For each scripts/patches/NN-NAME, in order, OUT/NN-NAME gets the
message of the patch, and beside it the whole of every file that the patch adds or changes. A description is the
message, a line of `%%`, and what the patch does:

    library FILE...                 parts of the library, below net/
    release FILE fn NAME            this item of a part was left out up to here
    release FILE use PATH           the same for a path of its imports
    release FILE expect LINE        what begins there was not used up to here
    helpers FILE NAME HEADER...     functions in C, which get rust/helpers/net/NAME.c and these headers
    headers HEADER...               what bindgen is to read, too
    copy FILE... FOLDER             modules name the library by its crate there, and comments are as short as they are
    drop PLACE TEXT                 leaves out lines that have this text
    section PLACE TITLE             leaves out a section of a document
    insert PLACE before|after LINE  the lines that follow, indented by a tab, beside this line of a file of the kernel
    create PLACE                    the same as a file of their own
"""

import pathlib
import re
import shutil
import sys

import intree_rust as rust


# What may stand before an item.
SEEN = r"(?:pub(?:\([a-z: ]+\))? )?"


def fail(message):
    sys.exit(f"series: {message}")


class Series:
    def __init__(self, tree, source, out):
        self.tree, self.source, self.out = map(pathlib.Path, (tree, source, out))
        self.library = []
        self.files = {}
        self.patches = [Patch(path) for path in sorted((self.tree / "scripts/patches").glob("[0-9][0-9]-*"))]
        self.held = [(n, *words) for n, patch in enumerate(self.patches) for words in patch.of("release")]

    def read(self, place):
        """Returns a file as the patches so far have left it."""
        if place in self.files:
            return self.files[place]
        path = self.source / place
        return path.read_text() if path.exists() else None

    def run(self):
        for number, patch in enumerate(self.patches):
            before = dict(self.files)
            self.apply(number, patch)
            folder = self.out / patch.name
            for place, text in self.files.items():
                if before.get(place, self.on_disk(place)) != text:
                    target = folder / "files" / place
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text)
                    mode = self.modes.get(place)
                    if mode:
                        target.chmod(mode)
            if not folder.exists():
                fail(f"{patch.name} changes nothing")
            (folder / "message").write_text(patch.message)
        self.complete()

    def on_disk(self, place):
        path = self.source / place
        return path.read_text() if path.exists() else None

    modes = {}

    def apply(self, number, patch):
        for kind, words, text in patch.actions:
            if kind == "library":
                for name in words:
                    if not (self.tree / "net" / name).exists():
                        fail(f"{patch.name}: there is no net/{name}")
                    self.library.append(name)
            elif kind == "helpers":
                self.helpers(*words[:2], words[2:])
            elif kind == "headers":
                self.headers(words)
            elif kind == "copy":
                self.copy(*words)
            elif kind == "create":
                self.files[words[0]] = text
            elif kind == "drop":
                self.drop(words[0], " ".join(words[1:]))
            elif kind == "section":
                self.section(words[0], " ".join(words[1:]))
            elif kind == "insert":
                self.insert(patch, words[0], words[1], " ".join(words[2:]), text)
            elif kind != "release":
                fail(f"{patch.name}: '{kind}' is nothing that a patch does")
        for name in self.library:
            place = "rust/kernel/net/" + name
            self.files[place] = self.part(name, number)

    def part(self, name, number):
        """Returns a file of the library without what comes later."""
        text = (self.tree / "net" / name).read_text()
        stem = pathlib.PurePath(name).with_suffix("")
        for module in re.findall(rf"(?m)^{SEEN}mod (\w+);", text):
            child = str(stem / module)
            if f"{child}.rs" in self.library:
                continue
            text = re.sub(rf"(?m)^(?:#\[.*\]\n)*{SEEN}mod {module};\n", "", text)
            text = re.sub(rf"(?m)^(?:#\[.*\]\n)*{SEEN}use {module}(?:::[^;]*)?;\n", "", text)
        for at, file, kind, *what in self.held:
            if file == name and at > number:
                text = without(text, kind, " ".join(what), f"net/{name}")
        return rust.library(text)

    def helpers(self, file, name, headers):
        text = self.lacking(rust.there((self.tree / "net" / file).read_text()))
        text = re.sub(r"(?m)^(?!static|typedef|struct \w+ \{| |\t|/|#|\}|$)(.*\brust_helper_)", r"__rust_helper\n\1", text)
        # All of it is inline there, and what is inline calls nothing that is static.
        for kind, static in re.findall(r"(?m)^static (\w+ \**)(\w+)\(", text):
            text = re.sub(rf"(?m)^static {re.escape(kind)}(?={static}\()", f"__rust_helper\n{kind}", text)
            text = re.sub(rf"\b{static}\b", f"rust_helper_{static}", text)
        includes = sorted({*headers, *re.findall(r"#include <([^>]+)>", text)})
        text = re.sub(r"(?m)^#include .*\n", "", text)
        comment = text.index("*/\n", text.index("*/\n") + 3 if text.startswith("/* SPDX") else 0) + 3
        text = text[:comment] + "\n" + "".join(f"#include <{header}>\n" for header in includes) + text[comment:]
        text = re.sub(r"\n{3,}", "\n\n", text)
        self.files[f"rust/helpers/net/{name}.c"] = text.rstrip() + "\n"
        place = "rust/helpers/helpers.c"
        lines = self.read(place).splitlines(True)
        add_sorted(lines, f'#include "net/{name}.c"\n', '#include "')
        self.files[place] = "".join(lines)

    def lacking(self, text):
        """Returns a file of functions in C without those that the kernel has, which older ones have not."""
        theirs = "".join(path.read_text() for path in sorted((self.source / "rust/helpers").rglob("*.c")))
        for name in re.findall(r"(?m)^.*\b(rust_helper_\w+)\(", text):
            if f"{name}(" in theirs:
                text = re.sub(rf"(?m)^.*\b{name}\((?:.|\n)*?^}}\n\n?", "", text)
        return re.sub(r"(?m)^/\* Linux 7\.3 has .* \*/\n\n", "", text)

    def headers(self, headers):
        place = "rust/bindings/bindings_helper.h"
        lines = self.read(place).splitlines(True)
        for header in headers:
            if f"#include <{header}>\n" not in lines:
                add_sorted(lines, f"#include <{header}>\n", f"#include <{header.split('/')[0]}/")
        self.files[place] = "".join(lines)

    def copy(self, *names):
        *names, folder = names
        for name in names:
            path = self.tree / name
            if path.is_dir():
                self.copy(*(str(each.relative_to(self.tree)) for each in sorted(path.iterdir())), f"{folder}/{path.name}")
                continue
            if not path.exists():
                fail(f"there is no {name}")
            text = path.read_text()
            if path.suffix == ".rs":
                text = rust.consumer(text)
            elif path.suffix == ".rst":
                text = rust.there(text)
            elif path.suffix == ".sh":
                text = rust.wrap_comments(text, "#")
            place = f"{folder}/{path.name}"
            self.files[place] = text
            self.modes[place] = path.stat().st_mode & 0o777

    def insert(self, patch, place, where, line, text):
        old = self.read(place)
        if old is None:
            fail(f"{patch.name}: the kernel has no {place}")
        lines = old.splitlines(True)
        at = [n for n, found in enumerate(lines) if found.split() == line.split()]
        if not at:
            fail(f"{patch.name}: {place} has no line '{line}'")
        at = at[0] + (where == "after")
        self.files[place] = "".join(lines[:at]) + text + "".join(lines[at:])

    def drop(self, place, text):
        lines = self.files[place].splitlines(True)
        kept = [line for line in lines if text not in line]
        if kept == lines:
            fail(f"no line of {place} has '{text}'")
        self.files[place] = "".join(kept)

    def section(self, place, title):
        text = self.files[place]
        begin = text.find(f"\n{title}\n{'=' * len(title)}\n")
        if begin < 0:
            fail(f"{place} has no section '{title}'")
        end = re.compile(r"\n[^\n]+\n=+\n").search(text, begin + len(title) + 2)
        self.files[place] = text[:begin] + (text[end.start():] if end else "\n")

    def complete(self):
        """All of the library is in the series; what is built in another way there is named here.

        Here each module has a copy of it, and there is one for all: a static that changes would be another thing.
        """
        elsewhere = {"mod.rs", "bindings.rs", "kernels.rs"}
        for path in sorted((self.tree / "net").rglob("*.rs")):
            name = str(path.relative_to(self.tree / "net"))
            if name not in self.library and name not in elsewhere:
                fail(f"no patch has net/{name}")
            changing = re.search(r"(?m)^(?:pub\S* )?static (?:mut )?(\w+): .*\b(?:mut|Atomic|Opaque|\w*Cell|\w*Lock|Mutex|Gate)\b",
                                 path.read_text())
            if changing and "tests" not in path.parts:
                fail(f"all modules would have {changing[1]} of net/{name} in common")


def without(text, kind, what, file):
    """Returns the text without a function or a path of its imports."""
    if kind == "expect":
        if f"\n{what}\n" not in text:
            fail(f"{file} has no line '{what}', which a patch is to release")
        return text.replace(f"\n{what}\n", f"\n#[expect(dead_code)]\n{what}\n")
    if kind == "use":
        prefix = what.split("::")
        found = []

        def rename(path):
            if path[:len(prefix)] == prefix:
                found.append(path)
                return ["-"]
            return path
        text = rust.rewrite_uses(text, rename)
        text = re.sub(rf"(?m)^ *{SEEN}use -;\n", "", text)
        if not found:
            fail(f"{file} does not use {what}, which a patch is to release")
        return text
    match = re.search(rf"(?m)^( *){SEEN}(?:const )?(?:unsafe )?fn {what}\b", text)
    if not match:
        fail(f"{file} has no fn {what}, which a patch is to release")
    start = match.start()
    lines = text[:start].splitlines(True)
    while lines and re.match(r" *(?://|#\[)", lines[-1]):
        start -= len(lines.pop())
    end = re.compile(rf"(?m)^{match[1]}\}}\n\n?").search(text, match.end()).end()
    return text[:start] + text[end:]


def add_sorted(lines, line, prefix):
    """Adds a line before the first that is larger, among those that begin so."""
    same = [n for n, found in enumerate(lines) if found.startswith(prefix)]
    if not same:
        fail(f"nothing begins with {prefix}")
    larger = [n for n in same if lines[n] > line]
    lines.insert(larger[0] if larger else same[-1] + 1, line)


class Patch:
    """One description."""

    def __init__(self, path):
        self.name = path.name
        self.message, _, what = path.read_text().partition("\n%%\n")
        self.message += "\n"
        if not what:
            fail(f"{path.name} says nothing of what it does, behind a line of %%")
        self.actions = []
        for line in what.splitlines():
            if line.startswith("\t") or (not line and self.actions and self.actions[-1][2]):
                self.actions[-1][2] += line[1:] + "\n"
            elif line and not line.startswith("#"):
                kind, *words = line.split()
                self.actions.append([kind, words, ""])
        for action in self.actions:
            if action[2]:
                action[2] = action[2].rstrip("\n") + "\n"

    def of(self, kind):
        return [words for found, words, _ in self.actions if found == kind]


if __name__ == "__main__":
    if len(sys.argv) != 4:
        fail("wants TREE, SOURCE and OUT")
    shutil.rmtree(sys.argv[3], ignore_errors=True)
    Series(*sys.argv[1:]).run()
