// SPDX-License-Identifier: GPL-2.0

//! A batch leaves its hook, or a value or a namespace of it does.

include!("common/module.rs");

fn whole<'b>(batch: Batch<'b, Counters>) -> Batch<'static, Counters> {
    //~ OK fn whole<'b>(batch: Batch<'b, Counters>) -> Batch<'b, Counters> {
    batch
    //~ ERROR "lifetime may not live long enough"
}

fn value<'b>(batch: Batch<'b, Counters>) -> Option<Pin<&'static Counters>> {
    //~ OK fn value<'b>(batch: Batch<'b, Counters>) -> Option<Pin<&'b Counters>> {
    batch.iter().last().map(|(_, value)| value)
    //~ ERROR "lifetime may not live long enough"
}

fn net<'b>(batch: Batch<'b, Counters>) -> Option<HookNet<'static, Counters>> {
    //~ OK fn net<'b>(batch: Batch<'b, Counters>) -> Option<HookNet<'b, Counters>> {
    batch.iter().last().map(|(net, _)| net)
    //~ ERROR "lifetime may not live long enough"
}
