//! The two ends of a connection: the client, and its session on the server.

use std::io::{BufReader, Result, Write};

use super::frame::Frame;
use crate::support::proxy::{Server, Stream};

/// What `own` gets: the rows, or the error.
pub type Rows = std::result::Result<Vec<Vec<Option<String>>>, Frame>;

pub struct Client {
    stream: Stream,
    reader: BufReader<Stream>,
    /// The answer, as far as it goes.
    pub answer: Vec<u8>,
}

impl Client {
    pub fn new(stream: Stream) -> Result<Self> {
        Ok(Self { reader: BufReader::new(stream.try_clone()?), stream, answer: Vec::new() })
    }

    /// The first message of it.
    pub fn first(&mut self) -> Result<Frame> {
        loop {
            let first = Frame::first(&mut self.reader)?;
            if !first.asks_for_encryption() {
                return Ok(first);
            }
            // There is none here; it goes on without, or gives up.
            self.stream.write_all(b"N")?;
        }
    }

    pub fn read(&mut self) -> Result<Frame> {
        Frame::read(&mut self.reader)
    }

    pub fn says(&mut self, frame: &Frame) {
        self.answer.extend(frame.bytes());
    }

    /// What was said so far goes on its way.
    pub fn flush(&mut self) -> Result<()> {
        self.stream.write_all(&std::mem::take(&mut self.answer))
    }

    pub fn close(&self) {
        self.stream.close();
    }
}

pub struct Backend {
    stream: Stream,
    reader: BufReader<Stream>,
    /// The last that the server said: `I`dle, in a `T`ransaction, or in one that has failed (`E`).
    pub status: u8,
    names: usize,
}

impl Backend {
    pub fn new(server: &Server) -> Result<Self> {
        let stream = Stream::to(server)?;
        Ok(Self { reader: BufReader::new(stream.try_clone()?), stream, status: b'I', names: 0 })
    }

    /// Logs in with what the client says.
    pub fn start(&mut self, first: &Frame, client: &mut Client) -> Result<()> {
        self.write(std::slice::from_ref(first))?;
        loop {
            let frame = Frame::read(&mut self.reader)?;
            client.says(&frame);
            if frame.asks_for_password() {
                client.flush()?;
                let password = client.read()?;
                self.write(&[password])?;
            }
            if matches!(frame.kind, b'Z' | b'E') {
                return client.flush();
            }
        }
    }

    pub fn write(&mut self, frames: &[Frame]) -> Result<()> {
        self.stream.write_all(&frames.iter().flat_map(Frame::bytes).collect::<Vec<u8>>())
    }

    pub fn close(&self) {
        self.stream.close();
    }

    /// A name that no prepared statement of the client's has.
    pub fn name(&mut self) -> String {
        self.names += 1;
        format!("simulated_{}", self.names)
    }

    /// A statement of the proxy's own, of which the client sees nothing. A simple query would end the
    /// client's unnamed statement.
    pub fn own(&mut self, sql: &str) -> Result<Rows> {
        let name = self.name();
        self.write(&[
            Frame::parse(&name, sql),
            Frame::bind("", &name),
            Frame::execute(""),
            Frame::close_statement(&name),
            Frame::sync(),
        ])?;
        let mut rows = Ok(Vec::new());
        loop {
            let frame = Frame::read(&mut self.reader)?;
            match (frame.kind, &mut rows) {
                (b'D', Ok(rows)) => rows.push(frame.row()),
                (b'E', _) => rows = Err(frame.in_other_words()),
                (b'Z', _) => {
                    self.status = frame.body[0];
                    return Ok(rows);
                }
                _ => {}
            }
        }
    }

    /// Sends what is the client's, and passes on the whole answer, but for its end: the error in it.
    pub fn send(&mut self, frames: &[Frame], client: &mut Client) -> Result<Option<Frame>> {
        self.write(frames)?;
        let mut error = None;
        loop {
            let mut frame = Frame::read(&mut self.reader)?;
            if frame.kind == b'Z' {
                self.status = frame.body[0];
                return Ok(error);
            }
            if frame.kind == b'E' {
                frame = frame.in_other_words();
                error = Some(frame.clone());
            }
            client.says(&frame);
            if frame.kind == b'G' {
                client.flush()?;
                self.copy(client, frames.len() > 1)?;
            }
        }
    }

    /// The client sends rows.
    fn copy(&mut self, client: &mut Client, is_extended: bool) -> Result<()> {
        loop {
            let frame = client.read()?;
            let is_end = if is_extended { frame.kind == b'S' } else { matches!(frame.kind, b'c' | b'f') };
            self.write(&[frame])?;
            if is_end {
                return Ok(());
            }
        }
    }
}
