//! How `registry!` finds out, while it compiles, which of the traits a module implements.
//!
//! An inherent associated constant under a bound shadows the default of a trait that everything
//! has. `Probe<C, M>::UP` is the inherent one where `M: Up<C>` holds, and `Fallback`'s otherwise.
//! This works because the macro names concrete types; in generic code it would always be the
//! fallback. Trait bounds instead would give the user "type annotations needed".

// Hidden from the documentation: only the macro names these.
#![allow(missing_docs)]

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::migration::{DownBody, UpBody};
#[cfg(feature = "schema")]
use crate::schema::{Change, Typed};
use crate::steps::Steps;
use crate::store::StoreConnection;
use crate::traits::{Down, Irreversible, Up};

pub struct Probe<C, M>(PhantomData<fn(C, M)>);

type MakeUp<C, M> = fn(M) -> UpBody<C>;
type MakeDown<C, M> = fn(M) -> DownBody<C>;
type MakeChange<C, M> = fn(M) -> (UpBody<C>, DownBody<C>);

pub trait Fallback<C, M> {
    const UP: Option<MakeUp<C, M>> = None;
    const UP_STEPS: Option<MakeUp<C, M>> = None;
    const DOWN: Option<MakeDown<C, M>> = None;
    const DOWN_STEPS: Option<MakeDown<C, M>> = None;
    const BECAUSE: Option<&'static str> = None;
    const CHANGE: Option<MakeChange<C, M>> = None;
    const CHANGE_STEPS: Option<MakeChange<C, M>> = None;
}
impl<C, M> Fallback<C, M> for Probe<C, M> {}

impl<C, M: Up<C> + Send + Sync + 'static> Probe<C, M> {
    pub const UP: Option<MakeUp<C, M>> = Some(|body| UpBody::Transaction(Arc::new(body)));
}
impl<C, M: for<'a> Up<Steps<'a, C>> + Send + Sync + 'static> Probe<C, M> {
    pub const UP_STEPS: Option<MakeUp<C, M>> = Some(|body| UpBody::Steps(Arc::new(body)));
}
impl<C, M: Down<C> + Send + Sync + 'static> Probe<C, M> {
    pub const DOWN: Option<MakeDown<C, M>> = Some(|body| DownBody::Transaction(Arc::new(body)));
}
impl<C, M: for<'a> Down<Steps<'a, C>> + Send + Sync + 'static> Probe<C, M> {
    pub const DOWN_STEPS: Option<MakeDown<C, M>> = Some(|body| DownBody::Steps(Arc::new(body)));
}
impl<C, M: Irreversible> Probe<C, M> {
    pub const BECAUSE: Option<&'static str> = Some(M::BECAUSE);
}
#[cfg(feature = "schema")]
impl<C: 'static, M: Change<C> + Send + Sync + 'static> Probe<C, M> {
    pub const CHANGE: Option<MakeChange<C, M>> = Some(|body| both(Typed::new::<C, M>(body)));
}
#[cfg(feature = "schema")]
impl<C: 'static, M: for<'a> Change<Steps<'a, C>> + Send + Sync + 'static> Probe<C, M> {
    pub const CHANGE_STEPS: Option<MakeChange<C, M>> = Some(|body| both(Typed::in_steps::<C, M>(body)));
}
#[cfg(feature = "schema")]
fn both<C>(typed: Typed) -> (UpBody<C>, DownBody<C>) {
    (UpBody::Change(typed.clone()), DownBody::Change(typed))
}

/// Which traits a module has.
#[derive(Clone, Copy)]
pub struct Has {
    pub up: bool,
    pub up_steps: bool,
    pub down: bool,
    pub down_steps: bool,
    pub because: bool,
    pub change: bool,
    pub change_steps: bool,
    /// Whether the list says so.
    pub repeatable: bool,
}

/// What to say of each wrong combination.
pub struct Messages<'a> {
    pub no_up: &'a str,
    pub two_ups: &'a str,
    pub no_down: &'a str,
    pub both: &'a str,
    pub two_downs: &'a str,
    pub steps_of_steps: &'a str,
    pub two_changes: &'a str,
    pub change_and_bodies: &'a str,
    pub change_and_because: &'a str,
    pub repeatable_change: &'a str,
    pub repeatable_because: &'a str,
}

