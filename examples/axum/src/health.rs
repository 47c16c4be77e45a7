//! What an orchestrator asks, and what a person does.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use updown::{Error, Migrator};

use crate::migrations;

/// Each keeps what it needs between two requests; a long answer to one must not keep the other waiting.
#[derive(Clone)]
struct Probes {
    ready: Arc<Mutex<Migrator>>,
    status: Arc<Mutex<Migrator>>,
}

/// `/health/live`, `/health/ready` and `/status`.
pub fn routes() -> Router {
    let migrator = || Arc::new(Mutex::new(Migrator::new(migrations::project())));
    Router::new()
        // That it answers is the answer: a database that is away is no reason to start the program again.
        .route("/health/live", get(|| async { "live" }))
        .route("/health/ready", get(ready))
        .route("/status", get(status))
        .with_state(Probes { ready: migrator(), status: migrator() })
}

/// 503 while a migration is pending, or the database cannot be reached; with the reason.
async fn ready(State(probes): State<Probes>) -> Response {
    match ask(probes.ready, Migrator::health).await {
        Ok(health) => match health.reason() {
            Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
            None => "ready".into_response(),
        },
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
    }
}

/// Every migration, and how it stands. Not for everybody: it says who migrates, and from where.
async fn status(State(probes): State<Probes>) -> Response {
    match ask(probes.status, Migrator::status).await {
        Ok(status) => Json(status).into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
    }
}

/// On a thread that may wait for the database.
async fn ask<T: Send + 'static>(
    migrator: Arc<Mutex<Migrator>>,
    ask: fn(&mut Migrator) -> Result<T, Error>,
) -> Result<T, String> {
    let asked = tokio::task::spawn_blocking(move || {
        ask(&mut migrator.lock().unwrap_or_else(PoisonError::into_inner))
    });
    asked.await.map_err(|panicked| panicked.to_string())?.map_err(|error| error.to_string())
}
