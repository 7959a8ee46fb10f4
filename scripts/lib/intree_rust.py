# SPDX-License-Identifier: GPL-2.0
"""The library, the samples and the test modules as they are in the kernel's tree.

There the library is a part of the crate `kernel`, and what uses it names it by that; and what it shares with
the kernel crate's own bindings is there.
"""

import re
import textwrap

WIDTH = 100

# A `use` with whatever stands before it on its line.
USE = re.compile(r"^( *)((?:pub(?:\([a-z: ]+\))? )?)use ([^;]+);\n", re.M)
FENCE = re.compile(r"^ *//[/!] ?```")


def is_comment(line):
    return line.lstrip().startswith("//")


def flatten(tree):
    """Returns the paths of a use tree, as lists of segments."""
    tree = re.sub(r"//[^\n]*", "", tree)
    words = re.findall(r"\w+ as \w+|[\w*]+|[{},]|::", tree)
    position = 0

    def group(prefix):
        nonlocal position
        paths = []
        path = prefix
        while position < len(words):
            word = words[position]
            position += 1
            if word == "{":
                paths += group(path)
                path = None
            elif word in ",}":
                if path is not None and path != prefix:
                    paths.append(path)
                path = prefix
                if word == "}":
                    return paths
            elif word != "::":
                path = path + [word]
        if path is not None and path != prefix:
            paths.append(path)
        return paths

    return group([])


def order(segment):
    """Sorts as rustfmt does: self first, then small words, then types, then constants."""
    name = segment.split()[0]
    rank = 0 if name in ("self", "super", "crate") else 1 if name[0].islower() else 2
    if name[0].isupper() and name.isupper() and len(name) > 1:
        rank = 3
    return (rank, name)


def emit(paths):
    """Returns the use trees of some paths, one for each first segment, as rustfmt and the kernel want them."""

    def tree(paths, indent):
        heads = {}
        for path in paths:
            heads.setdefault(path[0], []).append(path[1:])
        items = []
        for head in sorted(heads, key=order):
            rests = heads[head]
            ends = [rest for rest in rests if not rest]
            rests = [rest for rest in rests if rest]
            if not rests:
                items.append(head)
                continue
            if ends:
                rests.append(["self"])
            inner = tree(rests, indent + "    ")
            if len(inner) == 1 and "\n" not in inner[0] and inner[0] != "self":
                items.append(f"{head}::{inner[0]}")
            elif len(inner) == 1 and inner[0] != "self":
                items.append(f"{head}::{inner[0]}")
            else:
                body = f",\n{indent}    ".join(inner)
                items.append(f"{head}::{{\n{indent}    {body}, //\n{indent}}}")
        return items

    return tree(paths, "")


def rewrite_uses(text, rename):
    """Replaces the paths of private use items, and merges those of a block that have come to begin alike."""
    out, at = [], 0
    matches = list(USE.finditer(text))
    i = 0
    while i < len(matches):
        block = [matches[i]]
        while (i + 1 < len(matches) and matches[i + 1].start() == matches[i].end()
               and matches[i + 1][1] == block[0][1] and matches[i + 1][2] == block[0][2]):
            i += 1
            block.append(matches[i])
        i += 1
        first, last = block[0], block[-1]
        # What is conditional stays as it is.
        before = text[:first.start()].rstrip("\n").rsplit("\n", 1)[-1]
        if before.lstrip().startswith("#["):
            conditional, block = block[0], block[1:]
            new = merged([conditional], rename) if changes([conditional], rename) else conditional[0]
            if new.count("use ") > 1:
                raise SystemExit(f"series: a condition is of one item, and this would become several: {conditional[0]}")
            out += [text[at:conditional.start()], new]
            at = conditional.end()
            if not block:
                continue
            first = block[0]
        if not changes(block, rename):
            continue
        out.append(text[at:first.start()])
        out.append(merged(block, rename))
        at = last.end()
    out.append(text[at:])
    return "".join(out)


def changes(block, rename):
    return any(rename(path) != path for use in block for path in flatten(use[3]))


def merged(block, rename):
    indent, visibility = block[0][1], block[0][2]
    paths = []
    for use in block:
        for path in flatten(use[3]):
            path = rename(path)
            if path not in paths:
                paths.append(path)
    return "".join(f"{indent}{visibility}use {item};\n".replace("\n    ", f"\n{indent}    ").replace("\n}", f"\n{indent}}}")
                   if indent else f"{visibility}use {item};\n" for item in emit(paths))


def in_code(text, substitute):
    """Applies `substitute` to every line that is neither a comment nor of a use item."""
    out, at = [], 0
    for use in [*USE.finditer(text), None]:
        end = use.start() if use else len(text)
        out += [line if is_comment(line) else substitute(line) for line in text[at:end].splitlines(True)]
        if use:
            out.append(use[0])
            at = use.end()
    return "".join(out)


def in_examples(text, substitute):
    """Applies `substitute` to every line of an example in a comment."""
    inside, lines = False, []
    for line in text.splitlines(True):
        if FENCE.match(line):
            inside = not inside
        elif inside and is_comment(line):
            line = substitute(line)
        elif not is_comment(line):
            inside = False
        lines.append(line)
    return "".join(lines)


