//! A URL's text, taken apart. Nothing that could be a part of a password is repeated.

use ::scylla::statement::Consistency;

use super::{Replication, ScyllaUrl};
use crate::store::url::{SCYLLA, shown};

/// Why not, and what to write instead.
type Refused = (String, String);

const FORM: &str = "write `scylla://user:password@host1:9042,host2/keyspace`; in a password `%40` stands for `@`, \
                    `%2F` for `/` and `%25` for `%`";

pub const NO_PORT: &str = "a port is not a number";

const PARAMETERS: [&str; 7] =
    ["datacenter", "consistency", "serial_consistency", "tls", "tls_ca", "agreement_timeout", "replication"];

const CONSISTENCIES: [(&str, Consistency); 8] = [
    ("one", Consistency::One),
    ("two", Consistency::Two),
    ("three", Consistency::Three),
    ("quorum", Consistency::Quorum),
    ("all", Consistency::All),
    ("local_quorum", Consistency::LocalQuorum),
    ("each_quorum", Consistency::EachQuorum),
    ("local_one", Consistency::LocalOne),
];

pub fn parse(url: &str) -> Result<ScyllaUrl, Refused> {
    let refused = |why: &str| (why.to_owned(), FORM.to_owned());
    let (scheme, rest) = url.split_once(':').ok_or_else(|| refused("it has no scheme"))?;
    if !SCYLLA.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(refused("its scheme is neither `scylla` nor `cassandra`"));
    }
    let rest = rest.strip_prefix("//").ok_or_else(|| refused("`//` is missing behind its scheme"))?;
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
    // A password with a `/` in it would otherwise be taken for a keyspace.
    if behind.contains('@') || authority.matches('@').count() > 1 {
        return Err(refused("there is an `@` behind its hosts, or more than one"));
    }
    if behind.contains('#') {
        return Err(refused("there is a `#` in it"));
    }
    let (login, hosts) = match authority.split_once('@') {
        Some((login, hosts)) => (Some(login), hosts),
        None => (None, authority),
    };
    let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
        Some((user, password)) => {
            if user.is_empty() {
                return Err(refused("there is no user before its `@`"));
            }
            (Some(decoded(user)?), decoded(password)?)
        }
        None => (None, String::new()),
    };
    let hosts = hosts.split(',').map(host).collect::<Result<Vec<_>, _>>()?;
    let keyspace = keyspace(path)?;
    let mut parsed = ScyllaUrl {
        hosts,
        user,
        password,
        keyspace,
        datacenter: None,
        consistency: Consistency::Quorum,
        tls: None,
        tls_ca: None,
        agreement_timeout: None,
        replication: None,
        shown: shown(url),
    };
    let mut seen = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(|| refused("a parameter has no `=`"))?;
        if seen.contains(&name) {
            return Err(refused(&format!("`{name}` is there twice")));
        }
        set(&mut parsed, name, decoded(value)?)?;
        seen.push(name);
    }
    if parsed.tls_ca.is_some() && parsed.tls.replace(true) == Some(false) {
        return Err(refused("`tls_ca` makes no sense with `tls=false`"));
    }
    Ok(parsed)
}

