//! The leases of the stores that a run reaches: taken, taken anew, given back.

use std::time::{Duration, Instant};

use super::Reached;
use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, StoreError};
use crate::lease::{self, Claim, Claimed};
use crate::report::{Event, Reporter};

/// Who asks for the leases, and how long they wait.
pub struct Asking<'a> {
    pub claim: &'a Claim,
    pub config: &'a Config,
    pub cancel: &'a Cancel,
    pub reporter: &'a mut dyn Reporter,
}

/// Gets the lease of every store that `wanted` names, one after the other, and looks at each again
/// under it. Returns `false` where, while it waited, `still_wanted` came to say that there is
/// nothing left to do.
pub fn claim(
    stores: &mut [Reached],
    wanted: &[usize],
    asking: &mut Asking<'_>,
    still_wanted: &mut dyn FnMut(&[Reached]) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let deadline = Instant::now() + asking.config.wait_for_lock;
    for &index in wanted {
        if !claim_one(stores, index, deadline, asking, still_wanted)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Before the first migration of a store whose turn it is. A lease is renewed by what is done under it: that of a
/// store that waited behind another one's long migrations may have ended, and somebody else may have had it. Where
/// they did nothing with it, the run goes on under a new one.
pub fn claim_again(stores: &mut [Reached], index: usize, asking: &mut Asking<'_>) -> Result<(), Error> {
    let since = stores[index].claimed;
    if since.is_some_and(|since| since.elapsed() < lease::LASTS / 2) {
        return Ok(());
    }
    let before = stores[index].snapshot.clone();
    let deadline = Instant::now() + asking.config.wait_for_lock;
    claim_one(stores, index, deadline, asking, &mut |_| Ok(true))?;
    let Reached { name, snapshot: now, claimed, .. } = &stores[index];
    // By their batches one sees attempts of others, by the rest what they undid, or began.
    let is_as_it_was = || {
        (now.last_batch, &now.applied, &now.journal) == (before.last_batch, &before.applied, &before.journal)
    };
    if *claimed == since || is_as_it_was() {
        return Ok(());
    }
    Err(Error::store(name, StoreError::LeaseLost))
}

fn claim_one(
    stores: &mut [Reached],
    index: usize,
    deadline: Instant,
    asking: &mut Asking<'_>,
    still_wanted: &mut dyn FnMut(&[Reached]) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let mut pause = Pause::default();
    loop {
        let store = &mut stores[index];
        let holder =
            match store.session.claim(asking.claim).map_err(|error| Error::store(&store.name, error))? {
                Claimed::Ours { .. } => break,
                Claimed::Held(holder) if store.claimed.is_some() && holder.owner == asking.claim.owner => {
                    return Ok(true);
                }
                Claimed::Held(holder) => Some(holder),
                Claimed::Busy => None,
            };
        if Instant::now() >= deadline {
            return Err(Error::locked(&store.name, holder));
        }
        if pause.is_first() {
            let by = holder.as_ref().map_or("another connection", |holder| &holder.by);
            asking.reporter.event(&Event::Waiting { store: &store.name, by });
        }
        pause.take(asking.cancel).map_err(|error| error.waiting_for(&store.name, holder))?;
        match store.look() {
            Ok(()) if !still_wanted(stores)? => return Ok(false),
            Ok(()) | Err(StoreError::Busy) => {}
            Err(error) => return Err(Error::store(&stores[index].name, error)),
        }
    }
    let store = &mut stores[index];
    store.claimed = Some(Instant::now());
    store.look().map_err(|error| Error::store(&store.name, error))?;
    Ok(true)
}

/// Gives back every lease that is held. What goes wrong here ends by expiry.
pub fn release(stores: &mut [Reached]) {
    for store in stores.iter_mut().filter(|store| store.claimed.is_some()) {
        let _ = store.session.release();
        store.claimed = None;
    }
}

/// Waiting outside of the database, a little longer each time, with jitter so that many who wait
/// do not come back at once.
#[derive(Default)]
pub struct Pause(u32);

impl Pause {
    pub const fn is_first(&self) -> bool {
        self.0 == 0
    }

    pub fn take(&mut self, cancel: &Cancel) -> Result<(), Error> {
        self.take_up_to(Duration::from_millis(160), cancel)
    }

    /// Each pause is twice the one before, up to `longest`.
    pub fn take_up_to(&mut self, longest: Duration, cancel: &Cancel) -> Result<(), Error> {
        cancel.check()?;
        let pause = Duration::from_millis(10 << self.0.min(16)).min(longest);
        std::thread::sleep(pause + Duration::from_millis(lease::jitter() % 32));
        self.0 += 1;
        Ok(())
    }
}
