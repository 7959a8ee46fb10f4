# SPDX-License-Identifier: GPL-2.0
"""Draws what net/core/net_namespace.c does when namespaces come and go, from its source: hooks, locks, grace periods.

Usage: phases_svg.py SOURCE >FILE
"""

import re
import sys

from drawing import LETTER, Drawing

# What is drawn: title, function, and of who fails the function and the label to which it goes then.
PATHS = [
    ("A namespace is made", "copy_net_ns", {}),
    ("A namespace is made, and one refuses it", "copy_net_ns", {"setup_net": "out_undo"}),
    ("Namespaces die together", "cleanup_net", {}),
    ("A subsystem is registered", "register_pernet_subsys", {}),
    (
        "A subsystem is registered, and refuses a namespace",
        "register_pernet_subsys",
        {"__register_pernet_operations": "out_undo"},
    ),
    ("A subsystem is unregistered", "unregister_pernet_subsys", {}),
]

# Steps: what they look like in C, their class, and what is written into the box.
STEPS = [
    (r"ops->(init|pre_exit|exit_rtnl|exit|exit_batch)\(", "hook", None),
    (r"(synchronize_rcu|synchronize_rcu_expedited|rcu_barrier)\(\)", "wait", None),
    (r"kzalloc\(ops->size", "box", "kzalloc(data)"),
    (r"kfree\(net_generic", "box", "kfree(data)"),
    (r"list_add_tail_rcu\(&net->list, &net_namespace_list", "box", "on the list"),
    (r"list_del_rcu\(&net->list", "box", "off the list"),
    (r"list_add_tail\(&ops->list", "box", "link ops"),
    (r"list_del\(&ops->list\)", "box", "unlink ops"),
    (r"(unregister_netdevice_many)\(", "box", None),
    (r"(net_passive_dec)\(net", "box", "free"),
]

LEFT, GAP = 14, 10

# Locks: what takes them, what gives them back, and their name.
LOCKS = [
    (r"down_(read|write)(?:_killable)?\(&(\w+)\)", r"up_(?:read|write)\(&(\w+)\)"),
    (r"(?<!\w)(rtnl_lock)\(\)", r"(?<!\w)(rtnl_unlock)\(\)"),
    (r"(__rtnl_net_lock)\(net\)", r"(__rtnl_net_unlock)\(net\)"),
]
LOCK_NAMES = {"rtnl_lock": "RTNL", "__rtnl_net_lock": "RTNL of the namespace"}

LOOPS = [
    (r"list_for_each_entry_continue_reverse\(ops", "each ops, last first"),
    (r"list_for_each_entry\(ops", "each ops, in order"),
    (r"(list|llist)_for_each_entry(_safe)?\(net,|for_each_net\(net", "each namespace"),
]


def without_comments(text):
    """The code, for a kernel with CONFIG_NET_NS and without other options."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"\\\n", " ", text)
    lines, taken = [], []
    for line in text.splitlines():
        directive = re.match(r"\s*#\s*(\w+)\s*(\w*)", line)
        if not directive:
            if all(taken):
                lines.append(line)
        elif directive[1] == "ifdef":
            taken.append(directive[2] == "CONFIG_NET_NS")
        elif directive[1] in ("if", "ifndef"):
            taken.append(False)
        elif directive[1] in ("else", "elif"):
            taken[-1] = not taken[-1]
        elif directive[1] == "endif":
            taken.pop()
    return "\n".join(lines)


def closing(text, start):
    """Where the bracket at start is closed."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] in "({") - (text[i] in ")}")
        if depth == 0:
            return i
    raise ValueError("a bracket is not closed")


def functions(text):
    """Names of functions, with their parameters and their bodies."""
    found = {}
    for match in re.finditer(r"^(?:[a-z_][\w\s*]*?[\s*])(\w+)\(", text, re.M):
        end = closing(text, match.end() - 1)
        body = re.match(r"\s*\{", text[end + 1 :])
        if body:
            start = end + body.end()
            parameters = [part.split()[-1].lstrip("*") for part in text[match.end() : end].split(",")]
            found.setdefault(match[1], (parameters, text[start + 1 : closing(text, start)]))
    return found