/// Turns a wrong combination of traits into a one-line compile error.
pub const fn assert_bodies<C: StoreConnection>(has: Has, messages: &Messages<'_>) {
    let Has { up, up_steps, down, down_steps, because, change, change_steps, repeatable } = has;
    if (up_steps || down_steps || change_steps) && !C::HAS_STEPS {
        panic!("{}", messages.steps_of_steps);
    }
    if repeatable && (change || change_steps) {
        panic!("{}", messages.repeatable_change);
    }
    if repeatable && because {
        panic!("{}", messages.repeatable_because);
    }
    if change && change_steps {
        panic!("{}", messages.two_changes);
    }
    if change || change_steps {
        if up || up_steps || down || down_steps {
            panic!("{}", messages.change_and_bodies);
        }
        if because {
            panic!("{}", messages.change_and_because);
        }
        return;
    }
    if !up && !up_steps {
        panic!("{}", messages.no_up);
    }
    if up && up_steps {
        panic!("{}", messages.two_ups);
    }
    if !down && !down_steps && !because && !repeatable {
        panic!("{}", messages.no_down);
    }
    if (down || down_steps) && because {
        panic!("{}", messages.both);
    }
    if down && down_steps {
        panic!("{}", messages.two_downs);
    }
}

/// Turns a list that is out of order into a compile error: name, and what to say where it has no
/// number, a lower one than its predecessor, or the same. A repeatable one has no number, and only its like
/// behind it. A loop, not a recursion: lists have a thousand entries.
pub const fn assert_ordered(list: &[(&str, bool, &str, &str, &str)]) {
    let mut before: Option<u64> = None;
    let mut at = 0;
    while at < list.len() {
        let (name, is_repeatable, no_number, out_of_order, same_number) = list[at];
        at += 1;
        if is_repeatable {
            if at < list.len() && !list[at].1 {
                panic!("{}", out_of_order);
            }
            continue;
        }
        let Some(number) = crate::migration::number_of(name) else {
            panic!("{}", no_number);
        };
        if let Some(before) = before {
            if number == before {
                panic!("{}", same_number);
            }
            if number < before {
                panic!("{}", out_of_order);
            }
        }
        before = Some(number);
    }
}

/// The bodies of one module. `assert_bodies` has made sure that there is one of each.
pub fn bodies<C, M>(
    module: fn() -> M,
    change: Option<MakeChange<C, M>>,
    up: Option<MakeUp<C, M>>,
    down: Option<MakeDown<C, M>>,
    because: Option<&'static str>,
) -> (UpBody<C>, DownBody<C>) {
    if let Some(change) = change {
        return change(module());
    }
    let up = up.expect("checked by assert_bodies");
    let down = match down {
        Some(down) => down(module()),
        // Of a repeatable one, as `assert_bodies` has seen to.
        None => because.map_or(DownBody::Nothing, |because| DownBody::Irreversible(Cow::Borrowed(because))),
    };
    (up(module()), down)
}

/// The one of two that is there. `Option::or` is no constant function for these.
pub const fn either<F: Copy>(one: Option<F>, other: Option<F>) -> Option<F> {
    if one.is_some() { one } else { other }
}

#[cfg(all(test, feature = "scylla"))]
mod tests {
    use super::{Has, Messages, assert_bodies};
    use crate::scylla::ScyllaConnection;

    const MESSAGES: Messages<'_> = Messages {
        no_up: "no up",
        two_ups: "two ups",
        no_down: "no down",
        both: "both",
        two_downs: "two downs",
        steps_of_steps: "steps",
        two_changes: "two changes",
        change_and_bodies: "change and bodies",
        change_and_because: "change and because",
        repeatable_change: "repeatable change",
        repeatable_because: "repeatable and because",
    };
    const NOTHING: Has = Has {
        up: false,
        up_steps: false,
        down: false,
        down_steps: false,
        because: false,
        change: false,
        change_steps: false,
        repeatable: false,
    };

    /// In a constant of `registry!`, this is a compile error.
    #[test]
    #[should_panic(expected = "steps")]
    fn steps_of_steps_do_not_compile() {
        assert_bodies::<ScyllaConnection>(Has { up_steps: true, because: true, ..NOTHING }, &MESSAGES);
    }

    #[test]
    #[should_panic(expected = "steps")]
    fn changes_in_steps_of_steps_do_not_compile() {
        assert_bodies::<ScyllaConnection>(Has { change_steps: true, ..NOTHING }, &MESSAGES);
    }

    #[test]
    fn changes_do() {
        assert_bodies::<ScyllaConnection>(Has { change: true, ..NOTHING }, &MESSAGES);
    }

    #[test]
    fn statements_do() {
        assert_bodies::<ScyllaConnection>(Has { up: true, down: true, ..NOTHING }, &MESSAGES);
    }
}
