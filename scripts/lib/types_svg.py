# SPDX-License-Identifier: GPL-2.0
"""Draws the public types of the library and who has whom, from rustdoc's JSON.

Usage: types_svg.py DOCS.json >FILE

In the middle stand the traits that a module implements. To the left what they name: their associated types and
constants, and what these are made of. To the right what their functions are given, and what that leads to.
"""

import json
import sys

from drawing import Drawing

# Constants and types that #[vtable] adds.
VTABLE = ("USE_VTABLE_ATTR", "OwnerModule")

LEFT, TOP, GAP, LINE, BETWEEN = 14, 72, 10, 14, 44

# Columns beside that of the traits, at most.
FARTHEST = 3

# Columns: a class, and what is written above.
TITLES = {-1: ("names", "these name"), 0: ("", "a module implements"), 1: ("given", "these are given")}
MENTIONED = ("leads", "these mention")


def kind(item):
    """What an item is."""
    return next(iter(item["inner"]))


class Library:
    """What the JSON says of the public types: their names, what is told of them, and edges, each with a class."""

    def __init__(self, docs):
        self.index = docs["index"]
        self.items = {}
        self.names = {}
        self.walk(docs["root"], [])
        self.edges = {}
        self.notes = {number: [] for number in self.items}
        # Types that there are only to be the arguments of a trait: they stand in its box.
        self.within = set()
        for number, item in self.items.items():
            if kind(item) == "trait":
                self.trait(number, item["inner"]["trait"])
            else:
                self.type(number, item["inner"][kind(item)])
        self.edges = {ends: label for ends, label in self.edges.items() if not self.within & set(ends)}

    def walk(self, module, path):
        """Finds types under the names that they have for users."""
        for number in self.index[str(module)]["inner"]["module"]["items"]:
            item = self.index.get(str(number))
            if item is not None and kind(item) == "use":
                number = item["inner"]["use"]["id"]
                item = self.index.get(str(number))
                if item is not None and kind(item) == "module":
                    continue
            if item is None:
                continue
            if kind(item) == "module":
                self.walk(number, path + [item["name"]])
            elif kind(item) in ("trait", "struct", "enum"):
                self.items[number] = item
                # The module says what it is where there are several alike.
                parents = path[-1:] if path[:1] == ["resource"] and len(path) > 1 else []
                self.names[number] = "::".join(parents + [item["name"]])

    def mentioned(self, part, found=None):
        """The types that a part of the JSON mentions."""
        found = {} if found is None else found
        if isinstance(part, dict):
            for key in ("resolved_path", "trait"):
                if isinstance(part.get(key), dict) and part[key].get("id") in self.items:
                    found[part[key]["id"]] = True
            for value in part.values():
                self.mentioned(value, found)
        elif isinstance(part, list):
            for value in part:
                self.mentioned(value, found)
        return list(found)

    def link(self, source, part, label):
        """From a type to all that a part of it mentions; the first reason is told."""
        for target in self.mentioned(part):
            if source != target:
                self.edges.setdefault((source, target), label)

    def trait(self, number, trait):
        """What it demands, what it names, and what its functions are given."""
        bounds = [self.names[bound] for bound in self.mentioned(trait["bounds"])]
        if bounds:
            self.notes[number].append(": " + " + ".join(bounds))
        for part in trait["items"]:
            item = self.index[str(part)]
            if item["name"] in VTABLE or item["name"].startswith("HAS_"):
                continue
            if kind(item) == "function":
                signature = item["inner"]["function"]["sig"]
                self.link(number, signature["inputs"], "given")
                self.link(number, signature["output"], "names")
            else:
                self.link(number, item["inner"], "names")

    def type(self, number, inner):
        """What its public functions take and return, what it can be seen as, and what it implements."""
        for part in inner["impls"]:
            if str(part) not in self.index:
                continue
            block = self.index[str(part)]["inner"]["impl"]
            functions = [self.index[str(function)] for function in block["items"]]
            if block["trait"] is None:
                functions = [function for function in functions if function["visibility"] == "public"]
            elif block["trait"]["id"] in self.items:
                self.notes[block["trait"]["id"]].append("= " + self.names[number])
                self.within.add(number)
                continue
            elif block["trait"].get("path", block["trait"].get("name")) != "Deref":
                continue
            for function in functions:
                self.link(number, function["inner"], "leads")

    def implemented(self):
        """The traits that a module implements, which are not only marks."""
        return {
            number
            for number, item in self.items.items()
            if kind(item) == "trait"
            and {"function", "assoc_const"} & {kind(self.index[str(part)]) for part in item["inner"]["trait"]["items"]}
        }

    def layers(self):
        """Numbers the columns: traits have 0, what they name less, what they are given more."""
        layer = dict.fromkeys(self.implemented(), 0)
        ends = {1: set(layer), -1: set(layer)}
        distance = 0
        while any(ends.values()):
            distance += 1
            for side, label in ((-1, "names"), (1, "given")):
                ends[side] = {
                    target
                    for (source, target), reason in self.edges.items()
                    if source in ends[side] and reason == (label if distance == 1 else "leads") and target not in layer
                }
                layer.update(dict.fromkeys(ends[side], side * min(distance, FARTHEST)))
        return layer


