//! A server that migrates its database when it starts, and says whether it may be sent requests.
//!
//! `axum-example --migrate-up` migrates and ends; `axum-example` serves on `LISTEN` (127.0.0.1:3000) what is in
//! `DATABASE_URL`, a PostgreSQL, and migrates it before that where `ENV`, `FORCE_MIGRATION` and `AUTO_MIGRATE` say so.

mod health;
mod migrations;

use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use updown::{Migrator, Request};

fn main() -> ExitCode {
    // One line of JSON for each event, with the spans that it stands in.
    tracing_subscriber::fmt().json().flatten_event(true).with_writer(std::io::stderr).init();
    let ended = match std::env::args().nth(1).as_deref() {
        Some("--migrate-up") => {
            Migrator::new(migrations::project()).run(&Request::migrate()).map(drop).map_err(Into::into)
        }
        Some(other) => Err(format!("{other} is not known: there is --migrate-up, or nothing").into()),
        None => serve(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            // 4 where another run holds the lock, 5 where a safety rule stands against it, and so on.
            ExitCode::from(error.downcast_ref().map_or(1, updown::Error::exit_code))
        }
    }
}

/// Answers from the first moment on, so that one can see what it waits for, and migrates meanwhile.
#[tokio::main]
async fn serve() -> Result<(), Box<dyn Error>> {
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.map_err(|error| format!("LISTEN={address}: {error}"))?;
    tracing::info!(address = %listener.local_addr()?, "listening");

    let mut migrator = Migrator::new(migrations::project());
    let cancel = migrator.cancel();
    // Migrations block: they have no place on the threads that answer. However many replicas start at once, one of
    // them migrates, and the others wait for it.
    let migrated = tokio::task::spawn_blocking(move || migrator.startup().map(drop));

    let mut terminate = signal(SignalKind::terminate())?;
    let ended = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        // A migration that is under way is rolled back, and its lock given to whoever waits.
        cancel.cancel(15);
    };
    let router = Router::new().route("/", get(|| async { "hello" })).merge(health::routes());
    let server = axum::serve(listener, router).with_graceful_shutdown(ended);
    tokio::select! {
        served = async { server.await } => Ok(served?),
        // Whoever started it starts it again, and sees why.
        error = failed(migrated) => Err(error),
    }
}

/// Waits for ever where it did not fail.
async fn failed(migrated: tokio::task::JoinHandle<Result<(), updown::Error>>) -> Box<dyn Error> {
    match migrated.await {
        Ok(Ok(())) => std::future::pending().await,
        Ok(Err(error)) => error.into(),
        Err(panicked) => panicked.into(),
    }
}