def statements(text):
    """Splits a block: ("if", condition, then, else), ("loop", head, body), ("label", name), ("plain", text)."""
    i = 0
    result = []

    def space():
        nonlocal i
        while i < len(text) and text[i].isspace():
            i += 1

    def one():
        nonlocal i
        space()
        start = i
        if text[i] == "{":
            i = closing(text, start) + 1
            return ("block", statements(text[start + 1 : i - 1]))
        label = re.match(r"(\w+):(?!:)", text[i:])
        if label and label[1] != "default":
            i += label.end()
            return ("label", label[1])
        call = re.match(r"(\w+)\s*\(", text[i:])
        if call:
            end = closing(text, i + call.end() - 1)
            if not re.match(r"\s*[;,)=.+\-|&<>?-]", text[end + 1 :]):
                head = text[i : end + 1]
                i = end + 1
                body = one()
                if call[1] != "if":
                    return ("loop", head, body)
                space()
                other = None
                if re.match(r"else\b", text[i:]):
                    i += 4
                    other = one()
                return ("if", head[2:].strip()[1:-1].strip(), body, other)
        depth = 0
        while text[i] != ";" or depth:
            depth += (text[i] in "({") - (text[i] in ")}")
            i += 1
        i += 1
        return ("plain", text[start:i])

    space()
    while i < len(text):
        result.append(one())
        space()
    return result


class Walk:
    """Goes through a function as it does when nothing fails, or only what is said to, and notes what happens."""

    def __init__(self, code, fails):
        self.code = code
        self.fails = fails
        self.on_own_list = False
        self.steps = []
        self.spans = []
        self.held = {}
        self.depth = 0

    def function(self, name, known):
        """Until it returns, or comes to the part for errors."""
        body = statements(self.code[name][1])
        if name in self.fails:
            # Behind what calls the inits, which is a loop or has one.
            calls = next(i for i, statement in enumerate(body) if "ops_init" in str(statement))
            body = body[: calls + 1] + body[body.index(("label", self.fails[name])) + 1 :]
        for statement in body:
            # What is behind a label is where errors go, or what was gone to already.
            if statement[0] == "label" or self.statement(statement, known):
                break

    def statement(self, statement, known):
        """Whether it leaves the function."""
        kind = statement[0]
        if kind == "block":
            return any(self.statement(inner, known) for inner in statement[1])
        if kind == "loop":
            title = next((title for pattern, title in LOOPS if re.match(pattern, statement[1])), None)
            self.span("loop", title, lambda: self.statement(statement[2], known))
        elif kind == "if":
            self.condition(statement, known)
        elif kind == "plain":
            if re.match(r"return\b|goto\b", statement[1]):
                self.text(statement[1], known)
                return True
            self.text(statement[1], known)
        return False

    def condition(self, statement, known):
        """Only what is done when all goes well: no branch that ends in an error."""
        _, condition, then, other = statement
        self.text(condition, known)
        value = known.get(condition)
        if re.fullmatch(r"(error|err|rv)( < 0)?", condition) and not leaves(then):
            value = "true" if self.fails else "false"
        if value is not None:
            chosen = then if value == "true" else other
            if chosen:
                self.statement(chosen, known)
            return
        if leaves(then):
            return
        title = "if one has the hook" if condition == "hold_rtnl" else None
        self.span("if", title, lambda: self.statement(then, known))

    def span(self, kind, title, inner):
        """Notes from which step to which it goes."""
        first = len(self.steps)
        if title:
            self.depth += 1
        depth = self.depth
        inner()
        if title:
            self.depth -= 1
            if len(self.steps) > first:
                self.spans.append((kind, title, first, len(self.steps) - 1, depth))

    def text(self, text, known):
        """Steps, locks and calls, in the order in which they stand."""
        for match in re.finditer(r"(?:\w+->)?\w+\(", text):
            rest = text[match.start() :]
            for take, give in LOCKS:
                if taken := re.match(take, rest):
                    name = LOCK_NAMES.get(taken[1]) or f"{taken[2]}, {'reading' if taken[1] == 'read' else 'writing'}"
                    self.held[taken[taken.lastindex]] = (name, len(self.steps))
                elif given := re.match(give, rest):
                    name, first = self.held.pop(given[1].replace("unlock", "lock"))
                    if len(self.steps) > first:
                        self.spans.append(("lock", name, first, len(self.steps) - 1, 0))
            # What undoes one gives it a list of its own.
            if re.match(r"list_add\(&ops->list", rest):
                self.on_own_list = True
            elif self.on_own_list and re.match(r"list_del\(&ops->list", rest):
                self.on_own_list = False
                continue
            for pattern, kind, title in STEPS:
                if found := re.match(pattern, rest):
                    self.steps.append((kind, title or found[1]))
            name = match[0][:-1]
            if name in self.code and not any(re.match(pattern, rest) for pattern, *_ in STEPS):
                parameters = self.code[name][0]
                end = closing(text, match.end() - 1)
                values = [part.strip() for part in text[match.end() : end].split(",")]
                self.function(name, dict(zip(parameters, values)))


