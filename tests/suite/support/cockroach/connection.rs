//! One connection through the proxy: what the client sends until it waits for an answer is looked at,
//! carried out on the server in whatever words it takes, and answered as a whole.

use std::collections::HashMap;
use std::io::{BufReader, Error, Result, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Shared;
use super::frame::{Failure, Frame};
use super::jobs::{self, Slow};
use super::session::{Main, Plan, Session};
use super::statement::{Statement, split};
use super::translate::{KEPT_AS, translate};
use crate::support::proxy::Stream;

/// A client and its session on the server.
pub struct Connection {
    shared: Arc<Shared>,
    number: usize,
    client: Stream,
    from_client: BufReader<Stream>,
    server: Stream,
    from_server: BufReader<Stream>,
    session: Session,
    /// What prepared statements say, by their names.
    prepared: HashMap<String, Statement>,
    /// The answer, as far as it goes.
    answer: Vec<u8>,
    is_cancelled: Arc<AtomicBool>,
    own: usize,
}

/// What a client sends and waits for.
enum Request {
    Simple,
    /// With the `Sync` that ends it.
    Extended(Vec<Frame>),
}

/// Serves a client until either side is gone.
pub fn serve(client: Stream, shared: &Arc<Shared>) -> Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let mut to_client = client.try_clone()?;
    let first = loop {
        let first = Frame::first(&mut from_client)?;
        if !first.asks_for_encryption() {
            break first;
        }
        // There is none here; the client goes on without, or gives up.
        to_client.write_all(b"N")?;
    };
    let mut server = Stream::to(&shared.server)?;
    if let Some(key) = first.cancels() {
        shared.cancel(key);
        return server.write_all(&first.bytes());
    }
    let from_server = BufReader::new(server.try_clone()?);
    let mut connection = Connection {
        shared: shared.clone(),
        number: shared.connects(),
        client,
        from_client,
        server,
        from_server,
        session: Session::new(),
        prepared: HashMap::new(),
        answer: Vec::new(),
        is_cancelled: Arc::default(),
        own: 0,
    };
    let served = connection.start(&first).and_then(|()| connection.requests());
    connection.client.close();
    connection.server.close();
    served
}

/// The startup packet with the setting that PostgreSQL does not know, where the client has not said it.
fn with_setting(first: &Frame) -> Frame {
    let mut body = first.body[..4].to_vec();
    let texts: Vec<String> = Frame { kind: 0, body: first.body[4..].to_vec() }.texts().collect();
    let mut is_said = false;
    for pair in texts.chunks_exact(2).take_while(|pair| !pair[0].is_empty()) {
        let value = pair[1].replace("autocommit_before_ddl", KEPT_AS);
        is_said |= value != pair[1];
        for text in [&pair[0], &value] {
            body.extend(text.bytes().chain([0]));
        }
    }
    if !is_said {
        body.extend(format!("{KEPT_AS}\0on\0").bytes());
    }
    body.push(0);
    Frame { kind: 0, body }
}

impl Connection {
    fn start(&mut self, first: &Frame) -> Result<()> {
        self.server.write_all(&with_setting(first).bytes())?;
        loop {
            let frame = Frame::read(&mut self.from_server)?;
            self.client.write_all(&frame.bytes())?;
            if let Some(key) = frame.key() {
                self.shared.state().sessions.insert(key, self.is_cancelled.clone());
            }
            if frame.asks_for_password() {
                let password = Frame::read(&mut self.from_client)?;
                self.server.write_all(&password.bytes())?;
            }
            if frame.kind == b'Z' {
                return Ok(());
            }
        }
    }

