//! What CockroachDB keeps of its jobs, played by a table; and jobs that take their time.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::frame::Failure;
use super::statement::Statement;

/// In a schema of its own. Each of the functions and views is what CockroachDB has by that name in
/// `crdb_internal`, or shows by a `SHOW`.
const SCHEMA: &str = r"
CREATE SCHEMA IF NOT EXISTS crdb_simulated;
CREATE SEQUENCE IF NOT EXISTS crdb_simulated.job_ids START 1000000000000000001;
CREATE TABLE IF NOT EXISTS crdb_simulated.jobs (
    job_id INT8 PRIMARY KEY DEFAULT nextval('crdb_simulated.job_ids'),
    job_type TEXT NOT NULL, description TEXT NOT NULL, user_name TEXT NOT NULL DEFAULT current_user,
    status TEXT NOT NULL, running_status TEXT,
    created TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), started TIMESTAMPTZ DEFAULT clock_timestamp(),
    finished TIMESTAMPTZ, modified TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    fraction_completed FLOAT8 NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
    coordinator_id INT8 DEFAULT 1, code TEXT NOT NULL DEFAULT '00000'
);
CREATE OR REPLACE VIEW crdb_simulated.show_jobs AS
    SELECT job_id, job_type, CASE WHEN length(description) > 70
        THEN left(description, 59) || ' … ' || right(description, 7) ELSE description END AS description,
        user_name, status, running_status, date_trunc('second', created) AS created,
        date_trunc('second', started) AS started, date_trunc('second', finished) AS finished,
        date_trunc('second', modified) AS modified, fraction_completed, error, coordinator_id
    FROM crdb_simulated.jobs WHERE finished IS NULL OR finished > now() - interval '12 hours';
CREATE OR REPLACE FUNCTION crdb_simulated.show_job(id INT8) RETURNS SETOF crdb_simulated.jobs LANGUAGE sql
    AS $$ SELECT * FROM crdb_simulated.jobs WHERE job_id = id $$;
CREATE OR REPLACE FUNCTION crdb_simulated.version() RETURNS TEXT LANGUAGE sql IMMUTABLE
    AS $$ SELECT 'CockroachDB CCL v25.2.0 (simulated)' $$;
CREATE OR REPLACE FUNCTION crdb_simulated.force_error(code TEXT, message TEXT) RETURNS INT8 LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message; END $$;
CREATE OR REPLACE FUNCTION crdb_simulated.session_id(pid INT4 DEFAULT pg_backend_pid()) RETURNS TEXT
    LANGUAGE sql AS $$ SELECT lpad(to_hex(pid), 32, '0') $$;
CREATE OR REPLACE FUNCTION crdb_simulated.cancel(id TEXT) RETURNS BOOL LANGUAGE sql
    AS $$ SELECT pg_cancel_backend(('x' || right(id, 8))::BIT(32)::INT4) $$;
CREATE OR REPLACE FUNCTION crdb_simulated.drop_value(of TEXT, gone TEXT) RETURNS VOID LANGUAGE plpgsql AS $drop$
DECLARE
    labels TEXT;
    col RECORD;
BEGIN
    SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) INTO labels
    FROM pg_enum WHERE enumtypid = of::regtype AND enumlabel <> gone;
    EXECUTE format('ALTER TYPE %s RENAME TO crdb_old', of);
    EXECUTE format('CREATE TYPE %s AS ENUM (%s)', of, labels);
    FOR col IN SELECT a.attrelid::regclass::TEXT AS tab, quote_ident(a.attname) AS name,
                      pg_get_expr(d.adbin, d.adrelid) AS expr
               FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
               WHERE a.atttypid = 'crdb_old'::regtype
    LOOP
        IF col.expr IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s ALTER %s DROP DEFAULT', col.tab, col.name);
        END IF;
        EXECUTE format('ALTER TABLE %s ALTER %s TYPE %s USING %s::TEXT::%s', col.tab, col.name, of, col.name, of);
        IF col.expr IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s ALTER %s SET DEFAULT %s', col.tab, col.name,
                           replace(col.expr, 'crdb_old', of));
        END IF;
    END LOOP;
    DROP TYPE crdb_old;
