// SPDX-License-Identifier: GPL-2.0

//! Lists of resources: none, pairs, and longer tuples as pairs of pairs.

use super::{
    super::{
        bindings,
        pernet::PerNet, //
    },
    sealed,
    Home,
    Resource, //
};
use kernel::prelude::*;

impl sealed::Sealed for () {}

impl<T: PerNet> Resource<T> for () {
    type State = ();

    const HAS_EXIT: bool = false;

    #[allow(private_interfaces)]
    unsafe fn make(_home: Home<T>, _state: *mut Self::State) -> Result {
        Ok(())
    }
}

impl<A: sealed::Sealed, B: sealed::Sealed> sealed::Sealed for (A, B) {}

impl<T: PerNet, A: Resource<T>, B: Resource<T>> Resource<T> for (A, B) {
    type State = (A::State, B::State);

    const HAS_PRE_EXIT: bool = A::HAS_PRE_EXIT || B::HAS_PRE_EXIT;
    const HAS_EXIT_RTNL: bool = A::HAS_EXIT_RTNL || B::HAS_EXIT_RTNL;
    const HAS_EXIT: bool = A::HAS_EXIT || B::HAS_EXIT;

    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result {
        // SAFETY: The two parts of the state are memory of their own. `A` has been made when it is undone.
        unsafe {
            A::make(home, &raw mut (*state).0)?;
            B::make(home, &raw mut (*state).1).inspect_err(|_| A::undo(home, &raw mut (*state).0))
        }
    }

    #[allow(private_interfaces)]
    unsafe fn pre_exit(home: Home<T>, state: *mut Self::State) {
        // SAFETY: Both have been made, and are in the same phase.
        unsafe {
            B::pre_exit(home, &raw mut (*state).1);
            A::pre_exit(home, &raw mut (*state).0);
        }
    }

    #[allow(private_interfaces)]
    unsafe fn exit_rtnl(home: Home<T>, state: *mut Self::State, list: *mut bindings::list_head) {
        // SAFETY: Both have been made, and are in the same phase.
        unsafe {
            B::exit_rtnl(home, &raw mut (*state).1, list);
            A::exit_rtnl(home, &raw mut (*state).0, list);
        }
    }

    #[allow(private_interfaces)]
    unsafe fn exit(home: Home<T>, state: *mut Self::State) {
        // SAFETY: Both have been made, and are in the same phase.
        unsafe {
            B::exit(home, &raw mut (*state).1);
            A::exit(home, &raw mut (*state).0);
        }
    }

    #[allow(private_interfaces)]
    unsafe fn undo(home: Home<T>, state: *mut Self::State) {
        // SAFETY: Both have been made, and are in the same phase.
        unsafe {
            B::undo(home, &raw mut (*state).1);
            A::undo(home, &raw mut (*state).0);
        }
    }
}

/// A longer tuple is its first element and the rest.
macro_rules! tuple {
    ($first:ident, $($rest:ident),+) => {
        impl<$first: sealed::Sealed, $($rest: sealed::Sealed),+> sealed::Sealed
            for ($first, $($rest),+)
        {
        }

        impl<T: PerNet, $first: Resource<T>, $($rest: Resource<T>),+> Resource<T>
            for ($first, $($rest),+)
        {
            type State = <($first, ($($rest),+)) as Resource<T>>::State;

            const HAS_PRE_EXIT: bool = <($first, ($($rest),+)) as Resource<T>>::HAS_PRE_EXIT;
            const HAS_EXIT_RTNL: bool = <($first, ($($rest),+)) as Resource<T>>::HAS_EXIT_RTNL;
            const HAS_EXIT: bool = <($first, ($($rest),+)) as Resource<T>>::HAS_EXIT;

            #[allow(private_interfaces)]
            unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result {
                // SAFETY: The pair has the same state, and each phase of it is that of its parts.
                unsafe { <($first, ($($rest),+))>::make(home, state) }
            }

            #[allow(private_interfaces)]
            unsafe fn pre_exit(home: Home<T>, state: *mut Self::State) {
                // SAFETY: The pair has the same state, and each phase of it is that of its parts.
                unsafe { <($first, ($($rest),+))>::pre_exit(home, state) }
            }

            #[allow(private_interfaces)]
            unsafe fn exit_rtnl(
                home: Home<T>,
                state: *mut Self::State,
                list: *mut bindings::list_head,
            ) {
                // SAFETY: The pair has the same state, and each phase of it is that of its parts.
                unsafe { <($first, ($($rest),+))>::exit_rtnl(home, state, list) }
            }

            #[allow(private_interfaces)]
            unsafe fn exit(home: Home<T>, state: *mut Self::State) {
                // SAFETY: The pair has the same state, and each phase of it is that of its parts.
                unsafe { <($first, ($($rest),+))>::exit(home, state) }
            }

            #[allow(private_interfaces)]
            unsafe fn undo(home: Home<T>, state: *mut Self::State) {
                // SAFETY: The pair has the same state, and each phase of it is that of its parts.
                unsafe { <($first, ($($rest),+))>::undo(home, state) }
            }
        }
    };
}

tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);
