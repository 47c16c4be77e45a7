//! Where libpq goes with a URL, and whether encrypted: what the URL says, and what the environment adds.
//! <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>

use std::net::IpAddr;

/// What a URL says of the server; `None` where it says nothing, and the environment may.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Server {
    hosts: Option<String>,
    addresses: Option<String>,
    service: Option<String>,
    pub sslmode: Option<String>,
    pub has_query: bool,
}

impl Server {
    /// Takes apart what stands behind `postgres:`, in libpq's order: the user's part ends at the first `@`
    /// before a `/`, and the last of several parameters counts.
    ///
    /// What libpq would not understand is an error here, because libpq repeats it in its own, and it may
    /// be a part of the password.
    pub fn parse(rest: &str) -> Result<Self, &'static str> {
        let rest = rest.strip_prefix("//").ok_or("`//` is missing behind its scheme")?;
        if rest.split('%').skip(1).any(|token| !is_encoded(token)) {
            return Err("a `%` is not followed by two hexadecimal digits");
        }
        let first = rest.split('/').next().unwrap_or_default();
        let behind = first.split_once('@').map_or(rest, |(user, _)| &rest[user.len() + 1..]);
        if behind.contains('@') {
            return Err("there is an `@` behind its host");
        }
        let (hosts, name) = behind.split_at(behind.find(['/', '?']).unwrap_or(behind.len()));
        if !hosts.split(',').all(has_port) {
            return Err("a port is not a number");
        }
        let query = name.split_once('?').map(|(_, query)| query);
        let hosts = hosts.split(',').map(name_of).collect::<Vec<_>>().join(",");
        let mut server = Self {
            hosts: Some(hosts).filter(|hosts| !hosts.is_empty()),
            has_query: query.is_some(),
            ..Self::default()
        };
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or("a parameter has no `=`")?;
            let value = Some(decoded(value));
            match decoded(key).as_str() {
                "host" => server.hosts = value,
                "hostaddr" => server.addresses = value,
                "service" => server.service = value,
                "sslmode" => server.sslmode = value,
                // As JDBC has it; libpq takes it too.
                "ssl" if value.as_deref() == Some("true") => server.sslmode = Some("require".to_owned()),
                _ => {}
            }
        }
        Ok(server)
    }

    /// The service whose file decides on what the URL leaves open, before the environment does. The file
    /// is not read: libpq looks for it in places that were compiled into it.
    pub fn service(&self, env: impl Fn(&str) -> Option<String>) -> Option<String> {
        self.service.clone().or_else(|| env("PGSERVICE"))
    }

    /// Whether every host is a socket or a loopback address.
    pub fn is_local(&self, env: impl Fn(&str) -> Option<String>) -> bool {
        let is_open = self.hosts.is_none() || self.addresses.is_none();
        if is_open && self.service(&env).is_some() {
            return false;
        }
        let all_local = |said: &Option<String>, variable: &str| {
            let said = said.clone().or_else(|| env(variable)).unwrap_or_default();
            said.split(',').all(is_local)
        };
        all_local(&self.hosts, "PGHOST") && all_local(&self.addresses, "PGHOSTADDR")
    }
}

/// A URL without its password, which libpq takes from the environment as well, and the password.
pub fn without_password(url: &str) -> (String, Option<String>) {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut password = None;
    let host = match host.split_once('@') {
        Some((user, host)) => {
            let (user, said) = user.split_once(':').unwrap_or((user, ""));
            password = Some(decoded(said)).filter(|said| !said.is_empty());
            format!("{user}@{host}")
        }
        None => host.to_owned(),
    };
    let mut others = Vec::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((key, value)) if decoded(key) == "password" => password = Some(decoded(value)),
            _ => others.push(pair),
        }
    }
    let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    (format!("{scheme}://{host}{path}{query}"), password)
}

fn is_encoded(token: &str) -> bool {
    token.len() >= 2 && token.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
}

/// `host:port`, `[::1]:port`.
fn has_port(host: &str) -> bool {
    let behind = host.rfind(']').map_or(host, |end| &host[end..]);
    behind.split_once(':').is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn name_of(host: &str) -> String {
    let name = match host.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => host.split(':').next(),
    };
    decoded(name.unwrap_or_default())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend(before.bytes());
        let (code, after) = behind.split_at_checked(2).unwrap_or((behind, ""));
        bytes.extend(u8::from_str_radix(code, 16));
        rest = after;
    }
    bytes.extend(rest.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_local(host: &str) -> bool {
    host.is_empty()
        || host.eq_ignore_ascii_case("localhost")
        || host.starts_with(['/', '@'])
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
