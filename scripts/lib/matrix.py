# SPDX-License-Identifier: GPL-2.0
"""What scripts/matrix has run, in a table.

keep FOLDER NAME FACT=VALUE...  writes what is known of a run of that kernel; the facts are
                                suite, version, arch: what was looked for, and what was found;
                                config, module, log, tests: files of it, as far as they are there;
                                why: the reason why there was no run
table FOLDER NAME...            prints it, of these kernels
"""

import datetime
import json
import re
import sys
from pathlib import Path

COLUMNS = ("kernel", "Linux", "architecture", "rustc", "bindgen", "compiler", "date", "passed", "failed", "skipped",
           "seconds")


def found(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return match.group(1) if match else ""


def read(path):
    return Path(path).read_bytes().decode("ascii", "replace") if path and Path(path).is_file() else ""


def tested(name, text):
    """The counts of the kselftests on a kernel, of what scripts/test printed, and how that guest ended."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for line in re.findall(rf"^  {name}: pernet_\S+: (.*)$", text, re.MULTILINE):
        for number, what in re.findall(r"(\d+) (passed|failed|skipped)", line):
            counts[what] += int(number)
    why = found(rf"^  {name}: (the (?:guest did not|image is not) [^;:]*)", text)
    if why:
        counts["failed"] += 1
    return counts | {"seconds": found(rf"^Tested: {name}, (\d+) s$", text), "why": why}


def keep(folder, name, facts):
    record = {key: facts.get(key, "") for key in ("suite", "version", "arch", "why")}
    record |= {"kernel": name, "date": datetime.date.today().isoformat()}
    if "tests" in facts:
        # In the words of the kernel that was booted, and of the module that it loaded.
        banner = found(r"(Linux version .*)", read(facts["log"]))
        record |= tested(name, read(facts["tests"])) | {
            "Linux": found(r"Linux version (\S+)", banner),
            "compiler": " ".join(re.findall(r"(gcc|clang)\S* \([^)]*\) ([0-9.]+)", banner)[0]) if banner else "",
            "rustc": found(r"rustc version ([0-9.]+)", read(facts["module"])),
            "bindgen": found(r'^CONFIG_BINDGEN_VERSION_TEXT="bindgen (\S+)"', read(facts["config"])),
        }
    (Path(folder) / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
    good = not record["why"] and record.get("passed", 0) > 0 and record.get("failed") == 0
    return 0 if good else 1


def table(folder, names):
    records = [json.loads(path.read_text()) for path in (Path(folder) / f"{name}.json" for name in names) if path.is_file()]
    rows = [COLUMNS]
    for record in records:
        record = record | {"kernel": f"``{record['kernel']}``", "architecture": record["arch"]}
        rows.append([str(record.get(column, "")) or "\\" for column in COLUMNS])
    widths = [max(map(len, cells)) for cells in zip(*rows)]
    bar = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    print("\n".join([bar, lines[0], bar, *lines[1:], bar, ""]))
    for record in records:
        print(f"``{record['kernel']}``")
        print(f"    {record['version'] or 'Nothing'} of {record['suite']}." + (f" {record['why']}" if record["why"] else ""))
    return 0


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or ["help"]
    if command == "keep" and len(rest) >= 2:
        sys.exit(keep(*rest[:2], dict(fact.split("=", 1) for fact in rest[2:])))
    if command == "table" and rest:
        sys.exit(table(rest[0], rest[1:]))
    sys.exit(__doc__)
