//! One connection through the proxy: what the client sends until it waits for an answer is looked at,
//! carried out on the server in whatever words it takes, and answered as a whole.

use std::collections::HashMap;
use std::io::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Shared;
use super::backend::{Backend, Client};
use super::frame::{Failure, Frame};
use super::jobs::{self, Slow};
use super::session::{Main, Plan, Session};
use super::statement::{Statement, split};
use super::translate::{KEPT_AS, translate};
use crate::support::proxy::Stream;

struct Connection {
    shared: Arc<Shared>,
    /// The way to its database around the proxy.
    direct: String,
    number: usize,
    client: Client,
    backend: Backend,
    session: Session,
    /// What prepared statements say, by their names.
    prepared: HashMap<String, Statement>,
}

/// What a client sends and waits for.
enum Request {
    Simple,
    /// With the `Sync` that ends it.
    Extended(Vec<Frame>),
}

/// Serves a client until either side is gone.
pub fn serve(client: Stream, shared: &Arc<Shared>) -> Result<()> {
    let mut client = Client::new(client)?;
    let first = client.first()?;
    let mut backend = Backend::new(&shared.server)?;
    if first.is_cancel() {
        return backend.write(&[first]);
    }
    let first = with_settings(&first, shared.is_serializable.load(Ordering::SeqCst));
    backend.start(&first, &mut client)?;
    let direct = shared.direct_to(&first.setting("database").unwrap_or_default());
    if backend.own("SELECT to_regclass('crdb_simulated.jobs')::text")? == Ok(vec![vec![None]]) {
        jobs::prepare(&direct).map_err(Error::other)?;
    }
    let (shared, session, prepared) = (shared.clone(), Session::default(), HashMap::new());
    let number = shared.connects();
    let mut connection = Connection { shared, direct, number, client, backend, session, prepared };
    let served = connection.requests();
    connection.client.close();
    connection.backend.close();
    served
}

/// The startup packet with the setting that PostgreSQL does not know, where the client has not said it.
fn with_settings(first: &Frame, is_serializable: bool) -> Frame {
    let mut settings = first.settings();
    let mut is_said = false;
    for (_, value) in &mut settings {
        let known = value.replace("autocommit_before_ddl", KEPT_AS);
        is_said |= known != *value;
        *value = known;
    }
    if !is_said {
        settings.push((KEPT_AS.to_owned(), "on".to_owned()));
    }
    if is_serializable {
        settings.push(("default_transaction_isolation".to_owned(), "serializable".to_owned()));
    }
    first.with_settings(&settings)
}

impl Connection {
    fn requests(&mut self) -> Result<()> {
        let mut frames = Vec::new();
        loop {
            let frame = self.client.read()?;
            match frame.kind {
                b'Q' => {
                    let sql = frame.texts().next().unwrap_or_default();
                    self.round_trip(|connection| connection.simple(&sql))?;
                }
                b'S' => {
                    frames.push(frame);
                    let frames = std::mem::take(&mut frames);
                    self.round_trip(|connection| connection.extended(frames))?;
                }
                b'X' => return self.backend.write(&[frame]),
                _ => frames.push(frame),
            }
        }
    }

    fn round_trip(&mut self, carry_out: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let kill = self.shared.round_trip();
        if kill == Some(false) {
            self.shared.kill();
            return Err(Error::other("killed before"));
        }
        let carried_out = self.learn().and_then(|()| carry_out(self));
        if kill == Some(true) {
            self.shared.kill();
            return Err(Error::other("killed after"));
        }
        if self.shared.loses(self.number) {
            return Err(Error::other("the answer is lost"));
        }
        if carried_out.is_ok() {
            self.client.says(&Frame::ready(self.backend.status));
        }
        // Also what the server said before it was gone.
        self.client.flush()?;
        carried_out
    }

