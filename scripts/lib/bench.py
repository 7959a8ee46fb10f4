#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What scripts/bench has measured: reads it, judges it, and tells it.

    bench.py check COUNTS MODULES       the goals as KTAP
    bench.py report OUT MODULES KEY=VALUE... COUNTS... [times TIMES] [scale SCALE] [loop LOOP]
                                        writes OUT.rst, OUT.json, OUT.svg
    bench.py put PAGE RST               puts RST between the marks of the page

COUNTS, TIMES, SCALE and LOOP are what scripts/bench kept, MODULES the folder that the modules are in.
"""

import json
import random
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import plot

# The registrations of bench_rust and its twins, in their order.
PROBES = [
    "counters", "nothing", "own", "after", "get", "rcu", "rcu_many",
    "counted", "counted_many", "sleep", "walk",
]
RUST = "bench_rust"
C = "bench_c"
LINE = re.compile(r"^(\w+) (\d+) (\w+) (\w+) (\d+)$")


def read(path):
    """Returns the values as {(what, namespaces, order): {(module, probe, hook, where): [value, ...]}}."""
    values = defaultdict(lambda: defaultdict(list))
    section = None
    for line in Path(path).read_text(errors="replace").splitlines():
        if line.startswith("@ "):
            what, number, order = (line[2:].split() + ["0", ""])[:3]
            section = (what, int(number) if number.isdigit() else number, order)
        elif match := LINE.match(line.strip()):
            module, number, hook, where, value = match.groups()
            number = int(number)
            probe = PROBES[number] if module.startswith("bench_") else number
            values[section][module, probe, hook, where].append(int(value) / 100)
    if not values:
        sys.exit(f"bench.py: nothing has been measured in {path}.")
    return values


class Counts:
    """Instructions, of one boot or several, which have to agree."""

    def __init__(self, paths):
        self.boots = [read(path) for path in paths]
        self.spread = 0.0

    def every(self, what, module, probe, hook, namespaces=None):
        """All values of a hook that were measured: in any order, namespace and boot."""
        return [
            value
            for boot in self.boots
            for (kind, number, _), found in boot.items()
            if kind == what and namespaces in (None, number)
            for (a_module, a_probe, a_hook, _), some in found.items()
            if (a_module, a_probe, a_hook) == (module, probe, hook)
            for value in some
        ]

    def hook(self, module, probe, hook="pre_exit"):
        """What a call costs, loop included: the least, and all others are to be the same."""
        every = self.every("hooks", module, probe, hook)
        # A walk depends on the number of namespaces.
        if probe != "walk":
            self.spread = max(self.spread, max(every) - min(every))
        return min(every)

    def allocations(self, name):
        """How often memory was allocated for unshare(1) with this module; what else comes in is left out."""
        return min(
            value
            for boot in self.boots
            for (what, a_name, _), found in boot.items()
            if (what, a_name) == ("allocations", name)
            for some in found.values()
            for value in some
        )

    def over_nothing(self, module, probe):
        return self.hook(module, probe) - self.hook(module, "nothing")

    def line(self, what, module, probe, hook):
        """The points and the slope of a cost against the number of namespaces."""
        numbers = sorted({key[1] for boot in self.boots for key in boot if key[0] == what})
        points = []
        for number in numbers:
            every = self.every(what, module, probe, hook, number)
            points.append((number + 1, statistics.median(every)))
        return points, slope(points)


def slope(points):
    if len(points) < 2:
        return float("nan")
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


# ---- What the compilers made ------------------------------------------------------------------------------

class Function:
    """A function of an object file."""

    def __init__(self, lines):
        self.instructions = 0
        self.calls = []
        self.stack = 0
        self.bytes = 0
        padding = 0
        for address, text, reloc in lines:
            operation = text.split()[0]
            if operation in ("nop", "nopw", "nopl", "int3") or text.startswith(("cs nop", "data16", "xchg %ax,%ax")):
                padding += 1
                continue
            self.instructions += 1
            self.bytes = address[1] - lines[0][0][0]
            # Not those of the module itself, which are for what should not be.
            if operation in ("call", "jmp") and reloc and not re.match(r"__x86_return_thunk|\.text", reloc):
                self.calls.append(re.sub(r"-0x\w+$", "", reloc))
            if operation == "push":
                self.stack += 8
            elif match := re.match(r"sub +\$0x(\w+),%rsp", text):
                self.stack += int(match[1], 16)


def functions(path):
    """The functions of an object file, by their names."""
    out = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", path], check=True, capture_output=True, text=True)
    found, name, lines = {}, None, []

    def finish():
        if name and lines:
            for (address, text, reloc), following in zip(lines, lines[1:] + [None]):
                address.append(following[0][0] if following else address[0] + 5)
            found[name] = Function(lines)

    for line in out.stdout.splitlines():
        if match := re.match(r"^[0-9a-f]+ <(.*)>:$", line):
            finish()
            name, lines = match[1], []
        elif match := re.match(r"^ +([0-9a-f]+):\t(.*)$", line):
            lines.append(([int(match[1], 16)], match[2].split("#")[0].strip(), None))
        elif (match := re.match(r"^\t+[0-9a-f]+: R_\S+\t(\S+)$", line)) and lines:
            lines[-1] = (*lines[-1][:2], match[1])
    finish()
    return found


RUST_NAMES = {
    "counters": "Counters", "nothing": "Nothing", "own": "Own", "after": "AfterCounters", "get": "Get",
    "rcu": "Rcu", "rcu_many": "RcuMany", "counted": "Counted", "counted_many": "CountedMany", "sleep": "Sleep",
    "walk": "Walk",
}


def trampolines(modules):
    """Pairs of functions: (probe, hook, the C one, the Rust one)."""
    in_c = functions(Path(modules, "bench/bench_c.ko"))
    in_rust = functions(Path(modules, "bench/bench_rust.ko"))
    for probe in PROBES:
        for hook in ("init", "pre_exit", "exit"):
            mangled = f"5hooks{len(hook) + 4}ops_{hook}NtB"
            of_rust = [
                function for name, function in in_rust.items()
                if mangled in name and re.search(rf"_{len(RUST_NAMES[probe])}{RUST_NAMES[probe]}E", name)
                and not name.startswith("__pfx")
            ]
            of_c = in_c.get(f"{probe}_{hook}")
            if of_rust or of_c:
                yield probe, hook, of_c, of_rust[0] if of_rust else None


def text_size(path):
    """The bytes of code that stay when a module is loaded."""
    out = subprocess.run(["size", "-A", path], check=True, capture_output=True, text=True)
    return sum(
        int(line.split()[1]) for line in out.stdout.splitlines()
        if re.match(r"\.(text|exit\.text|text\.\S+|noinstr\.text) ", line)
    )


def listing_size(path):
    """The bytes of code of net/pernet/{shown,debugfs}.rs, with what stands before each function and fills up after it."""
    out = subprocess.run(["nm", "-S", path], check=True, capture_output=True, text=True)
    sizes = [
        int(size, 16) for size, kind, name in re.findall(r"^\w+ (\w+) (\w) (\S+)$", out.stdout, re.MULTILINE)
        if kind in "tT" and re.search("6pernet(5shown|7debugfs)", name)
    ]
    return sum(-(-size // 16) * 16 for size in sizes)


# ---- Rows of the table ------------------------------------------------------------------------------------

class Row:
    def __init__(self, what, c, rust, goal, met, decimals=1):
        self.what, self.c, self.rust, self.goal, self.met = what, c, rust, goal, met
        self.decimals = decimals

    def number(self, value):
        return "" if value is None else f"{value:.{self.decimals}f}"

    def cells(self):
        return [self.what, self.number(self.c), self.number(self.rust), self.goal, "yes" if self.met else "NO"]


def at_most(what, c, rust, factor=1.0, more=0, goal=None, decimals=1):
    goal = goal or ("<= C" + (f" x {factor:g}" if factor != 1 else "") + (f" + {more}" if more else ""))
    return Row(what, c, rust, goal, rust <= c * factor + more + 1e-9, decimals)


def rows(counts, modules):
    over = counts.over_nothing
    hook = counts.hook
    for module in (C, RUST):
        for probe, a_hook, _, _ in trampolines(modules):
            if counts.every("hooks", module, probe, a_hook):
                hook(module, probe, a_hook)
    yield Row("control: the same C built twice, a hook", hook(C, "counters", "init"),
              hook("bench_same", "counters", "init"), "= C",
              all(hook(C, probe) == hook("bench_same", probe) for probe in PROBES[1:]))
    yield Row("control: C and ten nops, a hook", hook(C, "counters", "init"), hook("bench_nops", "counters", "init"),
              "= C + 10", all(abs(hook("bench_nops", probe) - hook(C, probe) - 10) < 1e-9 for probe in PROBES[1:]))
    yield Row("control: two measurements of a hook, at most", None, counts.spread, "<= 0.1", counts.spread <= 0.1, 2)
    yield at_most("hook with data: init", hook(C, "counters", "init"), hook(RUST, "counters", "init"))
    yield at_most("hook with data: exit", hook(C, "counters", "exit"), hook(RUST, "counters", "exit"))
    extra = [
        f"{probe}_{a_hook} calls {', '.join(sorted(more))}"
        for probe, a_hook, of_c, of_rust in trampolines(modules) if of_c and of_rust
        if (more := set(of_rust.calls) - set(of_c.calls))
    ]
    yield Row("functions that a hook calls and C's does not", None, len(extra), "0", not extra, 0)
    yield at_most("a hook's own data", over(C, "own"), over(RUST, "own"))
    yield at_most("lookup, namespace with a reference", over(C, "counted"), over(RUST, "counted"), more=4)
    yield at_most("lookup, any namespace", over(C, "rcu"), over(RUST, "rcu"), more=4)
    yield at_most("16 in one RCU section, with a reference, each", over(C, "counted_many") / 16,
                  over(RUST, "counted_many") / 16)
    yield at_most("16 in one RCU section, any namespace, each", over(C, "rcu_many") / 16, over(RUST, "rcu_many") / 16)
    yield at_most("lookup that may sleep (C: any lookup)", over(C, "sleep"), over(RUST, "sleep"), factor=2)
    yield Row("value registered before, in a hook", over(C, "after"), over(RUST, "after"), "<= 5 + 3 for the check",
              over(RUST, "after") <= 8)
    yield at_most("another's value, in a hook", over(C, "get"), over(RUST, "get"))
    walk_c, walk_rust = (counts.line("hooks", module, "walk", "pre_exit")[1] for module in (C, RUST))
    yield at_most("walk with lookups, each namespace", walk_c, walk_rust, factor=1.02, decimals=2)
    of_c, of_rust = (counts.line("register", module, "counters", "register")[1] for module in (C, RUST))
    yield at_most("registration, each namespace", of_c, of_rust, factor=1.02)
    made_c, made_rust = (
        sum(min(counts.every("ops_init", module, probe, "ops_init")) for probe in PROBES) for module in (C, RUST)
    )
    yield at_most("unshare(2), in all eleven ops_init()", made_c, made_rust, more=30)
    of_c, of_rust, nothing = (
        min(counts.every("packets", module, 0, "packet")) for module in ("packet_c", "netns_counters", "meter")
    )
    yield at_most("samples/netns_counters.rs: a packet", of_c - nothing, of_rust - nothing, factor=1.05)
    allocations = {name: counts.allocations(name) for name in ("none", "c", "rust")}
    yield Row(f"allocations of unshare(1) (without either: {allocations['none']:.0f})", allocations["c"],
              allocations["rust"], "= C", allocations["c"] == allocations["rust"], 0)
    # The library itself, of which there is a copy in each module, is what a small module is to have beside that. C has
    # nothing like the list in debugfs, which is told of by itself.
    for name, what, types, more in (("many", "64 types", 64, 0), ("bench", "11 types", 11, 2000)):
        c, rust = (text_size(Path(modules, f"bench/{name}_{side}.ko")) for side in ("c", "rust"))
        listing = listing_size(Path(modules, f"bench/{name}_rust.ko"))
        yield at_most(f"text of a module, {what}, bytes", c, rust - listing, factor=1.3, more=more, decimals=0)
        yield Row(f"the same of its list in debugfs, {what}", None, listing, f"<= 2500 + {types} x 128",
                  listing <= 2500 + types * 128, 0)


def heading(title):
    return f"{title}\n{'-' * len(title)}\n"


def table(rows):
    """Rows of cells, the first of them the head, as text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(cell.ljust(width) if i in (0, len(row) - 2) else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows
    ]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


