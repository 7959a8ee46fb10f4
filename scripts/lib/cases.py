#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The cases of selftests/net/pernet/compile_fail/, for scripts/compile-fail.

    cases.py variants CASES OUT NAME...         writes OUT/NAME.bad.rs and OUT/NAME.good.rs
    cases.py judge CASES OUT NUMBER LABEL STRICT NAME...
                                                tells in KTAP what rustc said of them, from NUMBER on

How a case is marked is in the README of that folder. The compiler's messages are in OUT/LABEL/NAME.VARIANT.json,
its exit status in OUT/LABEL/NAME.VARIANT.status. Warnings in a good variant count if STRICT is 1.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

WHAT = r'(?:E\d{4}|"[^"]+")'
ERROR = re.compile(f"//~ ERROR (?P<what>{WHAT}(?: {WHAT})*)$")
VARIANT = re.compile(r"\.(?:bad|good)\.rs\b")
OK = re.compile(r"//~ OK(?: (?P<code>.*))?$")
# The case that has every public type of the library, and how a type stands in the library and there.
IMPLS = "impls_of_library"
PUBLIC_TYPE = re.compile(r"^pub (?:struct|enum|union) (\w+)", re.M)
TYPE_IN_CASE = re.compile(r"^impls(?:_of_hidden)?!\((?:\w+::)*(\w+)", re.M)


class Case:
    """A case, in both variants, and what is expected of the bad one."""

    def __init__(self, folder, name):
        self.path = Path(folder, name + ".rs")
        self.bad = self.path.read_text().splitlines()
        self.good = list(self.bad)
        # Pairs of a line's number and an error code, or a part of a message in quotation marks.
        self.expected = []
        code = None
        replaced = False
        for number, line in enumerate(self.bad, 1):
            marker = line.strip()
            if not marker.startswith("//~"):
                code = number
            elif error := ERROR.match(marker):
                self.expected += [(code, what) for what in re.findall(WHAT, error["what"])]
            elif ok := OK.match(marker):
                self.good[code - 1] = ok["code"] or ""
                replaced = True
            else:
                self.die(number, "this is neither //~ ERROR nor //~ OK")
        if not self.expected:
            self.die(len(self.bad), "there is no //~ ERROR")
        if not replaced:
            self.die(len(self.bad), "there is no //~ OK")

    def die(self, number, what):
        sys.exit(f"{self.path}:{number}: {what}")

    def write(self, out):
        for variant in "bad", "good":
            Path(out, f"{self.path.stem}.{variant}.rs").write_text("\n".join(getattr(self, variant)) + "\n")


class Message:
    """One message of the compiler, and the lines of the case that it is about."""

    def __init__(self, fields):
        self.level = fields["level"].split(":")[0]
        self.code = (fields.get("code") or {}).get("code")
        self.text = fields["message"]
        # Up to rustc 1.85 it is a label that tells what an assertion said.
        self.texts = [self.text] + [span["label"] or "" for span in fields["spans"]]
        self.rendered = (fields.get("rendered") or fields["message"]).rstrip()
        self.lines = lines_of([span for span in fields["spans"] if span["is_primary"]])
        self.what = self.code or f'"{self.text}"'

    def is_about(self, number, what):
        if what.startswith('"'):
            # An assertion of the library may not tell for which line of the case it was evaluated.
            return any(what[1:-1] in text for text in self.texts) and (not self.lines or number in self.lines)
        return what == self.code and number in self.lines


def lines_of(spans):
    """The lines of the case, a file named as `Case.write()` does, where these are or were expanded."""
    lines = set()
    for span in spans:
        while span["expansion"]:
            span = span["expansion"]["span"]
        if VARIANT.search(span["file_name"]):
            lines.add(span["line_start"])
    return lines


def messages(path):
    """The errors and warnings of one run of the compiler."""
    found = []
    for line in path.read_text(errors="replace").splitlines():
        try:
            message = Message(json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue
        if message.level == "note" and found and not found[-1].lines:
            # Where the library was asked for what failed.
            found[-1].lines = message.lines
            found[-1].rendered += "\n" + message.rendered
        elif message.level in ("error", "warning") and not re.match(
            r"aborting due to|\d+ warnings? emitted", message.text
        ):
            found.append(message)
    return found


def complaints(case, out, strict):
    """What is wrong with a case, in sentences."""
    said = {variant: messages(Path(out, f"{case.path.stem}.{variant}.json")) for variant in ("bad", "good")}
    status = {
        variant: Path(out, f"{case.path.stem}.{variant}.status").read_text().strip() for variant in ("bad", "good")
    }

    errors = [message for message in said["bad"] if message.level == "error"]
    if status["bad"] == "0":
        yield "it compiles"
    elif status["bad"] != "1":
        yield f"rustc ended with status {status['bad']}"
    for number, what in case.expected:
        if not any(error.is_about(number, what) for error in errors):
            yield f"line {number}: there is no error {what}"
    for error in errors:
        if not any(error.is_about(number, what) for number, what in case.expected):
            yield f"there is an error {error.what} that is not marked:\n{error.rendered}"

    if status["good"] != "0":
        yield f"what is OK does not compile (status {status['good']})"
    for message in said["good"]:
        if message.level == "error" or strict:
            yield f"what is OK makes an {message.level}:\n{message.rendered}".replace("an w", "a w")


def absent_types(case):
    """The public types of the library that are not in the case, in sentences."""
    library = case.path.resolve().parents[4] / "net"
    public = Counter(name for path in library.rglob("*.rs") for name in PUBLIC_TYPE.findall(path.read_text()))
    if not public:
        yield f"there are no public types in {library}"
    for name in public - Counter(TYPE_IN_CASE.findall("\n".join(case.bad))):
        yield f"there is no line of impls! for a public type {name}"


def judge(folder, out, number, label, strict, names):
    failed = False
    for number, name in enumerate(names, int(number)):
        case = Case(folder, name)
        said = "\n".join(complaints(case, Path(out, label), strict == "1"))
        if name == IMPLS:
            said = "\n".join(filter(None, [said, *absent_types(case)]))
        print(f"{'not ok' if said else 'ok'} {number} compile-fail: {name} (rustc {label})")
        for line in re.sub(rf"\S*/{name}{VARIANT.pattern}", str(case.path), said, flags=re.MULTILINE).splitlines():
            print(f"# {line}")
        failed |= bool(said)
    return failed


def main(what, folder, out, *rest):
    if what == "judge":
        return judge(folder, out, *rest[:3], rest[3:])
    for name in rest:
        Case(folder, name).write(out)
    return False


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
