//! One database and one `diesel.toml`.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Both print the same.
    Text,
    /// Neither prints anything.
    Refused,
}

#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub name: &'static str,
    pub sql: &'static str,
    pub toml: &'static str,
    /// `schema.patch`, where there is one.
    pub patch: &'static str,
    pub rustfmt: &'static str,
    pub expected: Expected,
}

impl Case {
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, toml: "", patch: "", rustfmt: "", expected: Expected::Text }
    }

    pub const fn toml(mut self, toml: &'static str) -> Self {
        self.toml = toml;
        self
    }

    pub const fn patch(mut self, patch: &'static str) -> Self {
        self.patch = patch;
        self
    }

    pub const fn rustfmt(mut self, rustfmt: &'static str) -> Self {
        self.rustfmt = rustfmt;
        self
    }

    pub const fn refused(mut self) -> Self {
        self.expected = Expected::Refused;
        self
    }
}