# ---- Nanoseconds ------------------------------------------------------------------------------------------

def interval(ratios, samples=2000):
    """The median of some ratios, and the 95 % interval of it by bootstrap."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(samples))
    return statistics.median(ratios), medians[samples * 25 // 1000], medians[samples * 975 // 1000 - 1]


def times(path):
    """Rows of (probe, hook, nanoseconds of C, of Rust, the ratio, its interval)."""
    by_hook = defaultdict(lambda: ([], [], []))
    for (what, _, _), found in read(path).items():
        if what != "hooks":
            continue
        for (module, probe, hook, where), of_rust in found.items():
            if module != RUST or (C, probe, hook, where) not in found:
                continue
            of_c = found[C, probe, hook, where]
            some = by_hook[probe, hook]
            some[0].extend(of_c)
            some[1].extend(of_rust)
            # A round is there and back, so that what drifts meets both.
            some[2].extend(
                (of_rust[i] + of_rust[i + 1]) / (of_c[i] + of_c[i + 1]) for i in range(0, len(of_c) - 1, 2)
            )
    for (probe, hook), (of_c, of_rust, ratios) in sorted(by_hook.items(), key=lambda item: PROBES.index(item[0][0])):
        yield probe, hook, statistics.median(of_c), statistics.median(of_rust), *interval(ratios)


# ---- An edit, a build and a boot --------------------------------------------------------------------------

def loop(path):
    """Rows of what it takes from an edit to the events; of several the median."""
    every = defaultdict(list)
    state = None
    for line in Path(path).read_text().splitlines():
        if line.startswith("@ loop "):
            state = line.split()[2]
        else:
            kernel, *seconds = line.split()
            every[kernel, state].append([float(second) for second in seconds])
    for (kernel, state), some in every.items():
        build, image, run = (statistics.median(column) for column in zip(*some))
        yield {"kernel": kernel, "state": state, "build": build, "image": image, "run": run,
               "all": build + image + run, "goal": {"uml": 5, "stock": 15}[kernel]}


# ---- What is called from outside --------------------------------------------------------------------------

def check(path, modules):
    counts = Counts([path])
    failed = 0
    for number, row in enumerate(rows(counts, modules), 1):
        against = "" if row.c is None else f" against C {row.number(row.c)}"
        print(f"{'ok' if row.met else 'not ok'} {number} bench: {row.what}: {row.number(row.rust)}{against} ({row.goal})")
        failed |= not row.met
    return failed


def report(out, modules, arguments):
    facts, counted, timed, scaled, edited = {}, [], None, None, None
    arguments = iter(arguments)
    for argument in arguments:
        if "=" in argument:
            key, _, value = argument.partition("=")
            facts[key] = value
        elif argument == "times":
            timed = next(arguments)
        elif argument == "scale":
            scaled = next(arguments)
        elif argument == "loop":
            edited = next(arguments)
        else:
            counted.append(argument)

    counts = Counts(counted)
    result = {"facts": facts}
    text = [*(f":{key}: {value}" for key, value in facts.items()), ""]

    judged = list(rows(counts, modules))
    result["instructions"] = [vars(row) for row in judged]
    text.append(heading("Instructions"))
    text.append(table([["what", "C", "Rust", "goal", "met"]] + [row.cells() for row in judged]))
    text.append("")
    shape = [["hook", "instructions", "bytes", "calls", "stack"]]
    result["trampolines"] = []
    for probe, hook, of_c, of_rust in trampolines(modules):
        both = [of_c or Function([]), of_rust or Function([])]
        shape.append([f"{probe}_{hook}"] + [
            " / ".join(str(value) for value in values)
            for values in zip(*((f.instructions, f.bytes, len(f.calls), f.stack) for f in both))
        ])
        result["trampolines"].append({"hook": f"{probe}_{hook}", "c": vars(both[0]), "rust": vars(both[1])})
    text += [heading("Code of the hooks, C / Rust"), table(shape), ""]

    lines = {
        name: counts.line(what, module, probe, hook)
        for name, what, module, probe, hook in (
            ("register Rust", "register", RUST, "counters", "register"),
            ("register C", "register", C, "counters", "register"),
            ("register bare", "register", C, "nothing", "register"),
            ("walk Rust", "hooks", RUST, "walk", "pre_exit"),
            ("walk C", "hooks", C, "walk", "pre_exit"),
        )
    }
    result["lines"] = {name: {"points": points, "slope": a_slope} for name, (points, a_slope) in lines.items()}

    if timed:
        measured = list(times(timed))
        result["nanoseconds"] = [
            dict(zip(("probe", "hook", "c", "rust", "ratio", "low", "high"), row)) for row in measured
        ]
        text.append(heading("Nanoseconds on User-Mode Linux"))
        text.append(table([["hook", "C", "Rust", "ratio", "interval", "met"]] + [
            [f"{probe}_{hook}", f"{c:.2f}", f"{rust:.2f}", f"{ratio:.3f}", f"{low:.3f} to {high:.3f}",
             "yes" if high <= 1.05 else "NO"]
            for probe, hook, c, rust, ratio, low, high in measured
        ]))
        text.append("")
    if scaled:
        import scale
        result["scale"], told = scale.report(scaled)
        text += told

    if edited:
        result["loop"] = list(loop(edited))
        text.append(heading("From an edit to the events, in seconds"))
        text.append(table([["kernel", "state", "build", "image", "boot and events", "all", "goal", "met"]] + [
            [row["kernel"], row["state"], *(f"{row[what]:.2f}" for what in ("build", "image", "run", "all")),
             f"<= {row['goal']}", "yes" if row["all"] <= row["goal"] else "NO"]
            for row in result["loop"]
        ]))
        text.append("")

    Path(out + ".rst").write_text("\n".join(text).rstrip("\n") + "\n")
    Path(out + ".json").write_text(json.dumps(result, indent=1) + "\n")
    Path(out + ".svg").write_text(plot.svg(lines))
    print("\n".join(text))
    return 0


def put(page, part):
    before, rest = Path(page).read_text().split(".. measured\n", 1)
    after = rest.split(".. end\n", 1)[1]
    Path(page).write_text(f"{before}.. measured\n\n{Path(part).read_text()}\n.. end\n{after}")
    return 0


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or ["help"]
    if command == "check" and len(rest) == 2:
        sys.exit(check(*rest))
    if command == "report" and len(rest) >= 3:
        sys.exit(report(rest[0], rest[1], rest[2:]))
    if command == "put" and len(rest) == 2:
        sys.exit(put(*rest))
    sys.exit(__doc__)
