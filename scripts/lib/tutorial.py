#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a reader of a tutorial does, step by step, for scripts/tutorial.

    tutorial.py plan PAGE FOLDER        writes FOLDER/NN/kind and what that kind of step has beside it:
                                        file: name, text; patch: text; command, and packages: text, expected, fails
    tutorial.py compare STEP FOUND      whether the output in the file FOUND is what the page shows for that step

A code block with a caption is a file of that name, a diff is a change, and what begins with "$ " in a block of the
console is a command, whose output follows. In a block with ":class: fails" commands fail.
"""

import difflib
import re
import sys
from pathlib import Path

OPTION = re.compile(r"^    :(\w+): (.*)$")


def blocks(text):
    """The code blocks: language, options, text."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if not (match := re.match(r"\.\. code-block:: (\S+)$", line)):
            continue
        at += 1
        options = {}
        while option := OPTION.match(lines[at]):
            options[option[1]] = option[2]
            at += 1
        body = []
        while at < len(lines) and (not lines[at] or lines[at].startswith("    ")):
            body.append(lines[at][4:])
            at += 1
        yield match[1], options, "\n".join(body).strip("\n") + "\n"


def steps(text):
    """The steps that the blocks are, as dictionaries."""
    for language, options, body in blocks(text):
        if "caption" in options:
            yield {"kind": "file", "name": options["caption"], "text": body}
        elif language == "diff":
            yield {"kind": "patch", "text": body}
        elif language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, expected = part.split("\n", 1)
                yield {
                    "kind": "packages" if command.startswith("sudo apt-get install ") else "command",
                    "text": command + "\n",
                    "expected": expected.rstrip("\n") + "\n" if expected.strip() else "",
                    "fails": "1" if options.get("class") == "fails" else "",
                }
        else:
            sys.exit(f"a block of {language} has no caption: {body.splitlines()[0]}")


def plan(page, folder):
    """Writes the steps."""
    number = 0
    for number, step in enumerate(steps(Path(page).read_text(encoding="utf-8")), 1):
        to = Path(folder, f"{number:02}")
        to.mkdir()
        for name, value in step.items():
            (to / name).write_text(value, encoding="utf-8")
    if not number:
        sys.exit(f"there is nothing to do in {page}")


# A network namespace, and how long something took.
VARYING = re.compile(r"\b\d+/40265\d{5}\b|\b\d+ s\b")


def pattern(expected):
    """A regular expression for an output as the page shows it."""
    result = ""
    for line in expected.splitlines():
        if line == "...":
            result += r"(?:.*\n)*?"
            continue
        result += re.sub(r"\0(.)", lambda match: {"n": r"\d+/\d+", "s": r"\d+ s"}[match[1]],
                         re.escape(VARYING.sub(lambda match: "\0n" if "/" in match[0] else "\0s", line)).replace("\\\0", "\0"))
        result += r"\n"
    return result


# What tells that something is being made goes away on a terminal, or is of the first start only.
PROGRESS = re.compile(r"^  \S.*(?: \.\.\.|: \d+ s)\n|^Another run is preparing .*\n|^For the first start .*\n", re.MULTILINE)


def compare(step, found):
    """Tells what is different, if anything."""
    expected = Path(step, "expected").read_text(encoding="utf-8")
    output = PROGRESS.sub("", Path(found).read_text(encoding="utf-8"))
    if re.fullmatch(pattern(expected), output):
        return
    print(*difflib.unified_diff(expected.splitlines(), output.splitlines(), "on the page", "found", lineterm=""), sep="\n")
    sys.exit(1)


{"plan": plan, "compare": compare}[sys.argv[1]](*sys.argv[2:])
