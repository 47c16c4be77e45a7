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
use crate::steps::Steps;
use crate::store::StoreConnection;
use crate::traits::{Down, Irreversible, Up};

pub struct Probe<C, M>(PhantomData<fn(C, M)>);

type MakeUp<C, M> = fn(M) -> UpBody<C>;
type MakeDown<C, M> = fn(M) -> DownBody<C>;

pub trait Fallback<C, M> {
    const UP: Option<MakeUp<C, M>> = None;
    const UP_STEPS: Option<MakeUp<C, M>> = None;
    const DOWN: Option<MakeDown<C, M>> = None;
    const DOWN_STEPS: Option<MakeDown<C, M>> = None;
    const BECAUSE: Option<&'static str> = None;
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

/// Turns a wrong combination of traits into a one-line compile error.
pub const fn assert_bodies<C: StoreConnection>(has: [bool; 5], messages: &[&str; 6]) {
    let [up, up_steps, down, down_steps, because] = has;
    if (up_steps || down_steps) && !C::HAS_STEPS {
        panic!("{}", messages[5]);
    }
    if !up && !up_steps {
        panic!("{}", messages[0]);
    }
    if up && up_steps {
        panic!("{}", messages[1]);
    }
    if !down && !down_steps && !because {
        panic!("{}", messages[2]);
    }
    if (down || down_steps) && because {
        panic!("{}", messages[3]);
    }
    if down && down_steps {
        panic!("{}", messages[4]);
    }
}

/// Turns a list that is out of order into a compile error: name, and what to say where it has no
/// number, a lower one than its predecessor, or the same. A loop, not a recursion: lists have a
/// thousand entries.
pub const fn assert_ordered(list: &[(&str, &str, &str, &str)]) {
    let mut before: Option<u64> = None;
    let mut at = 0;
    while at < list.len() {
        let (name, no_number, out_of_order, same_number) = list[at];
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
        at += 1;
    }
}

/// The bodies of one module. `assert_bodies` has made sure that there is one of each.
pub fn bodies<C, M>(
    module: fn() -> M,
    up: Option<MakeUp<C, M>>,
    up_steps: Option<MakeUp<C, M>>,
    down: Option<MakeDown<C, M>>,
    down_steps: Option<MakeDown<C, M>>,
    because: Option<&'static str>,
) -> (UpBody<C>, DownBody<C>) {
    let up = up.or(up_steps).expect("checked by assert_bodies");
    let down = match down.or(down_steps) {
        Some(down) => down(module()),
        None => DownBody::Irreversible(Cow::Borrowed(because.expect("checked by assert_bodies"))),
    };
    (up(module()), down)
}

#[cfg(all(test, feature = "scylla"))]
mod tests {
    use super::assert_bodies;
    use crate::scylla::ScyllaConnection;

    const MESSAGES: [&str; 6] = ["no up", "two ups", "no down", "both", "two downs", "steps"];

    /// In a constant of `registry!`, this is a compile error.
    #[test]
    #[should_panic(expected = "steps")]
    fn steps_of_steps_do_not_compile() {
        assert_bodies::<ScyllaConnection>([false, true, false, false, true], &MESSAGES);
    }

    #[test]
    fn statements_do() {
        assert_bodies::<ScyllaConnection>([true, false, true, false, false], &MESSAGES);
    }
}