    fn requests(&mut self) -> Result<()> {
        let mut frames = Vec::new();
        loop {
            let frame = Frame::read(&mut self.from_client)?;
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
                b'X' => return self.server.write_all(&frame.bytes()),
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
        self.answer.clear();
        let carried_out = carry_out(self);
        if kill == Some(true) {
            self.shared.kill();
            return Err(Error::other("killed after"));
        }
        if self.shared.loses(self.number) {
            return Err(Error::other("the answer is lost"));
        }
        if carried_out.is_ok() {
            self.answer.extend(Frame::ready(self.session.status).bytes());
            self.session.is_ready();
        }
        // Also what the server said last.
        self.client.write_all(&self.answer)?;
        carried_out
    }

    /// The text of a simple query.
    fn simple(&mut self, sql: &str) -> Result<()> {
        let mut statements = split(sql);
        self.shared.saw(self.number, sql, &statements);
        self.learn()?;
        match statements.len() {
            0 => self.send(&[Frame::query(sql)]).map(drop),
            1 => self.single(&statements.remove(0), Request::Simple).map(drop),
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
                Main::Fails(failure) if self.session.status == b'E' && text.is_empty() => {
                    return self.says(&Frame::error(&failure));
                }
                Main::Fails(failure) => {
                    text.push(failure.raised());
                    break;
                }
                Main::Job(sql, slow) => {
                    if !text.is_empty() && self.flush(&mut text)?.is_some() {
                        return Ok(());
                    }
                    match self.job(statement, sql, slow)? {
                        Ok(()) => self.says(&Frame::complete("JOB"))?,
                        Err(failure) => return self.says(&Frame::error(&failure)),
                    }
                }
            }
            text.extend(after);
            if let Some(failure) = denied {
                let start = self.answer.len();
                if self.flush(&mut text)?.is_none() {
                    self.answer.truncate(start);
                    self.says(&Frame::error(&failure))?;
                }
                return Ok(());
            }
        }
        if text.is_empty() { Ok(()) } else { self.flush(&mut text).map(drop) }
    }

    fn flush(&mut self, text: &mut Vec<String>) -> Result<Option<Frame>> {
        // A comment may end a statement.
        let sql = std::mem::take(text).join("\n;");
        self.send(&[Frame::query(&sql)])
    }

    /// What is sent up to a `Sync`; looked at where one statement is carried out, which is what libpq does.
    fn extended(&mut self, frames: Vec<Frame>) -> Result<()> {
        let mut translated = Vec::with_capacity(frames.len());
        for frame in &frames {
            if frame.kind != b'P' {
                translated.push(frame.clone());
                continue;
            }
            let mut texts = frame.texts();
            let (name, sql) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
            self.shared.saw(self.number, &sql, &[]);
            // What is missing is said where it is carried out.
            let text = Statement::of(&sql).map(|statement| {
                let text = translate(&statement).unwrap_or_else(|failure| failure.raised());
                self.prepared.insert(name, statement);
                text
            });
            translated.push(text.map_or_else(|| frame.clone(), |text| frame.with_text(&text)));
        }
        let is_one = |kind| frames.iter().filter(|frame| frame.kind == kind).count() == 1;
        let bound = frames.iter().find(|frame| frame.kind == b'B').and_then(|bind| bind.texts().nth(1));
        let statement = bound.and_then(|name| self.prepared.get(&name).cloned());
        match statement {
            Some(statement) if is_one(b'B') && is_one(b'E') => {
                self.shared.saw(self.number, "", std::slice::from_ref(&statement));
                self.learn()?;
                self.single(&statement, Request::Extended(translated)).map(drop)
            }
            _ => self.send(&translated).map(drop),
        }
    }

    /// One statement alone.
    fn single(&mut self, statement: &Statement, request: Request) -> Result<Option<Frame>> {
        let Plan { before, main, after, denied } = self.session.plan(statement, &self.shared);
        let (is_failed, name) = (self.session.status == b'E', self.name());
        for sql in before {
            if let Err(error) = self.own(&sql)? {
                self.says(&error)?;
                return Ok(Some(error));
            }
        }
        let error = match main {
            Main::Same(sql) => self.send(&request.same(&sql))?,
            Main::Fails(failure) if is_failed => Some(self.answers(&request, Err(failure))?),
            Main::Other(sql) => self.send(&request.other(&sql, &name))?,
            Main::Fails(failure) => self.send(&request.other(&failure.raised(), &name))?,
            Main::Job(sql, slow) => {
                let ended = self.job(statement, sql, slow)?;
                let is_failed = ended.is_err();
                let last = self.answers(&request, ended)?;
                is_failed.then_some(last)
            }
        };
        if error.is_some() {
            return Ok(error);
        }
        for sql in after {
            if let Err(error) = self.own(&sql)? {
                self.says(&error)?;
                return Ok(Some(error));
            }
        }
        if let Some(failure) = denied {
            self.answer.clear();
            return self.answers(&request, Err(failure)).map(Some);
        }
        Ok(None)
    }

    /// What the server would say, where it was not asked: the last of it.
    fn answers(&mut self, request: &Request, ended: std::result::Result<(), Failure>) -> Result<Frame> {
        if let Request::Extended(frames) = request {
            for frame in frames {
                match frame.kind {
                    b'P' => self.says(&Frame::empty(b'1'))?,
                    b'B' => self.says(&Frame::empty(b'2'))?,
                    b'D' => self.says(&Frame::empty(b'n'))?,
                    _ => {}
                }
            }
        }
        let last = ended.map_or_else(|failure| Frame::error(&failure), |()| Frame::complete("JOB"));
        self.says(&last)?;
        Ok(last)
    }