    /// What the server knows of the session.
    fn learn(&mut self) -> Result<()> {
        // In a transaction, a setting may end with it.
        let autocommit = if self.backend.status == b'I' {
            let rows = self.backend.own(&format!("SHOW {KEPT_AS}"))?.unwrap_or_default();
            Some(rows.iter().flatten().flatten().any(|value| value == "on"))
        } else {
            None
        };
        self.session.is_at(self.backend.status, autocommit);
        Ok(())
    }

    /// The text of a simple query.
    fn simple(&mut self, sql: &str) -> Result<()> {
        let statements = split(sql);
        self.shared.saw(self.number, sql, &statements);
        match &statements[..] {
            [] => self.backend.send(&[Frame::query(sql)], &mut self.client).map(drop),
            [statement] => self.single(statement, &Request::Simple),
            _ => self.batch(&statements),
        }
    }

    /// Several statements are one text for the server too: they belong together.
    fn batch(&mut self, statements: &[Statement]) -> Result<()> {
        let mut text: Vec<String> = Vec::new();
        for statement in statements {
            let Plan { before, main, after, denied } = self.session.plan(statement, &self.shared);
            text.extend(before);
            match main {
                Main::Same(sql) | Main::Other(sql) => text.push(sql),
                Main::Fails(failure) if self.backend.status == b'E' && text.is_empty() => {
                    self.client.says(&Frame::error(&failure));
                    return Ok(());
                }
                Main::Fails(failure) => {
                    text.push(failure.raised());
                    break;
                }
                Main::Job(sql, slow) => {
                    if self.flush(&mut text)?.is_some() {
                        return Ok(());
                    }
                    let ended = self.job(statement, sql, slow)?;
                    let is_failed = ended.is_err();
                    self.answers(&Request::Simple, ended);
                    if is_failed {
                        return Ok(());
                    }
                }
            }
            text.extend(after);
            if let Some(failure) = denied {
                if self.flush(&mut text)?.is_none() {
                    self.client.answer.clear();
                    self.client.says(&Frame::error(&failure));
                }
                return Ok(());
            }
        }
        self.flush(&mut text).map(drop)
    }

    fn flush(&mut self, text: &mut Vec<String>) -> Result<Option<Frame>> {
        if text.is_empty() {
            return Ok(None);
        }
        // A comment may end a statement.
        let sql = std::mem::take(text).join("\n;");
        self.backend.send(&[Frame::query(&sql)], &mut self.client)
    }

    /// What is sent up to a `Sync`; looked at where one statement is carried out, which is what libpq does.
    fn extended(&mut self, mut frames: Vec<Frame>) -> Result<()> {
        for frame in frames.iter_mut().filter(|frame| frame.kind == b'P') {
            let mut texts = frame.texts();
            let (name, sql) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
            drop(texts);
            self.shared.saw(self.number, &sql, &[]);
            if let Some(statement) = Statement::of(&sql) {
                // What is missing is said where it is carried out.
                let text = translate(&statement).unwrap_or_else(|failure| failure.raised());
                *frame = frame.with_text(&text);
                self.prepared.insert(name, statement);
            }
        }
        let is_one = |kind| frames.iter().filter(|frame| frame.kind == kind).count() == 1;
        let bound = frames.iter().find(|frame| frame.kind == b'B').and_then(|bind| bind.texts().nth(1));
        match bound.and_then(|name| self.prepared.get(&name).cloned()) {
            Some(statement) if is_one(b'B') && is_one(b'E') => {
                self.shared.saw(self.number, "", std::slice::from_ref(&statement));
                self.single(&statement, &Request::Extended(frames))
            }
            _ => self.backend.send(&frames, &mut self.client).map(drop),
        }
    }

