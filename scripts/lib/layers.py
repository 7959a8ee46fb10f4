# SPDX-License-Identifier: GPL-2.0
"""Checks that each file of the library in DIRECTORY uses only files below it: layers.py DIRECTORY

A path is followed to the file that defines the name. A `pub use` hands it on, and is a use where its own file has the name.
An arrow that runs up, and with it every circle, and a file that is not in the order are errors, one line each.
"""

import pathlib
import re
import sys

from intree_rust import USE, flatten

# From the ground to the roof.
ORDER = [tuple(name.split("/")) for name in """
bindings atomic names kernels rcu namespace namespace/walk task
pernet/gate pernet/kind pernet/kill_list pernet/shown pernet/registration pernet/registrar pernet/slot pernet/debugfs
pernet/module pernet pernet/batch pernet/after pernet/teardown pernet/hooks resource resource/tuple pernet/with
pernet/operations pernet/lookup
resource/delayed resource/work resource/module_work resource/percpu resource/proc resource/sysctl resource/nf resource/netdev
genetlink/attribute genetlink/message genetlink/request genetlink/table genetlink/family genetlink/command genetlink
pernet/doctest pernet/tests/fake pernet/tests/debugfs pernet/tests/operations pernet/tests/resources pernet/tests
""".split()]


def follow(module, path):
    """Returns the module whose file defines what a path leads to, or None if that is not of the library."""
    if path[:2] == ["crate", "net"]:
        module, path = (), path[2:]
    elif path[0] not in ("self", "super") and module + (path[0],) not in texts:
        return None
    while path and path[0] in ("self", "super"):
        module, path = module[:-1] if path[0] == "super" else module, path[1:]
    while path and module + (path[0],) in texts:
        module, path = module + (path[0],), path[1:]
    handed = {use[-1].split()[-1]: use for seen, use in uses.get(module, []) if seen}
    return follow(module, handed[path[0].split()[0]]) if path and path[0].split()[0] in handed else module


folder = pathlib.Path(sys.argv[1])
texts = {path.relative_to(folder).with_suffix("").parts: re.sub(r"//[^\n]*", "", path.read_text()) for path in folder.rglob("*.rs")}
texts.pop(("mod",))
# Whether others see the name, and the path. An inline module is a level of its own.
uses = {module: [(bool(use[2] and not use[1]), path[1:] or ["self"] if use[1] and path[0] == "super" else path)
                 for use in USE.finditer(text) for path in flatten(use[3])] for module, text in texts.items()}
wrong = {f"net/{'/'.join(module)}.rs is not in the order" for module in texts if module not in ORDER}
for module in sorted(set(ORDER) & set(texts)):
    code = USE.sub("", texts[module])
    inline = [(False, path.split("::")) for path in re.findall(r"(?<!in )\b((?:super::)+\w+(?:::\w+)*)", code)]
    for seen, path in uses[module] + inline:
        used = follow(module, path) if not seen or re.search(rf"\b{re.escape(path[-1].split()[-1])}\b", code) else None
        if used and used != module and (used not in ORDER or ORDER.index(used) > ORDER.index(module)):
            wrong.add(f"net/{'/'.join(module)}.rs uses {'::'.join(path)}, which is above it: net/{'/'.join(used)}.rs")
print("\n".join(sorted(wrong)))
sys.exit(bool(wrong))