fn set(url: &mut ScyllaUrl, name: &str, value: String) -> Result<(), Refused> {
    match name {
        "datacenter" if value.is_empty() => {
            return Err(("`datacenter` is empty".to_owned(), "write its name, or leave it away".to_owned()));
        }
        "datacenter" => url.datacenter = Some(value),
        "consistency" => {
            let wanted = value.to_ascii_lowercase();
            let found = CONSISTENCIES.iter().find(|(name, _)| *name == wanted);
            let (_, found) =
                found.ok_or_else(|| unknown("consistency", &value, CONSISTENCIES.map(|(name, _)| name)))?;
            url.consistency = *found;
        }
        "serial_consistency" => match value.to_ascii_lowercase().as_str() {
            "serial" => {}
            "local_serial" => {
                return Err((
                    "with `local_serial` two data centres could both get what only one may have".to_owned(),
                    "write `serial_consistency=serial`, or leave it away".to_owned(),
                ));
            }
            _ => return Err(unknown("serial_consistency", &value, ["serial"])),
        },
        "tls" => match value.to_ascii_lowercase().as_str() {
            "true" => url.tls = Some(true),
            "false" => url.tls = Some(false),
            _ => return Err(unknown("tls", &value, ["true", "false"])),
        },
        "tls_ca" if value.is_empty() => {
            return Err((
                "`tls_ca` is empty".to_owned(),
                "write the path of a file, or leave it away".to_owned(),
            ));
        }
        "tls_ca" => url.tls_ca = Some(value.into()),
        "agreement_timeout" => {
            let time = crate::config::duration(&value)
                .map_err(|why| (format!("`agreement_timeout` cannot be {value:?}"), why))?;
            url.agreement_timeout = Some(time);
        }
        "replication" => {
            let found = replication(&value).ok_or_else(|| {
                (
                    format!("`replication` cannot be {value:?}"),
                    "write the number of copies in every data centre (`replication=3`), or in each \
                     (`replication=dc1:3,dc2:2`)"
                        .to_owned(),
                )
            })?;
            url.replication = Some(found);
        }
        _ => {
            let near = PARAMETERS.iter().map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
            let hint = match near {
                Some((distance, known)) if distance <= 3 => format!("did you mean `{known}`?"),
                _ => format!("there is `{}`", PARAMETERS.join("`, `")),
            };
            return Err((format!("it has no parameter {name:?}"), hint));
        }
    }
    Ok(())
}

fn unknown<const N: usize>(name: &str, value: &str, known: [&str; N]) -> Refused {
    (format!("`{name}` cannot be {value:?}"), format!("write one of `{}`", known.join("`, `")))
}

fn replication(value: &str) -> Option<Replication> {
    let copies = |text: &str| text.parse::<u32>().ok().filter(|copies| *copies > 0);
    if let Some(everywhere) = copies(value) {
        return Some(Replication::Everywhere(everywhere));
    }
    let each = value.split(',').map(|each| {
        let (name, number) = each.split_once(':')?;
        Some((name.to_owned(), copies(number)?)).filter(|(name, _)| !name.is_empty())
    });
    each.collect::<Option<Vec<_>>>().map(Replication::PerDatacenter)
}

/// `host`, `host:port` or `[address]:port`, with the port.
fn host(text: &str) -> Result<String, Refused> {
    let refused = |why: &str| Err((why.to_owned(), FORM.to_owned()));
    let (name, port) = match text.strip_prefix('[') {
        Some(address) => match address.split_once(']') {
            Some((_, port)) => text.split_at(text.len() - port.len()),
            None => return refused("a `[` is not closed"),
        },
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    if name.is_empty() {
        return refused("a host is missing");
    }
    if port.is_empty() {
        return Ok(format!("{name}:9042"));
    }
    match port.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()) {
        Some(port) if port > 0 => Ok(format!("{name}:{port}")),
        _ => refused(NO_PORT),
    }
}

fn keyspace(path: &str) -> Result<String, Refused> {
    let name = decoded(path.strip_prefix('/').unwrap_or(path))?;
    if name.is_empty() {
        return Err(("the keyspace is missing".to_owned(), FORM.to_owned()));
    }
    if name.len() > 48 || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err((
            "what stands behind its hosts cannot be a keyspace".to_owned(),
            "a keyspace has letters, digits and `_`, and not more than 48 of them".to_owned(),
        ));
    }
    Ok(name)
}

fn decoded(text: &str) -> Result<String, Refused> {
    let refused = |why: &str| (why.to_owned(), FORM.to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend(before.bytes());
        let code = behind.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.ok_or_else(|| refused("a `%` is not followed by two hexadecimal digits"))?);
        rest = &behind[2..];
    }
    bytes.extend(rest.bytes());
    String::from_utf8(bytes).map_err(|_| refused("what its `%` stand for is not UTF-8"))
}