    /// One statement alone.
    fn single(&mut self, statement: &Statement, request: &Request) -> Result<()> {
        let Plan { before, main, after, denied } = self.session.plan(statement, &self.shared);
        let is_failed = self.backend.status == b'E';
        if !self.own(before)? {
            return Ok(());
        }
        let name = self.backend.name();
        let error = match main {
            Main::Same(sql) => self.backend.send(&request.same(&sql), &mut self.client)?,
            Main::Fails(failure) if is_failed => {
                self.answers(request, Err(failure));
                return Ok(());
            }
            Main::Other(sql) => self.backend.send(&request.other(&sql, &name), &mut self.client)?,
            Main::Fails(failure) => {
                self.backend.send(&request.other(&failure.raised(), &name), &mut self.client)?
            }
            Main::Job(sql, slow) => {
                let ended = self.job(statement, sql, slow)?;
                self.answers(request, ended);
                return Ok(());
            }
        };
        if error.is_none()
            && self.own(after)?
            && let Some(failure) = denied
        {
            self.client.answer.clear();
            self.answers(request, Err(failure));
        }
        Ok(())
    }

    /// Whether all went well, of which the client sees nothing.
    fn own(&mut self, statements: Vec<String>) -> Result<bool> {
        for sql in statements {
            if let Err(error) = self.backend.own(&sql)? {
                self.client.says(&error);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the server would say, where it was not asked.
    fn answers(&mut self, request: &Request, ended: std::result::Result<(), Failure>) {
        if let Request::Extended(frames) = request {
            for frame in frames {
                let answer = match frame.kind {
                    b'P' => b'1',
                    b'B' => b'2',
                    b'D' => b'n',
                    _ => continue,
                };
                self.client.says(&Frame::empty(answer));
            }
        }
        let last = ended.map_or_else(|failure| Frame::error(&failure), |()| Frame::complete("JOB"));
        self.client.says(&last);
    }

    /// Begins a job, and waits for it as a client does: by a statement, which may be stopped. The job goes
    /// on all the same.
    fn job(
        &mut self,
        statement: &Statement,
        translated: String,
        slow: Slow,
    ) -> Result<std::result::Result<(), Failure>> {
        let said = |error: Frame| Error::other(error.failure().message);
        let rows = self.backend.own("SELECT current_setting('search_path'), quote_ident(current_user)")?;
        let row: Vec<String> = rows.map_err(said)?.into_iter().flatten().flatten().collect();
        let [path, user] = &row[..] else { return Err(Error::other("two settings")) };
        let settings = format!("SET search_path TO {path}; SET ROLE {user}");
        let gate = self.shared.gate.clone();
        let id =
            jobs::begin(&self.direct, statement, translated, &settings, slow, gate).map_err(Error::other)?;
        // What others commit has to be seen.
        self.backend.own("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")?.map_err(said)?;
        let waited = self.backend.own(&jobs::wait(id, statement))?;
        self.backend.own("ROLLBACK")?.map_err(said)?;
        if let Err(error) = waited {
            return Ok(Err(error.failure()));
        }
        let rows = self.backend.own(&jobs::ended(id))?.map_err(said)?;
        let row: Vec<String> = rows.into_iter().flatten().flatten().collect();
        let [code, message] = &row[..] else { return Err(Error::other("a job")) };
        Ok(if code == "00000" { Ok(()) } else { Err(Failure::new(code, message)) })
    }
}

impl Request {
    fn same(&self, sql: &str) -> Vec<Frame> {
        match self {
            Self::Simple => vec![Frame::query(sql)],
            Self::Extended(frames) => frames.clone(),
        }
    }

    /// With another statement in the place of its own.
    fn other(&self, sql: &str, name: &str) -> Vec<Frame> {
        let Self::Extended(frames) = self else { return vec![Frame::query(sql)] };
        let replaced = frames.iter().flat_map(|frame| match frame.kind {
            b'B' => {
                let portal = frame.texts().next().unwrap_or_default();
                vec![Frame::parse(name, sql), Frame::bind(&portal, name)]
            }
            _ => vec![frame.clone()],
        });
        replaced.collect()
    }
}