def leaves(statement):
    """Whether a branch leaves the function, as errors do."""
    if statement[0] == "block":
        return any(leaves(inner) for inner in statement[1])
    return statement[0] == "plain" and bool(re.match(r"return\b|goto\b|panic\b", statement[1]))


def place(walk):
    """Where each step begins and ends: wide enough for its name, and for what is written below."""
    widths = [len(name) * LETTER + 16 for _, name in walk.steps]
    for _, name, first, last, _ in sorted(walk.spans, key=lambda span: span[3] - span[2]):
        lacking = len(name) * LETTER + 8 - sum(widths[first : last + 1]) - GAP * (last - first)
        widths[last] += max(lacking, 0)
    edges, x = [], LEFT
    for width in widths:
        edges.append((x, x + width))
        x += width + GAP
    return edges


def draw_path(drawing, top, title, walk):
    """One row of boxes, with what goes around them below. Returns how far it goes right and down."""
    drawing.text(LEFT, top + 18, title, "title")
    edges = place(walk)
    for (kind, name), (begin, end) in zip(walk.steps, edges):
        drawing.box(begin, top + 28, end - begin, 24, kind)
        drawing.text((begin + end) / 2, top + 44, name, "code", "middle")
    loops = sorted((span for span in walk.spans if span[0] != "lock"), key=lambda span: (-span[4], span[2]))
    locks = sorted((span for span in walk.spans if span[0] == "lock"), key=lambda span: (span[3] - span[2], span[2]))
    # Inner ones above outer ones, and beside each other where there is room; locks below all else.
    rows = []
    for kind, name, first, last, _ in loops + locks:
        below = [
            number
            for number, row in enumerate(rows)
            if any(f <= last and first <= l or (k == "lock") != (kind == "lock") for f, l, k in row)
        ]
        number = max(below, default=-1) + 1
        if number == len(rows):
            rows.append([])
        rows[number].append((first, last, kind))
        draw_span(drawing, kind, name, edges[first][0], edges[last][1], top + 60 + number * 22)
    return edges[-1][1], top + 78 + len(rows) * 22


def draw_span(drawing, kind, name, begin, end, y):
    """A bar for a lock, a bracket for a loop or a condition."""
    if kind == "lock":
        drawing.box(begin, y + 2, end - begin, 17, "lock")
        drawing.text(begin + 6, y + 14.5, name, "code")
    else:
        drawing.path(f"M{begin} {y + 1}v4H{end}v-4", "line")
        drawing.text(begin + 2, y + 17, name, "small")


def main():
    """Draws all paths below each other."""
    with open(sys.argv[1], encoding="utf-8") as file:
        code = functions(without_comments(file.read()))
    drawing = Drawing("Hooks, locks and grace periods when network namespaces are made and die, from net_namespace.c")
    width, y = 0, 4
    for title, function, fails in PATHS:
        walk = Walk(code, fails)
        walk.function(function, {})
        if not any(kind == "hook" for kind, _ in walk.steps):
            sys.exit(f"phases_svg.py: {function}() of {sys.argv[1]} calls no hook; has the kernel changed?")
        right, y = draw_path(drawing, y, f"{title}: {function}()", walk)
        width = max(width, right)
    sys.stdout.write(drawing.svg(width + LEFT, y))


if __name__ == "__main__":
    main()
