//! What the driver runs on. Its tasks have a thread of their own; what a caller waits for is polled by
//! the caller's thread, so that nothing which it lends has to be `Send` or owned, and so that it makes no
//! difference whether that thread belongs to another runtime.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::task::JoinHandle;

/// A runtime that may be waited for, and dropped, anywhere: tokio's own panics for both inside another.
pub struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    pub fn new() -> io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("updown-scylla").enable_all().build().map(Some).map(Self)
    }

    /// Lets a future go on by itself.
    pub fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.0.as_ref().expect("it is there until it is dropped").spawn(future)
    }

    /// Waits for a future, and keeps this thread from anything else meanwhile.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        // Timers, sockets and tasks are then this runtime's, not those of the one around it.
        let _context = self.0.as_ref().expect("it is there until it is dropped").enter();
        // Where this is called from a task, that task's budget would run out, and never be filled again.
        let mut future = pin!(tokio::task::unconstrained(future));
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Runtime;

    /// More turns than a task's budget has, and a timer, from inside another runtime of each kind.
    #[test]
    fn inside_another_runtime() {
        for mut outer in
            [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()]
        {
            let outer = outer.enable_all().build().unwrap();
            outer.block_on(async {
                let inner = Runtime::new().unwrap();
                let turns = inner.block_on(async {
                    let mut turns = 0;
                    for turn in 0..1_000 {
                        turns += tokio::spawn(async move { turn % 2 }).await.unwrap();
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    turns
                });
                assert_eq!(turns, 500);
                drop(inner);
            });
        }
    }
}
