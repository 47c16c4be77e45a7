//! A URL made of its parts.

use std::net::Ipv6Addr;

use crate::config::vars::Vars;

/// What is wrong, and what to do.
type Unclear = (String, String);

/// The modes of libpq.
const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// What the variables of the parts say; `None` where one is not set.
pub struct Parts {
    pub url_var: String,
    prefix: String,
    host: Option<String>,
    port: Option<String>,
    user: Option<String>,
    password: Option<String>,
    name: Option<String>,
    sslmode: Option<String>,
}

impl Parts {
    pub fn read(vars: &Vars, url_var: &str, prefix: &str) -> Self {
        let part = |name: &str| vars.get(&format!("{prefix}_{name}"));
        Self {
            url_var: url_var.to_owned(),
            prefix: prefix.to_owned(),
            host: part("HOST"),
            port: part("PORT"),
            user: part("USER"),
            password: part("PASSWORD"),
            name: part("NAME"),
            sslmode: part("SSLMODE"),
        }
    }

    pub fn variable(&self, part: &str) -> String {
        format!("{}_{part}", self.prefix)
    }

    /// The URL; none where no part is set. Whatever the parts have in them, it is one URL: each is
    /// percent-encoded. A part that is missing is not guessed: libpq would take the user's name for that of the
    /// database.
    pub fn url(&self, scheme: &str) -> Result<Option<String>, Unclear> {
        let set = [
            ("HOST", &self.host),
            ("NAME", &self.name),
            ("PORT", &self.port),
            ("USER", &self.user),
            ("PASSWORD", &self.password),
            ("SSLMODE", &self.sslmode),
        ];
        let Some((first, _)) = set.iter().find(|(_, value)| value.is_some()) else {
            return Ok(None);
        };
        let (Some(host), Some(name)) = (&self.host, &self.name) else {
            let missing = if self.host.is_none() { "HOST" } else { "NAME" };
            return Err((
                format!("{} is set, and {} is not", self.variable(first), self.variable(missing)),
                format!(
                    "set `{}` and `{}`, or `{}`",
                    self.variable("HOST"),
                    self.variable("NAME"),
                    self.url_var
                ),
            ));
        };
        let login = match (&self.user, &self.password) {
            (None, None) => String::new(),
            (Some(user), None) => format!("{}@", encoded(user)),
            (Some(user), Some(password)) => format!("{}:{}@", encoded(user), encoded(password)),
            (None, Some(_)) => {
                return Err((
                    format!("{} is set, and {} is not", self.variable("PASSWORD"), self.variable("USER")),
                    format!("set `{}` as well", self.variable("USER")),
                ));
            }
        };
        let mode = self.mode(scheme)?;
        Ok(Some(format!("{scheme}://{login}{}/{}{mode}", self.hosts(host)?, encoded(name))))
    }

    /// One or several hosts with a port for each, or one for all.
    fn hosts(&self, hosts: &str) -> Result<String, Unclear> {
        let ports: Vec<&str> = match &self.port {
            Some(ports) => ports.split(',').map(str::trim).collect(),
            None => Vec::new(),
        };
        let is_port = |port: &&&str| port.parse::<u16>().is_ok_and(|port| port > 0);
        if let Some(wrong) = ports.iter().find(|port| !is_port(port)) {
            return Err((
                format!("{}={wrong} is not a port", self.variable("PORT")),
                "write a number from 1 to 65535".to_owned(),
            ));
        }
        let hosts: Vec<&str> = hosts.split(',').map(str::trim).collect();
        if ports.len() > 1 && ports.len() != hosts.len() {
            return Err((
                format!(
                    "{} has {} hosts, and {} has {} ports",
                    self.variable("HOST"),
                    hosts.len(),
                    self.variable("PORT"),
                    ports.len()
                ),
                "write one port for all, or one for each".to_owned(),
            ));
        }
        let each = hosts.iter().enumerate().map(|(index, host)| {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let host = if bare.parse::<Ipv6Addr>().is_ok() {
                format!("[{bare}]")
            } else if host.contains(':') || host.contains("@") && !host.starts_with('@') || host.is_empty() {
                return Err((
                    format!("{} is not the name of a host", self.variable("HOST")),
                    format!(
                        "write a name or an address alone: the port goes into `{}`, and a URL into `{}`",
                        self.variable("PORT"),
                        self.url_var
                    ),
                ));
            } else {
                encoded(host)
            };
            Ok(match ports.get(index).or(ports.first()) {
                Some(port) => format!("{host}:{port}"),
                None => host,
            })
        });
        Ok(each.collect::<Result<Vec<_>, _>>()?.join(","))
    }

    /// The parameter that says whether the connection is encrypted.
    fn mode(&self, scheme: &str) -> Result<String, Unclear> {
        let Some(mode) = &self.sslmode else {
            return Ok(String::new());
        };
        let known = MODES.contains(&mode.as_str());
        // In CQL a connection is encrypted or not, and then the server's certificate is always looked at.
        match (scheme, mode.as_str()) {
            ("scylla", "disable") => Ok("?tls=false".to_owned()),
            ("scylla", "require" | "verify-ca" | "verify-full") => Ok("?tls=true".to_owned()),
            ("scylla", _) => Err((
                format!("{}={mode} makes no sense here", self.variable("SSLMODE")),
                "write `disable`, or `verify-full`".to_owned(),
            )),
            _ if known => Ok(format!("?sslmode={mode}")),
            _ => Err((
                format!("{}={mode} makes no sense", self.variable("SSLMODE")),
                format!("write one of `{}`", MODES.join("`, `")),
            )),
        }
    }
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn encoded(text: &str) -> String {
    let mut url = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}
