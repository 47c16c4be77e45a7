//! Who is signed in, and where. Keys are random: numbers that count up would all be written by the one
//! node that has the end of the table.

use updown::prelude::*;

pub struct Migration;

impl Up<Steps<'_, PgConnection>> for Migration {
    fn up(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run(
            "CREATE TABLE user_sessions (
                id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
                user_id INT8 NOT NULL,
                region TEXT NOT NULL REFERENCES regions (name),
                device JSONB NOT NULL DEFAULT '{}',
                created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
                expires_at TIMESTAMPTZ NOT NULL
            )",
        )?;
        // Each a step of its own: a run that is killed here goes on here.
        steps.run("CREATE INDEX user_sessions_by_user ON user_sessions (user_id, created_at DESC)")?;
        steps.run("CREATE INDEX user_sessions_by_expiry ON user_sessions (expires_at)")
    }
}

impl Down<Steps<'_, PgConnection>> for Migration {
    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run("DROP TABLE user_sessions")
    }
}