def order(columns, edges):
    """Sorts each column so that lines cross little: by where those are that a box is linked with."""
    place = {}

    def middle(number):
        near = [place[b if a == number else a] for a, b in edges if number in (a, b)]
        return sum(near) / len(near) if near else place[number]

    for column in columns * 12:
        for other in columns:
            place.update((number, i / len(other)) for i, number in enumerate(other))
        column.sort(key=middle)


def box_lines(library, number, drawn):
    """What stands in a box: the name, and what no line tells."""
    also = [library.names[b] for a, b in library.edges if a == number and (a, b) not in drawn]
    notes = list(library.notes[number])
    for i in range(0, len(also), 2):
        notes.append(("→ " if i == 0 else "   ") + ", ".join(also[i : i + 2]))
    return [library.names[number], *notes]


def draw(library):
    """Columns of boxes with lines between neighbours."""
    layer = library.layers()
    columns = [
        sorted((n for n in layer if layer[n] == number), key=lambda n: library.names[n])
        for number in range(min(layer.values()), max(layer.values()) + 1)
    ]
    # Only lines that go outwards to the next column are drawn.
    drawn = {
        ends: label
        for ends, label in library.edges.items()
        if ends[0] in layer
        and layer[ends[1]] - layer[ends[0]] == (1 if layer[ends[1]] > 0 else -1)
        and abs(layer[ends[1]]) > abs(layer[ends[0]])
    }
    order(columns, drawn)
    drawing = Drawing("The public types of the library: what a module implements, names, and is given")
    lines = {number: box_lines(library, number, drawn) for number in layer}
    heights = {number: 10 + LINE * len(lines[number]) for number in layer}
    tall = max(sum(heights[n] + GAP for n in column) for column in columns)
    boxes, x = {}, LEFT
    for column in columns:
        heading = TITLES.get(layer[column[0]], MENTIONED)
        width = max(len(heading[1]) * 8, *(round(len(line) * 6.7) + 16 for n in column for line in lines[n]))
        y = TOP + (tall - sum(heights[n] + GAP for n in column)) / 2
        for number in column:
            boxes[number] = (x, round(y), width, heights[number])
            y += heights[number] + GAP
        drawing.text(x, 52, heading[1], " ".join(["title", *heading[:1]]).strip())
        x += width + BETWEEN
    for (source, target), label in sorted(drawn.items(), key=lambda edge: edge[1]):
        curve(drawing, boxes[source], boxes[target], label)
    for number, (left, top, width, height) in boxes.items():
        drawing.box(left, top, width, height, "trait" if layer[number] == 0 else "box")
        for i, line in enumerate(lines[number]):
            drawing.text(left + 8, top + 17 + i * LINE, line, "code" if i == 0 else "code small")
    legend = "In a box:  = those that there are   : what it demands   → what its functions mention"
    drawing.text(LEFT, 22, legend, "small")
    alone = sorted(library.names[n] for n in library.items if n not in layer and n not in library.within)
    drawing.text(LEFT, TOP + tall + 16, "By themselves: " + ", ".join(alone), "small")
    return drawing.svg(x - BETWEEN + LEFT, round(TOP + tall + 30))


def curve(drawing, source, target, label):
    """From the side of one box to that of another."""
    (sx, sy, sw, sh), (tx, ty, tw, th) = source, target
    begin, end = (sx + sw, tx) if tx > sx else (sx, tx + tw)
    half = (begin + end) / 2
    drawing.path(f"M{begin} {sy + sh / 2}C{half} {sy + sh / 2} {half} {ty + th / 2} {end} {ty + th / 2}", label)


def main():
    """Reads, arranges, draws."""
    with open(sys.argv[1], encoding="utf-8") as file:
        library = Library(json.load(file))
    if not library.implemented():
        sys.exit(f"types_svg.py: {sys.argv[1]} has no public trait; was it made of the library?")
    sys.stdout.write(draw(library))


if __name__ == "__main__":
    main()
