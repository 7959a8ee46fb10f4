// SPDX-License-Identifier: GPL-2.0

//! Two types that differ in a lifetime only have one static.

include!("common/module.rs");

/// A printer of strings: of any, or of static ones only.
struct Printer<F>(F);
type OfAny = Printer<for<'a> fn(&'a str)>;
type OfStatic = Printer<fn(&'static str)>;

static OF_ANY: Operations<OfAny> = Operations::new();
static OF_STATIC: Operations<OfStatic> = Operations::new();

fn print(text: &str) {
    pr_info!("{text}\n");
}

// Which of the two rustc names depends on where it begins.
#[allow(coherence_leak_check)]
#[vtable]
impl PerNet for OfAny {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&OF_STATIC);
    //~ ERROR E0308
    //~ OK const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&OF_ANY);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Printer(print as for<'a> fn(&'a str)))
    }
}

#[allow(coherence_leak_check)]
#[vtable]
impl PerNet for OfStatic {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&OF_STATIC);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Printer(print as fn(&'static str)))
    }
}