    fn says(&mut self, frame: &Frame) -> Result<()> {
        self.answer.write_all(&frame.bytes())
    }

    /// Begins a job, and waits for it as a client does.
    fn job(
        &mut self,
        statement: &Statement,
        translated: String,
        slow: Slow,
    ) -> Result<std::result::Result<(), Failure>> {
        let asked = "SELECT current_setting('search_path'), quote_ident(current_user), \
                     (SELECT setting FROM pg_settings WHERE name = 'statement_timeout')";
        let rows = self.own(asked)?.map_err(|error| Error::other(error.failure().message))?;
        let row: Vec<String> = rows.into_iter().flatten().flatten().collect();
        let [path, user, timeout] = &row[..] else { return Err(Error::other("three settings")) };
        let settings = format!("SET search_path TO {path}; SET ROLE {user}");
        let limit = timeout.parse().ok().filter(|millis| *millis > 0).map(Duration::from_millis);
        let began = Instant::now();
        let gate = self.shared.gate.clone();
        let job = jobs::begin(&self.shared.direct, statement, translated, &settings, slow, gate)
            .map_err(Error::other)?;
        self.is_cancelled.store(false, Ordering::SeqCst);
        loop {
            if let Some(ended) = job.within(Duration::from_millis(10)) {
                return Ok(ended);
            }
            // The job goes on all the same.
            if self.is_cancelled.load(Ordering::SeqCst) {
                return Ok(Err(Failure::new("57014", "query execution canceled")));
            }
            if limit.is_some_and(|limit| began.elapsed() > limit) {
                let message = "query execution canceled due to statement timeout";
                return Ok(Err(Failure::new("57014", message)));
            }
            if self.shared.closed.load(Ordering::SeqCst) {
                return Err(Error::other("the test has ended"));
            }
        }
    }

    /// What the setting is, where a transaction has not changed it.
    fn learn(&mut self) -> Result<()> {
        if self.session.status == b'I' {
            let rows = self.own(&format!("SHOW {KEPT_AS}"))?.unwrap_or_default();
            self.session.autocommit = rows.iter().flatten().flatten().any(|value| value == "on");
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        self.own += 1;
        format!("simulated_{}", self.own)
    }

    /// A statement of the proxy's own, of which the client sees nothing: its rows, or the error. A simple
    /// query would end the client's unnamed statement.
    fn own(&mut self, sql: &str) -> Result<std::result::Result<Vec<Vec<Option<String>>>, Frame>> {
        let name = self.name();
        let frames = [
            Frame::parse(&name, sql),
            Frame::bind("", &name),
            Frame::execute(""),
            Frame::close_statement(&name),
            Frame::sync(),
        ];
        self.server.write_all(&frames.iter().flat_map(Frame::bytes).collect::<Vec<u8>>())?;
        let mut rows = Vec::new();
        let mut error = None;
        loop {
            let frame = Frame::read(&mut self.from_server)?;
            match frame.kind {
                b'D' => rows.push(frame.row()),
                b'E' => error = Some(frame),
                b'Z' => break self.session.status = frame.body[0],
                _ => {}
            }
        }
        Ok(error.map_or(Ok(rows), Err))
    }

    /// Sends it, and takes the whole answer, but for its end: the error in it.
    fn send(&mut self, frames: &[Frame]) -> Result<Option<Frame>> {
        self.server.write_all(&frames.iter().flat_map(Frame::bytes).collect::<Vec<u8>>())?;
        let mut error = None;
        loop {
            let mut frame = Frame::read(&mut self.from_server)?;
            match frame.kind {
                b'Z' => {
                    self.session.status = frame.body[0];
                    return Ok(error);
                }
                // CockroachDB never says where.
                b'E' => {
                    frame = frame.without_position();
                    error = Some(frame.clone());
                }
                _ => {}
            }
            self.says(&frame)?;
            if frame.kind == b'G' {
                self.copy(frames.len() > 1)?;
            }
        }
    }

    /// The client sends rows.
    fn copy(&mut self, is_extended: bool) -> Result<()> {
        self.client.write_all(&self.answer)?;
        self.answer.clear();
        loop {
            let frame = Frame::read(&mut self.from_client)?;
            self.server.write_all(&frame.bytes())?;
            let is_end = if is_extended { frame.kind == b'S' } else { matches!(frame.kind, b'c' | b'f') };
            if is_end {
                return Ok(());
            }
        }
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