END $drop$;
CREATE OR REPLACE VIEW crdb_simulated.show_session_id AS SELECT crdb_simulated.session_id();
CREATE OR REPLACE VIEW crdb_simulated.show_autocommit_before_ddl AS
    SELECT current_setting('crdb.autocommit_before_ddl') AS autocommit_before_ddl;
CREATE OR REPLACE VIEW crdb_simulated.cluster_sessions AS
    SELECT 1::INT8 AS node_id, crdb_simulated.session_id(pid) AS session_id, usename::TEXT AS user_name,
        client_addr::TEXT AS client_address, application_name,
        CASE WHEN state = 'active' THEN query ELSE '' END AS active_queries, query AS last_active_query,
        backend_start AS session_start, CASE WHEN state = 'active' THEN 'ACTIVE' ELSE 'IDLE' END AS status
    FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend';
CREATE OR REPLACE VIEW crdb_simulated.cluster_queries AS
    SELECT crdb_simulated.session_id(pid) AS query_id, 1::INT8 AS node_id,
        crdb_simulated.session_id(pid) AS session_id, usename::TEXT AS user_name, query_start AS start,
        coalesce(substring(query FROM '^/\* (.*) \*/ DO '), query) AS query,
        client_addr::TEXT AS client_address, application_name, 'executing'::TEXT AS phase
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND state = 'active';
GRANT USAGE ON SCHEMA crdb_simulated TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA crdb_simulated TO PUBLIC;
GRANT ALL ON ALL SEQUENCES IN SCHEMA crdb_simulated TO PUBLIC;
";

/// Makes what is needed in the database, where it is not there.
pub fn prepare(url: &str) -> QueryResult<()> {
    // `IF NOT EXISTS` does not keep apart who does it at the same time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    connect(url)?.batch_execute(SCHEMA)
}

fn connect(url: &str) -> QueryResult<PgConnection> {
    let connected = PgConnection::establish(url);
    connected.map_err(|error| diesel::result::Error::QueryBuilderError(error.to_string().into()))
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What a change of the schema leaves: the statements that enter its jobs, as they are in the end.
pub fn entered(statement: &Statement, failure: Option<&Failure>) -> Vec<String> {
    if is_without(statement) {
        return Vec::new();
    }
    let (kind, description) = (kind(statement), quote(&statement.text));
    let columns = "job_type, description, status, running_status, finished, fraction_completed, error, code";
    let ended = match failure {
        None => "'succeeded', NULL, clock_timestamp(), 1, '', '00000'".to_owned(),
        Some(Failure { code, message }) => {
            format!("'failed', NULL, clock_timestamp(), 0, {}, {}", quote(message), quote(code))
        }
    };
    let mut sql = vec![format!(
        "INSERT INTO crdb_simulated.jobs ({columns}) VALUES ('{kind}', {description}, {ended})"
    )];
    if failure.is_none() && leaves_data(statement) {
        sql.push(format!(
            "INSERT INTO crdb_simulated.jobs ({columns}) VALUES ('SCHEMA CHANGE GC', 'GC for ' || {description}, 'running', 'waiting for MVCC GC', NULL, 0, '', '00000')"
        ));
    }
    sql
}

/// These are done when they return.
fn is_without(statement: &Statement) -> bool {
    statement.begins(&["DISCARD"])
        || statement.begins(&["ANALYZE"])
        || ["ROLE", "USER", "DATABASE"].iter().any(|what| statement.words.get(1).is_some_and(|w| w == what))
}

/// Old and new way of changing the schema; which is which does not matter, but both have to be known.
fn kind(statement: &Statement) -> &'static str {
    let new = ["ALTER", "DROP"].iter().any(|word| statement.begins(&[word]))
        || statement.words.iter().take(3).any(|word| word == "INDEX");
    if new { "NEW SCHEMA CHANGE" } else { "SCHEMA CHANGE" }
}

/// Rows of what was removed go later, by a job that runs for hours.
fn leaves_data(statement: &Statement) -> bool {
    let of = |word: &str| ["TABLE", "INDEX", "SCHEMA", "MATERIALIZED", "SEQUENCE"].contains(&word);
    statement.begins(&["TRUNCATE"])
        || (statement.begins(&["DROP"]) && statement.words.get(1).is_some_and(|word| of(word)))
        || (statement.begins(&["ALTER", "TABLE"]) && statement.words.iter().any(|word| word == "DROP"))
}

