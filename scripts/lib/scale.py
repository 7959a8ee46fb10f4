# SPDX-License-Identifier: GPL-2.0
"""What scripts/bench has measured with many namespaces and many registrations."""

from collections import defaultdict

import bench


def read(path):
    """Returns the values as {(name, count, what, namespaces): [value, ...]}."""
    values = defaultdict(list)
    for found in bench.read(path).values():
        for (name, count, what, where), some in found.items():
            values[name, count, what, int(where[1:])] += some
    return values


def report(path):
    """Returns what goes into the JSON, and the text."""
    values = read(path)

    def best(name, count, what, namespaces):
        some = values.get((name, count, what, namespaces))
        # The clock on the wall has what else the machine did in it: the least is nearest to the truth.
        return min(some) if some else None

    numbers = sorted({key[3] for key in values if key[0].startswith("many_")})
    counts = sorted({key[1] for key in values if key[0].startswith("many_")})
    told, result = [], {"rows": [], "slopes": [], "grace": {}}

    table = [["namespaces", "types", "insmod, ms", "rmmod, ms", "create, us", "destroy, us", "slab, bytes"]]
    for number in numbers:
        for count in counts:
            row = [str(number), str(count)]
            for what, unit in (("insmod", 1000), ("rmmod", 1000), ("create", 100), ("destroy", 100),
                               ("slab", number + 1)):
                both = [best(f"many_{side}", count, what, number) for side in ("c", "rust")]
                if None in both:
                    row.append("")
                    continue
                row.append(" / ".join(f"{value / unit:.{0 if what == 'slab' else 1}f}" for value in both))
                result["rows"].append({"namespaces": number, "types": count, "what": what, "c": both[0],
                                       "rust": both[1]})
            table.append(row)
    told += [bench.heading("Many namespaces and types, on User-Mode Linux, C / Rust"),
             bench.table(table), ""]

    slopes = [["microseconds of insmod for each namespace", "C", "Rust", "ratio"]]
    for count in counts:
        both = [
            bench.slope([(number + 1, best(f"many_{side}", count, "insmod", number)) for number in numbers])
            for side in ("c", "rust")
        ]
        slopes.append([f"{count} types", *(f"{value:.3f}" for value in both), f"{both[1] / both[0]:.2f}"])
        result["slopes"].append({"types": count, "c": both[0], "rust": both[1]})
    told += [bench.table(slopes), ""]

    names = {0: "only the kernel's own grace period, after pre_exit", 1: "one more in each exit",
             2: "one more in exit_batch"}
    grace = [["100 namespaces die together", "in all, ms", "each, ms"]]
    for wait, name in names.items():
        some = values["grace", wait, "destroy", 0]
        grace.append([name, f"{min(some) / 1000:.0f}", f"{min(some) / 100000:.2f}"])
        result["grace"][name] = some
    told += [bench.table(grace), ""]
    return result, told
