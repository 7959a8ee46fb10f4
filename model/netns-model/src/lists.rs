// SPDX-License-Identifier: GPL-2.0

//! A drawing of the kernel's lists after each operation of a program: what is registered, in the order of inits, with
//! the mark before which subsystems are put, and the namespaces that can be found.

use crate::{
    kernel::Lists,
    operations::{
        Kind,
        Slot, //
    },
    program::Interpreter,
};
use std::fmt::Write;

/// Width of an entry of `pernet_list`.
const ENTRY: usize = 74;
/// Width of a namespace.
const NAMESPACE: usize = 48;
/// Height of an entry.
const HEIGHT: usize = 24;
/// Between entries, where the arrow is.
const GAP: usize = 16;
/// From one row to the next.
const ROW: usize = 58;
/// Where `pernet_list` begins.
const LEFT: usize = 112;
/// Where the first row begins.
const TOP: usize = 40;

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1f2328}
.name{text-anchor:middle}.head{font-weight:600}
.mark{font-size:11px;fill:#8250df;text-anchor:middle}.arrow{stroke:#8c959f;fill:none}.up{stroke:#8250df;fill:none}
.page{fill:#fff}.band{fill:#f3f5f8}.end{fill:none;stroke:#8c959f;stroke-dasharray:3}
.subsys{fill:#ddf4ff;stroke:#0969da}.device{fill:#fff1e5;stroke:#bc4c00}.net{fill:#dafbe1;stroke:#1a7f37}
.dying{fill:none;stroke:#cf222e}.new{stroke-width:3}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.mark{fill:#d2a8ff}.arrow{stroke:#6e7681}.up{stroke:#d2a8ff}
.page{fill:#0d1117}.band{fill:#161b22}.end{stroke:#6e7681}
.subsys{fill:#0c2d6b;stroke:#4493f8}.device{fill:#3d1300;stroke:#ffa657}.net{fill:#033a16;stroke:#3fb950}
.dying{stroke:#ff7b72}}";

/// The lists as they are, under the name of what has been done last.
pub struct Row {
    title: String,
    lists: Lists,
    names: Vec<String>,
}

impl Row {
    /// As the interpreter has them now.
    pub fn new(title: String, interpreter: &Interpreter) -> Self {
        let lists = interpreter.kernel().lists();
        let names = lists.net_namespace_list.iter();
        Row {
            title,
            names: names.map(|net| interpreter.name(*net)).collect(),
            lists,
        }
    }
}

/// Draws the rows below each other, as SVG. What a row has and the one above has not stands out.
pub fn draw(rows: &[Row]) -> String {
    let most = |count: fn(&Lists) -> usize| rows.iter().map(|row| count(&row.lists)).max();
    let entries = most(|lists| lists.pernet_list.len()).unwrap_or(0);
    let namespaces = most(|lists| lists.net_namespace_list.len()).unwrap_or(0);
    // Behind the last entry there is the head of the list.
    let right = LEFT + (entries + 1) * (ENTRY + GAP) + GAP;
    let width = right + namespaces * (NAMESPACE + GAP) + GAP;
    let height = TOP + rows.len() * ROW + 8;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"The list of operations, with the mark at the first device, and the list of \
         namespaces, after each operation\">\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for (x, title) in [
        (12, "after"),
        (LEFT, "pernet_list"),
        (right, "net_namespace_list"),
    ] {
        let _ = writeln!(
            svg,
            "<text class=\"head\" x=\"{x}\" y=\"24\">{title}</text>"
        );
    }
    let nothing = Lists::default();
    for (number, row) in rows.iter().enumerate() {
        let top = TOP + number * ROW;
        if number % 2 == 0 {
            let _ = writeln!(
                svg,
                "<rect class=\"band\" x=\"4\" y=\"{top}\" width=\"{}\" height=\"{ROW}\" rx=\"4\"/>",
                width - 8
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"12\" y=\"{}\">{}</text>",
            top + 25,
            row.title
        );
        // The first row is what there was.
        let before = number.checked_sub(1).map(|above| &rows[above].lists);
        draw_operations(&mut svg, top + 9, &row.lists, before.unwrap_or(&nothing));
        draw_namespaces(
            &mut svg,
            (right, top + 9),
            row,
            before.unwrap_or(&row.lists),
        );
    }
    svg + "</svg>\n"
}

fn draw_operations(svg: &mut String, top: usize, lists: &Lists, before: &Lists) {
    let mut x = LEFT;
    for slot in &lists.pernet_list {
        let kind = kind(*slot);
        let new = !before.pernet_list.contains(slot);
        entry(
            svg,
            (x, top, ENTRY),
            &class(kind, new),
            &format!("{kind} {slot}"),
        );
        if lists.first_device == Some(*slot) {
            mark(svg, x, top);
        }
        x += ENTRY + GAP;
        arrow(svg, x - GAP, top);
    }
    entry(svg, (x, top, ENTRY), "end", "head");
    if lists.first_device.is_none() {
        mark(svg, x, top);
    }
}

fn draw_namespaces(svg: &mut String, (left, top): (usize, usize), row: &Row, before: &Lists) {
    let mut x = left;
    for (net, name) in row.lists.net_namespace_list.iter().zip(&row.names) {
        if x > left {
            arrow(svg, x - GAP, top);
        }
        let new = !before.net_namespace_list.contains(net);
        let dying = |lists: &Lists| lists.cleanup_list.contains(net);
        let class = match (dying(&row.lists), dying(before)) {
            (true, was) => class("dying", !was),
            (false, _) => class("net", new),
        };
        entry(svg, (x, top, NAMESPACE), &class, name);
        x += NAMESPACE + GAP;
    }
}

fn kind(slot: Slot) -> &'static str {
    match slot.operations().kind {
        Kind::Subsys => "subsys",
        Kind::Device => "device",
    }
}

fn class(name: &str, new: bool) -> String {
    format!("{name}{}", if new { " new" } else { "" })
}

fn entry(svg: &mut String, (x, y, width): (usize, usize, usize), class: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"4\"/>\
         <text class=\"name\" x=\"{}\" y=\"{}\">{text}</text>",
        x + width / 2,
        y + 16
    );
}

/// From one entry to the next.
fn arrow(svg: &mut String, x: usize, top: usize) {
    let y = top + HEIGHT / 2;
    let end = x + GAP - 3;
    let _ = writeln!(
        svg,
        "<path class=\"arrow\" d=\"M{} {y}H{end}m-4 -3l4 3l-4 3\"/>",
        x + 3
    );
}

/// What `first_device` points to.
fn mark(svg: &mut String, x: usize, top: usize) {
    let (x, y) = (x + ENTRY / 2, top + HEIGHT + 2);
    let _ = writeln!(
        svg,
        "<path class=\"up\" d=\"M{x} {}V{y}m-3 4l3 -4l3 4\"/><text class=\"mark\" x=\"{x}\" y=\"{}\">first_device</text>",
        y + 8,
        y + 18
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::parse_program;

    fn drawn(text: &str) -> String {
        let mut interpreter = Interpreter::new();
        let mut rows = vec![Row::new("boot".into(), &interpreter)];
        for operation in parse_program(text).unwrap() {
            interpreter.run(&operation);
            rows.push(Row::new(operation.to_string(), &interpreter));
        }
        draw(&rows)
    }

    #[test]
    fn the_mark_is_below_the_first_device_or_the_head() {
        let svg = drawn("register 0; register 1; register 2; unregister 1");
        assert_eq!(svg.matches(">first_device<").count(), 5);
        let last = svg.rsplit("class=\"band\"").next().unwrap();
        let head = last.find(">head<").unwrap();
        assert!(last.find(">first_device<").unwrap() > head);
        let order: Vec<_> = [">subsys 0<", ">subsys 2<", ">head<"]
            .map(|text| last.find(text).unwrap())
            .into();
        assert!(order.is_sorted());
    }

    #[test]
    fn what_is_new_stands_out_once() {
        let svg = drawn("register 1; create; put 1; drain");
        assert_eq!(svg.matches("class=\"device new\"").count(), 1);
        assert_eq!(svg.matches("class=\"net new\"").count(), 1);
        assert_eq!(svg.matches("class=\"dying new\"").count(), 1);
    }
}
