// SPDX-License-Identifier: GPL-2.0

//! A drawing of a program's events: time from left to right, a band for each namespace, in it a lane for each slot.

use crate::{
    event::{
        Event,
        Net, //
    },
    operations::{
        Hook,
        Kind,
        Slot, //
    },
    program::{
        Interpreter,
        Operation,
        Step, //
    },
};
use std::{
    collections::BTreeMap,
    fmt::Write, //
};

/// Width of an event.
const COLUMN: usize = 22;
/// Height of a lane.
const LANE: usize = 24;
/// Between bands.
const GAP: usize = 14;
/// Where time begins.
const LEFT: usize = 150;
/// Where the first band begins.
const TOP: usize = 58;
/// Of a letter, on average.
const LETTER: usize = 7;

/// Hooks as they are drawn: letter, class, and what the legend says.
const LEGEND: [(Hook, char, &str, &str); 6] = [
    (Hook::Init, 'I', "init", "init"),
    (Hook::PreExit, 'P', "pre", "pre_exit"),
    (Hook::ExitRtnl, 'R', "rtnl", "exit_rtnl"),
    (Hook::Exit, 'E', "exit", "exit"),
    (Hook::ExitBatch, 'B', "batch", "exit_batch"),
    (Hook::Drop, 'D', "drop", "the value is dropped"),
];

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1f2328}
.small{font-size:11px;fill:#59636e}
.letter{font:bold 11px ui-monospace,monospace;fill:#fff;text-anchor:middle}
.page{fill:#fff}.band{fill:#f3f5f8}.line{stroke:#c9d1d9}.life{stroke:#8c959f;stroke-width:2}.tie{stroke:#8250df;stroke-width:2}
.init{fill:#1a7f37}.pre{fill:#9a6700}.rtnl{fill:#bc4c00}.exit{fill:#cf222e}.batch{fill:#8250df}.drop{fill:#57606a}
.failed{fill:none;stroke:#cf222e;stroke-width:2}.failed+text{fill:#cf222e}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.small{fill:#9198a1}.letter{fill:#0d1117}
.page{fill:#0d1117}.band{fill:#161b22}.line{stroke:#3d444d}.life{stroke:#6e7681}.tie{stroke:#d2a8ff}
.init{fill:#56d364}.pre{fill:#e3b341}.rtnl{fill:#ffa657}.exit{fill:#ff7b72}.batch{fill:#d2a8ff}.drop{fill:#adbac7}
.failed{fill:none;stroke:#ff7b72}.failed+text{fill:#ff7b72}}";

/// Where everything is.
struct Layout {
    /// Height of each lane.
    lanes: BTreeMap<(Net, Slot), usize>,
    /// Name and height of each band, and how high it is.
    bands: Vec<(String, usize, usize)>,
    bottom: usize,
}

impl Layout {
    /// The initial namespace is the first, then the others by age; in each, the list.
    fn new(steps: &[Step], name: impl Fn(Net) -> String) -> Self {
        // Devices come behind subsystems, and whoever registered first is above.
        let mut order: Vec<Slot> = Vec::new();
        for step in steps {
            if let Operation::Register(slot) = step.operation {
                if !order.contains(&slot) {
                    order.push(slot);
                }
            }
        }
        order.sort_by_key(|slot| slot.operations().kind == Kind::Device);
        let mut seen: BTreeMap<Net, Vec<Slot>> = BTreeMap::new();
        for event in steps
            .iter()
            .flat_map(|step| &step.events)
            .filter(|event| event.hook != Hook::ExitBatch)
        {
            seen.entry(event.net).or_default().push(event.slot);
        }
        let mut layout = Layout {
            lanes: BTreeMap::new(),
            bands: Vec::new(),
            bottom: TOP,
        };
        for (net, slots) in seen {
            let top = layout.bottom;
            for slot in order.iter().filter(|slot| slots.contains(slot)) {
                layout.lanes.insert((net, *slot), layout.bottom);
                layout.bottom += LANE;
            }
            layout.bands.push((name(net), top, layout.bottom - top));
            layout.bottom += GAP;
        }
        layout
    }

    fn middle(&self, net: Net, slot: Slot) -> Option<usize> {
        self.lanes.get(&(net, slot)).map(|top| top + LANE / 2)
    }
}

/// An event that is drawn, with the namespaces of its batch.
struct Mark {
    event: Event,
    nets: Vec<Net>,
    x: usize,
}

/// Draws what the steps led to, as SVG. The interpreter that did them knows the names.
pub fn draw(steps: &[Step], interpreter: &Interpreter) -> String {
    let layout = Layout::new(steps, |net| interpreter.name(net));
    let mut marks: Vec<Mark> = Vec::new();
    let mut spans = Vec::new();
    let mut x = LEFT;
    for step in steps {
        let begin = x;
        for event in &step.events {
            if event.hook == Hook::Member {
                marks
                    .iter_mut()
                    .rev()
                    .find(|mark| mark.event.hook == Hook::ExitBatch)
                    .into_iter()
                    .for_each(|mark| mark.nets.push(event.net));
                continue;
            }
            let nets = if event.hook == Hook::ExitBatch {
                Vec::new()
            } else {
                vec![event.net]
            };
            marks.push(Mark {
                event: *event,
                nets,
                x: x + COLUMN / 2,
            });
            x += COLUMN;
        }
        let mut title = step.operation.to_string();
        if let Err(errno) = step.result {
            let _ = write!(title, ": {errno}");
        }
        x = x.max(begin + title.len() * LETTER) + COLUMN / 2;
        spans.push((title, begin, x - COLUMN / 2));
    }
    let (width, height) = (x.max(LEFT + 620), layout.bottom + 34);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Hooks of network namespaces over time\">\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    frame(&mut svg, &layout, &spans, width);
    lives(&mut svg, &layout, &marks);
    for mark in &marks {
        draw_mark(&mut svg, &layout, mark);
    }
    legend(&mut svg, layout.bottom + 8);
    svg + "</svg>\n"
}

/// Operations above, bands and lanes, lines between operations.
fn frame(svg: &mut String, layout: &Layout, spans: &[(String, usize, usize)], width: usize) {
    for (name, top, height) in &layout.bands {
        let label = if name == "init" {
            "initial".to_string()
        } else {
            format!("netns {name}")
        };
        let _ = writeln!(
            svg,
            "<rect class=\"band\" x=\"4\" y=\"{top}\" width=\"{}\" height=\"{height}\" rx=\"4\"/>",
            width - 8
        );
        let _ = writeln!(
            svg,
            "<text x=\"10\" y=\"{}\">{label}</text>",
            top + LANE / 2 + 4
        );
    }
    for ((_, slot), top) in &layout.lanes {
        let kind = if slot.operations().kind == Kind::Subsys {
            "subsys"
        } else {
            "device"
        };
        let _ = writeln!(
            svg,
            "<text class=\"small\" x=\"78\" y=\"{}\">{kind} {slot}</text>",
            top + LANE / 2 + 4
        );
    }
    for (title, begin, end) in spans {
        let _ = writeln!(svg, "<text x=\"{begin}\" y=\"28\">{title}</text>");
        let _ = writeln!(
            svg,
            "<path class=\"line\" d=\"M{begin} 36H{end}M{begin} 36V{}\" fill=\"none\"/>",
            layout.bottom - GAP
        );
    }
}

/// From the first event of a slot in a namespace to the last one, between which it is there.
fn lives(svg: &mut String, layout: &Layout, marks: &[Mark]) {
    let mut open: BTreeMap<(Net, Slot), usize> = BTreeMap::new();
    let mut ends: BTreeMap<(Net, Slot), (usize, usize)> = BTreeMap::new();
    let mut draw = |(net, slot), (from, to): (usize, usize)| {
        if let Some(y) = layout.middle(net, slot) {
            let _ = writeln!(svg, "<path class=\"life\" d=\"M{from} {y}H{to}\"/>");
        }
    };
    for mark in marks {
        for net in &mark.nets {
            let key = (*net, mark.event.slot);
            if mark.event.hook == Hook::Init {
                if let Some(end) = ends.remove(&key) {
                    draw(key, end);
                }
                if mark.event.err.is_none() {
                    open.insert(key, mark.x);
                }
            } else if let Some(begin) = open.get(&key) {
                ends.insert(key, (*begin, mark.x));
            }
        }
    }
    let last = marks.last().map_or(0, |mark| mark.x + COLUMN / 2);
    for (key, begin) in &open {
        ends.entry(*key).or_insert((*begin, last));
    }
    ends.into_iter().for_each(|(key, end)| draw(key, end));
}

fn draw_mark(svg: &mut String, layout: &Layout, Mark { event, nets, x }: &Mark) {
    let Some((_, letter, class, _)) = LEGEND.iter().find(|(hook, ..)| *hook == event.hook) else {
        return;
    };
    let heights: Vec<_> = nets
        .iter()
        .filter_map(|net| layout.middle(*net, event.slot))
        .collect();
    if let (Some(first), Some(last), true) = (
        heights.iter().min(),
        heights.iter().max(),
        heights.len() > 1,
    ) {
        let _ = writeln!(svg, "<path class=\"tie\" d=\"M{x} {first}V{last}\"/>");
    }
    let class = if event.err.is_some() { "failed" } else { class };
    // A batch of none is nobody's.
    let heights = if nets.is_empty() { vec![46] } else { heights };
    for y in heights {
        square(svg, *x, y, class, *letter);
    }
}

fn square(svg: &mut String, x: usize, y: usize, class: &str, letter: char) {
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"18\" height=\"18\" rx=\"3\"/><text class=\"letter\" x=\"{x}\" y=\"{}\">{letter}</text>",
        x - 9,
        y - 9,
        y + 4
    );
}

fn legend(svg: &mut String, top: usize) {
    let mut x = 14;
    for (_, letter, class, text) in LEGEND {
        square(svg, x + 5, top + 9, class, letter);
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\">{text}</text>",
            x + 20,
            top + 13
        );
        x += 34 + text.len() * LETTER + 10;
    }
    square(svg, x + 5, top + 9, "failed", 'I');
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\">an init that fails</text>",
        x + 20,
        top + 13
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::parse_program;

    fn drawn(text: &str) -> String {
        let mut interpreter = Interpreter::new();
        let program = parse_program(text).unwrap();
        let steps: Vec<_> = program
            .iter()
            .map(|operation| interpreter.run(operation))
            .collect();
        draw(&steps, &interpreter)
    }

    #[test]
    fn every_event_is_drawn_in_its_lane() {
        let svg = drawn("register 0; register 3; create; create; put 1; put 2; drain");
        // A square for each, and six and one in the legend. A batch has one in each of its namespaces.
        assert_eq!(svg.matches("class=\"init\"").count(), 6 + 1);
        assert_eq!(svg.matches("class=\"exit\"").count(), 4 + 1);
        assert_eq!(svg.matches("class=\"batch\"").count(), 2 + 1);
        assert_eq!(svg.matches("class=\"tie\"").count(), 1);
        assert_eq!(svg.matches("class=\"band\"").count(), 3);
        assert!(svg.contains(">netns 2<") && svg.contains(">device 3<") && svg.contains(">drain<"));
    }

    #[test]
    fn a_refused_init_stands_out() {
        let svg = drawn("plan 0 1 ENOSPC; register 0");
        assert_eq!(svg.matches("class=\"failed\"").count(), 1 + 1);
        assert!(svg.contains("register 0: ENOSPC"));
    }
}