# What is said of this project's own files.
WORDS = {
    "`helpers.c`": "`rust/helpers/net/net_namespace.c`",
    "in net/genetlink/": "in rust/kernel/net/genetlink/",
    "in net/resource/": "in rust/kernel/net/resource/",
    # Documentation
    "``samples/netns": "``samples/rust/netns",
    "``selftests/": "``tools/testing/selftests/",
    "as ``scripts/ynl`` shows of ``ledger/``, which is a whole module": "and ``samples/rust/netns_ledger.rs`` is a whole module",
    ", by ``scripts/docs draw``": "",
    " by ``scripts/docs draw``, which follows the calls": "",
    " :doc:`soundness` says why it is the cookie.": "",
    "and `::kernel` is the kernel crate: `pernet_crates!` sees to that.": "and `$crate` is the kernel crate.",
}


def there(text):
    """Returns the text with the names of files that they have there."""
    for said, name in WORDS.items():
        text = text.replace(said, name)
    return text


def newest(text):
    """There is one version of the kernel in its tree: what net/kernels.rs has is said as that version says it."""
    text = re.sub(r"(?m)^ *(?:super::)*kernels::init_at,(?: //)?\n", "", text)
    text = re.sub(r"(?m)^ *(?:use )?(?:net::)?parameter[,;](?: //)?\n", "", text)
    text = re.sub(r"\binit_at\(", "pin_init::raw_try_init(", text)
    text = text.replace("super::kernels::enosys()", "ENOSYS")
    text = re.sub(r"\b(?:net::)?parameter\(&([\w:$]+)\)", r"\1.value()", text)
    return re.sub(r"(?m)^ *// Linux 7\.2 .*\n( *.*)\.cast_mut\(\)", r"\1", text)


def library(text):
    """Makes a part of the kernel crate of a file of the library."""

    def rename(path):
        while path[0] == "super" and "bindings" in path[:path.count("super") + 1]:
            path = path[1:]
        if path[0] == "bindings":
            path = ["crate"] + path
        if path[0] == "kernel":
            path = ["crate"] + path[1:]
        return path

    def code(line):
        line = re.sub(r"(?:\bsuper::)+bindings::", "crate::bindings::", line)
        line = re.sub(r"(?<![\w:$])kernel::", "crate::", line)
        line = re.sub(r"(?<![\w])::kernel::", "$crate::", line)
        return line

    text = rewrite_uses(there(newest(text)), rename)
    text = in_code(text, code)
    text = in_examples(text, lambda line: re.sub(r"\buse net::", "use kernel::net::", line))
    text = text.replace("        $crate::pernet_crates!();\n", "")
    return wrap_comments(text)


def consumer(text):
    """Makes a user of the kernel crate of a module that uses the library's."""
    def rename(path):
        return ["kernel"] + path if path[0] == "net" else path

    text = rewrite_uses(newest(text), rename)
    text = in_code(text, lambda line: re.sub(r"(?<![\w:])net::(?=\w)", "kernel::net::", line))
    text = re.sub(r"\n{3,}", "\n\n", text)
    return wrap_comments(text)


def wrap_comments(text, marker=r"//[/!]?", width=WIDTH):
    """Makes the lines of comments as short as the kernel has them."""
    comment = re.compile(rf"^([ \t]*)({marker})(?: (.*)|)$")
    out, block, key = [], [], None

    def flush():
        nonlocal block
        out.extend(wrap_block(block, *key, width) if block else [])
        block = []

    for line in text.split("\n"):
        match = comment.match(line)
        if match and not line.lstrip().startswith("// SPDX"):
            if key != match.group(1, 2):
                if key:
                    flush()
                key = match.group(1, 2)
            block.append(match[3] or "")
            continue
        if key:
            flush()
            key = None
        out.append(line)
    if key:
        flush()
    return "\n".join(out)


def wrap_block(lines, indent, marker, width):
    room = width - len(indent.expandtabs(8)) - len(marker) - 1
    out, paragraph, fenced = [], [], False

    def flush():
        nonlocal paragraph
        if any(len(line) > room for line in paragraph):
            first = re.match(r" *(?:[-*] |\d+\. )?", paragraph[0])[0]
            paragraph = textwrap.wrap(" ".join(line.strip() for line in paragraph)[len(first.lstrip()):], room,
                                      initial_indent=first, subsequent_indent=" " * len(first),
                                      break_long_words=False, break_on_hyphens=False)
        out.extend(paragraph)
        paragraph = []

    for line in lines:
        if line.lstrip().startswith("```"):
            flush()
            fenced = not fenced
            out.append(line)
        elif fenced or not line.strip() or line.lstrip()[0] in "|#" or line.startswith("    "):
            flush()
            out.append(line)
        else:
            if re.match(r" *(?:[-*] |\d+\. |\[`[^`]*`\]: )", line):
                flush()
            paragraph.append(line)
    flush()
    return [f"{indent}{marker}{' ' + line if line else ''}" for line in out]
