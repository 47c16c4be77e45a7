//! What goes wrong where a test says so.

use super::Simulated;
use super::frame::Failure;
use super::jobs::Slow;

/// What happens to a statement.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It does nothing but fail.
    Fails(Failure),
    /// It is ambiguous, and was carried out, or was not.
    Ambiguous { committed: bool },
    /// A change of the schema whose job fails: nothing of it takes effect, or this.
    Aborts { failure: Failure, partial: Option<String> },
    /// A change of the schema that takes its time.
    Slow(Slow),
    /// It is carried out, and the connection ends.
    LosesAnswer,
}

/// Where it happens.
#[derive(Clone, Debug)]
pub enum Where {
    /// At a commit of a transaction.
    Commit,
    /// At a statement that contains this.
    Text(String),
}

#[derive(Clone, Debug)]
pub struct Order {
    pub at: Where,
    /// So many are still let through…
    pub before: usize,
    /// … and it happens to so many.
    pub times: usize,
    pub fault: Fault,
}

/// The order that a statement falls under, which is then used up by one.
pub fn taken(orders: &mut [Order], is_meant: impl Fn(&Order) -> bool) -> Option<Fault> {
    for order in orders.iter_mut().filter(|order| order.times > 0 && is_meant(order)) {
        if order.before == 0 {
            order.times -= 1;
            return Some(order.fault.clone());
        }
        order.before -= 1;
    }
    None
}

pub fn retry() -> Failure {
    let message = "restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: \
                   retry txn (RETRY_SERIALIZABLE - simulated)";
    Failure::new("40001", message)
}

pub fn ambiguous() -> Failure {
    Failure::new("40003", "result is ambiguous: error=simulated")
}

fn violated() -> Failure {
    Failure::new("23505", "simulated")
}

/// What a failed job makes of a transaction that was committed.
pub fn aborted(failure: &Failure) -> Failure {
    let Failure { code, message } = failure;
    let message = format!("transaction committed but schema change aborted with error: ({code}): {message}");
    Failure::new("XXA00", &message)
}

impl Simulated {
    fn order(&self, at: Where, before: usize, times: usize, fault: Fault) {
        self.shared.state().orders.push(Order { at, before, times, fault });
    }

    fn at(&self, text: &str, times: usize, fault: Fault) {
        self.order(Where::Text(text.to_owned()), 0, times, fault);
    }

    /// From now on every `nth` commit, counted over all connections, has to be tried again: nothing was
    /// committed. With 0, none.
    pub fn retries(&self, nth: usize) {
        let mut state = self.shared.state();
        state.retries = nth;
        state.commits = 0;
    }

    /// The next statements that contain `text` are refused, to be tried again.
    pub fn retry(&self, text: &str, times: usize) {
        self.at(text, times, Fault::Fails(retry()));
    }

    /// The next statements that contain `text` are refused like this.
    pub fn fails(&self, text: &str, times: usize, code: &str, message: &str) {
        self.at(text, times, Fault::Fails(Failure::new(code, message)));
    }

    /// Of the `nth` commit from now on, nobody learns what became of it.
    pub fn ambiguous(&self, nth: usize, committed: bool) {
        self.order(Where::Commit, nth - 1, 1, Fault::Ambiguous { committed });
    }

    /// The same of the next statement that contains `text`; in a transaction it was not carried out.
    pub fn ambiguous_at(&self, text: &str, committed: bool) {
        self.at(text, 1, Fault::Ambiguous { committed });
    }

    /// The jobs of the next changes of the schema that contain `text` fail: of each, nothing takes effect,
    /// or what `partial` does. The error is XXA00: of the change itself, and in a transaction of its commit.
    pub fn aborts(&self, text: &str, times: usize, partial: Option<&str>) {
        let (failure, partial) = (aborted(&violated()), partial.map(str::to_owned));
        self.at(text, times, Fault::Aborts { failure, partial });
    }

    /// The same where the error is the job's own (23505), as it is outside of a transaction.
    pub fn job_fails(&self, text: &str, times: usize, partial: Option<&str>) {
        let (failure, partial) = (violated(), partial.map(str::to_owned));
        self.at(text, times, Fault::Aborts { failure, partial });
    }

    /// The next change of the schema that contains `text`, outside of a transaction, becomes a job that
    /// takes that long, and goes on without the client.
    pub fn slow(&self, text: &str, slow: Slow) {
        self.shared.gate.release(false);
        self.at(text, 1, Fault::Slow(slow));
    }

    /// Jobs that wait for this go on.
    pub fn release(&self) {
        self.shared.gate.release(true);
    }

    /// The next statement that contains `text` is carried out with all that was sent together with it;
    /// then the connection ends.
    pub fn lose_answer(&self, text: &str) {
        self.at(text, 1, Fault::LosesAnswer);
    }

    /// The child is killed before the `n`th round trip from now on, which the server never hears of.
    pub fn kill_before(&self, n: usize) {
        self.kill(n, false);
    }

    /// The child is killed when the answer to the `n`th round trip from now on is there, of which it never
    /// hears.
    pub fn kill_after(&self, n: usize) {
        self.kill(n, true);
    }

    fn kill(&self, n: usize, after: bool) {
        let mut state = self.shared.state();
        state.kill = Some((state.round_trips + n, after));
    }

    /// Whether all has happened that was to happen.
    pub fn is_done(&self) -> bool {
        let state = self.shared.state();
        state.kill.is_none() && state.orders.iter().all(|order| order.times == 0)
    }
}
