//! Answers for programs: one document, or one line for each event of a run.

use serde::Serialize;
use serde_json::{Value, json};

use super::human::write_out;
use crate::error::Error;
use crate::report::{Event, Reporter, masked};

/// One line for each event.
pub struct JsonLines;

impl Reporter for JsonLines {
    fn event(&mut self, event: &Event<'_>) {
        // The line that a run ends with says as much and more, and whoever reads it knows what was asked for.
        if !matches!(event, Event::Begun { .. } | Event::Failed { .. } | Event::Ended { .. }) {
            line(event);
        }
    }
}

pub fn line(value: &impl Serialize) {
    if let Ok(mut text) = serde_json::to_vec(value) {
        text.push(b'\n');
        write_out(&text);
    }
}

/// One document.
pub fn document(value: &impl Serialize) {
    if let Ok(mut text) = serde_json::to_vec_pretty(value) {
        text.push(b'\n');
        write_out(&text);
    }
}

/// The last line of a run.
pub fn finished(report: &impl Serialize) {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("event".to_owned(), "done".into());
    }
    line(&value);
}

/// The last line of a run, or the document of a command, that failed.
pub fn error(error: &Error) {
    let mut value = json!({
        "event": "error",
        "error": masked(&error.to_string()),
        "exit_code": error.exit_code(),
        "hint": error.hint(),
    });
    match error {
        Error::Failed(failure) => {
            value["store"] = failure.store.clone().into();
            value["migration"] = failure.migration.clone().into();
            value["direction"] = json!(failure.direction);
            value["file"] = failure.file.clone().into();
            value["line"] = failure.line.into();
            value["column"] = failure.column.into();
            value["statement"] = failure.statement.as_deref().map(masked).into();
            value["position"] = failure.position.into();
            value["detail"] = failure.detail.as_deref().map(masked).into();
            value["caused_by"] = masked(&format!("{:#}", failure.source)).into();
        }
        Error::InvalidChange(invalid) => {
            value["store"] = invalid.store.clone().into();
            value["migration"] = invalid.migration.clone().into();
            value["problems"] = json!(invalid.problems);
        }
        Error::InvalidSchema(invalid) => value["problems"] = json!(invalid.problems),
        Error::Refused(refusal) => {
            value["store"] = refusal.store.clone().into();
            value["rule"] = json!(refusal.rule);
            value["names"] = json!(refusal.names);
        }
        Error::Locked { store, holder, .. } => {
            value["store"] = store.clone().into();
            value["holder"] = json!(holder);
        }
        Error::TimedOut { store, holder, .. } => {
            value["store"] = json!(store);
            value["holder"] = json!(holder);
        }
        Error::Store { store, .. } => value["store"] = store.clone().into(),
        Error::Backup(failure) => {
            value["store"] = failure.store.clone().into();
            value["said"] = failure.said.as_deref().map(masked).into();
        }
        _ => {}
    }
    if let Some(report) = error.report() {
        value["report"] = json!(report);
    }
    line(&value);
}