/// How long a job takes.
#[derive(Clone, Copy, Debug)]
pub enum Slow {
    For(Duration),
    UntilReleased,
}

/// Whether those that wait may go on, and which have ended.
#[derive(Default)]
pub struct Gate {
    state: Mutex<Open>,
    changed: Condvar,
}

#[derive(Default)]
struct Open {
    is_released: bool,
    is_closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, Open> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn release(&self, is_released: bool) {
        self.state().is_released = is_released;
        self.changed.notify_all();
    }

    /// Those that still wait are never carried out.
    pub fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits as long as a job takes; whether it is to be carried out.
    fn passes(&self, slow: Slow) -> bool {
        let began = Instant::now();
        let mut state = self.state();
        loop {
            let is_over = match slow {
                Slow::For(time) => began.elapsed() >= time,
                Slow::UntilReleased => state.is_released,
            };
            if is_over || state.is_closed {
                return !state.is_closed;
            }
            let tick = Duration::from_millis(10);
            state = self.changed.wait_timeout(state, tick).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = BigInt)]
    job_id: i64,
}

/// Begins a job, as it would be in a session that has these settings: it is to be seen when this returns.
/// It goes on whatever becomes of the session.
pub fn begin(
    url: &str,
    statement: &Statement,
    translated: String,
    settings: &str,
    slow: Slow,
    gate: Arc<Gate>,
) -> QueryResult<i64> {
    let mut conn = connect(url)?;
    conn.batch_execute(settings)?;
    let begun: Begun = diesel::sql_query(format!(
        "INSERT INTO crdb_simulated.jobs (job_type, description, status, running_status) VALUES ('{}', {}, 'running', 'populating schema') RETURNING job_id",
        kind(statement),
        quote(&statement.text),
    ))
    .get_result(&mut conn)?;
    let sql = carried_out(statement, &translated, begun.job_id);
    std::thread::spawn(move || {
        let sql = if gate.passes(slow) { sql } else { cancelled(begun.job_id) };
        // Whoever waits for it waits as long as its row says so.
        let _ = conn.batch_execute(&sql);
    });
    Ok(begun.job_id)
}

const ENDS: &str = "finished = clock_timestamp(), modified = clock_timestamp(), running_status = NULL";

fn cancelled(id: i64) -> String {
    format!(
        "UPDATE crdb_simulated.jobs SET status = 'canceled', error = 'job canceled', code = '57014', {ENDS} WHERE job_id = {id}"
    )
}

/// The statement and what is said of it, at once.
fn carried_out(statement: &Statement, translated: &str, id: i64) -> String {
    // What is left of it besides its own job.
    let more: String = entered(statement, None).iter().skip(1).map(|sql| format!("{sql};")).collect();
    let block = format!(
        "BEGIN EXECUTE {};
         UPDATE crdb_simulated.jobs SET status = 'succeeded', fraction_completed = 1, {ENDS} WHERE job_id = {id}; {more}
         EXCEPTION WHEN OTHERS THEN
         UPDATE crdb_simulated.jobs SET status = 'failed', error = SQLERRM, code = SQLSTATE, {ENDS} WHERE job_id = {id};
         END",
        quote(translated),
    );
    format!("DO {}", quote(&block))
}

/// Waits until a job has ended. It begins with the statement that is waited for, for whoever looks.
pub fn wait(id: i64, statement: &Statement) -> String {
    let text = statement.text.replace("/*", "/ *").replace("*/", "* /");
    let block = format!(
        "BEGIN WHILE EXISTS (SELECT 1 FROM crdb_simulated.jobs WHERE job_id = {id} AND finished IS NULL)
         LOOP PERFORM pg_sleep(0.01); END LOOP; END"
    );
    format!("/* {text} */ DO {}", quote(&block))
}

/// Asks how it has ended: a code, and a message.
pub fn ended(id: i64) -> String {
    format!("SELECT code, error FROM crdb_simulated.jobs WHERE job_id = {id}")
}
