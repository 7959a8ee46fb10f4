// SPDX-License-Identifier: GPL-2.0

//! Another task gets what only this one may have.

include!("common/module.rs");

/// Stands for whatever gives a value to another task.
fn other_task<T: Send>(_: T) {}

fn hook_net(net: HookNet<'_, Counters>) {
    other_task(net);
    //~ ERROR E0277
    //~ OK other_task(net.cookie());
}

fn batch(batch: Batch<'_, Counters>) {
    other_task(batch);
    //~ ERROR E0277
    //~ OK other_task(batch.iter().count());
    other_task(batch.iter());
    //~ ERROR E0277
    //~ OK other_task(batch.iter().count());
}

fn kill_list(kill: &mut DevKillList<'_>) {
    other_task(kill);
    //~ ERROR E0277
    //~ OK other_task(kill.dellink(c"dummy0"));
}

fn registrar(registrar: &mut Registrar<'_, Sample>) {
    other_task(registrar);
    //~ ERROR E0277
    //~ OK other_task(registrar.register::<Counters>());
}

fn namespaces() {
    other_task(Namespaces::read());
    //~ ERROR E0277
    //~ OK drop(Namespaces::read());
}

fn walk(list: &Namespaces) {
    other_task(list.iter());
    //~ ERROR E0277
    //~ OK other_task(list.iter().count());
}

fn uncounted_net(net: UncountedNet<'_>) {
    other_task(net);
    //~ ERROR E0277
    //~ OK other_task(net.try_get());
}
