#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Completes what the kernel's own script tells rust-analyzer of a folder of modules.

Usage: rust_project.py complete PROJECT FOLDER LIBRARY BINDINGS PREFIX
       rust_project.py crates PROJECT FOLDER
       rust_project.py check PROJECT FOLDER FILES DIAGNOSTICS TYPES ANSWERS

The kernel's script knows its own crates, and those of the folder whose objects a Kbuild names. It does not know the
bindings and the crate `net` that net/module.mk makes, what a Kbuild passes to rustc, nor that the paths of the toolchain
begin with PREFIX here. "crates" tells those of the folder.

"check" tells in KTAP what rust-analyzer makes of it: FILES are those that belong to modules, one on a line, DIAGNOSTICS
is what "rust-analyzer diagnostics" printed, TYPES what "rust-analyzer analysis-stats --output csv" did, and ANSWERS what
lsp.py found wrong with what an editor would get.
"""

import copy
import json
import re
import sys
from pathlib import Path


def own(crates, folder):
    """The crates whose source is in the folder."""
    return [crate for crate in crates if Path(crate["root_module"]).is_relative_to(folder)]


def extra_cfgs(root):
    """What the Kbuild beside a crate's root passes to rustc for that crate, to switch code on."""
    text = ""
    for name in ("Kbuild", "Makefile"):
        path = root.parent / name
        if path.exists():
            text += path.read_text()
    cfgs = []
    for flags in re.findall(rf"^RUSTFLAGS_{root.stem}(?:_main)?\.o\s*[:+]?=(.*)$", text, re.MULTILINE):
        cfgs += re.findall(r"--cfg[ =](\S+)", flags)
    return cfgs


def complete(project, folder, library, bindings, prefix):
    """Changes the project in place."""
    sysroot = Path(project["sysroot"])
    project["sysroot"] = prefix + str(sysroot)
    for crate in project["crates"]:
        # rust-analyzer shows these, but they are not what is worked at.
        crate["is_workspace_member"] = False
        root = Path(crate["root_module"])
        if prefix and root.is_relative_to(sysroot):
            crate["root_module"] = prefix + str(root)
            if not Path(crate["root_module"]).exists():
                sys.exit(f"error: there is no {crate['root_module']}; install the source of Rust's library (rust-src).")
    # The kernel's script finds the library's own modules in a submodule, too. Nothing depends on them.
    if library != folder:
        project["crates"] = [crate for crate in project["crates"] if not Path(crate["root_module"]).is_relative_to(library)]
    modules = own(project["crates"], folder)
    if not modules:
        sys.exit(f"error: no Kbuild in {folder} names an object of a .rs file.")
    # A module's files are looked for among those of its crate. One has the library's KUnit tests, and its files with them.
    include = sorted({str(folder), str(library), str(bindings.parent)})
    exclude = [str(folder / ".git"), str(library / ".git")]
    for crate in modules:
        crate["is_workspace_member"] = True
        crate["cfg"] = crate["cfg"] + ["MODULE"]
        crate["env"]["RUST_PERNET_BINDINGS"] = str(bindings)
        crate["source"] = {"include_dirs": include, "exclude_dirs": exclude}
    # It is compiled as they are.
    net = copy.deepcopy(modules[0]) | {"display_name": "net", "root_module": str(library / "net/mod.rs")}
    for crate in modules:
        root = Path(crate["root_module"])
        crate["cfg"] += extra_cfgs(root)
        crate["env"]["RUST_MODFILE"] = str(root.with_suffix("").relative_to(folder))
        crate["deps"] = crate["deps"] + [{"crate": len(project["crates"]), "name": "net"}]
    project["crates"].append(net)


def diagnosed(output):
    """The files that were looked at, and the errors that were found in them."""
    files, errors, path = set(), [], None
    for line in output.splitlines():
        if match := re.match(r"processing crate: .*, module: (.*)$", line):
            path = match[1]
            files.add(path)
        elif match := re.match(r"Error .* from LineCol { line: (\d+), .*?}: (.*)$", line):
            errors.append(f"{path}:{int(match[1]) + 1}: {match[2]}")
    return files, errors


def unknown(output):
    """What rust-analyzer has no type for; but for what it never has one for, be it right or wrong: the length of an array
    that is made of one value, and the ends of ranges in patterns."""
    found = set()
    for match in re.finditer(r'^(/.*),(\d+):(\d+),(\d+):(\d+),(.*)$', output, re.MULTILINE):
        path, what = match[1], match[6]
        first, start, last, end = (int(match[i]) for i in range(2, 6))
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        before, after = lines[first - 1][:start].rstrip(), lines[last - 1][end:].lstrip()
        if before.endswith(";") and after.startswith("]") or before.endswith("..="):
            continue
        found.add(f"{path}:{first}: {what}")
    return sorted(found)


def switched_off(path, crates):
    """Whether the file is a module of a configuration that no crate has."""
    switches = set()
    for parent in (path.parent.with_suffix(".rs"), path.parent / "mod.rs"):
        if parent.exists():
            switches |= set(re.findall(rf"^#\[cfg\((\w+)\)\]\n(?:pub )?mod {path.stem};$",
                                       parent.read_text(encoding="utf-8"), re.MULTILINE))
    return bool(switches) and not any(switches & set(crate["cfg"]) for crate in crates)


def check(project, folder, files, diagnostics, types, answers):
    """Prints a line for each of five things, and returns how many are wrong."""
    paths = [folder / line for line in Path(files).read_text(encoding="utf-8").splitlines()]
    crates = own(project["crates"], folder)
    roots = {crate["root_module"] for crate in crates if crate["display_name"] != "net"}
    looked_at, errors = diagnosed(Path(diagnostics).read_text(encoding="utf-8"))
    output = Path(types).read_text(encoding="utf-8")
    off = [path for path in paths if str(path) not in looked_at and switched_off(path, crates)]
    answers = Path(answers).read_text(encoding="utf-8").splitlines()
    if not answers or not answers[-1].startswith("asked "):
        answers += ["the server has not answered", ""]
    bodies = re.search(r"bodies: (\d+)", output)
    results = (
        (f"all {len(roots)} modules are crates of the project",
         [str(path) for path in paths
          if re.search(r"^(pernet_)?module! {", path.read_text(encoding="utf-8"), re.MULTILINE) and str(path) not in roots],
         roots),
        (f"all {len(paths)} files are part of one, but for {len(off)} that no configuration here switches on",
         [str(path) for path in paths if str(path) not in looked_at and path not in off], paths),
        ("no error in any of them", errors, looked_at),
        (f"no type is unknown in {bodies[1] if bodies else 0} bodies", unknown(output), bodies),
        ("an editor is told what a name of the library means, and where that is", answers[:-1], answers),
    )
    for number, (title, wrong, any_at_all) in enumerate(results, 1):
        good = any_at_all and not wrong
        print(f"{'ok' if good else 'not ok'} {number} rust-analyzer: {title}")
        for line in wrong if any_at_all else ["it has looked at nothing"]:
            print(f"# {line}")
    return sum(1 for _, wrong, any_at_all in results if wrong or not any_at_all)


def main():
    """See the usage."""
    command, path, folder, *rest = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        project = json.load(file)
    if command == "crates":
        for crate in own(project["crates"], Path(folder)):
            if crate["display_name"] != "net":
                print(crate["root_module"])
        return
    if command == "check":
        sys.exit(check(project, Path(folder), *rest) > 0)
    library, bindings, prefix = rest
    complete(project, Path(folder), Path(library), Path(bindings), prefix)
    json.dump(project, sys.stdout, sort_keys=True)


main()
