//! What a migration is called: `m`, its number, `_`, what it does.

use crate::error::Error;
use crate::migration::number_of;

/// Longer names do not fit beside the other columns of `updown status`.
const LONGEST: usize = 60;

/// From here on a number is a time: `YYYYMMDDhhmmss`.
const FIRST_TIME: u64 = 10_000_000_000_000;

/// `AddUserAvatar`, `add-user-avatar` and `add user avatar` are `add_user_avatar`.
pub fn what_it_does(typed: &str) -> Result<String, Error> {
    let refuse =
        |why: String| Err(Error::usage(why, "name it by what it does: `updown new add_user_avatar`"));
    let mut name = String::new();
    let chars: Vec<char> = typed.trim().chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let begins_word = c.is_ascii_uppercase()
            && at > 0
            && (chars[at - 1].is_ascii_lowercase()
                || chars[at - 1].is_ascii_digit()
                || (chars[at - 1].is_ascii_uppercase()
                    && chars.get(at + 1).is_some_and(char::is_ascii_lowercase)));
        let separates = matches!(c, '_' | '-' | ' ');
        if !separates && !c.is_ascii_alphanumeric() {
            return refuse(format!(
                "{typed:?} is not a name: only letters, digits, `_`, `-` and blanks can be in it"
            ));
        }
        if (begins_word || separates) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if !separates {
            name.push(c.to_ascii_lowercase());
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() {
        return refuse(format!("{typed:?} is not a name: it is empty"));
    }
    if name.len() > LONGEST {
        return refuse(format!(
            "{typed:?} is too long: {} characters, where {LONGEST} are allowed",
            name.len()
        ));
    }
    if let Some((_, rest)) = split(name)
        && !rest.is_empty()
    {
        return Err(Error::usage(
            format!("{typed:?} has a number already, and updown gives it the next one"),
            format!("updown new {rest}"),
        ));
    }
    Ok(name.to_owned())
}

/// The number of a module, and what stands behind it: `m0007_add_x` is `("0007", "add_x")`.
pub fn split(module: &str) -> Option<(&str, &str)> {
    let rest = module.strip_prefix('m')?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, what) = rest.split_at(digits);
    Some((number, what.strip_prefix('_')?)).filter(|_| digits > 0)
}

/// The highest number among modules.
pub fn highest<'a>(modules: impl Iterator<Item = &'a str>) -> u64 {
    let is_one = |name: &&str| split(name).is_some() || name.starts_with(|c: char| c.is_ascii_digit());
    modules.filter(is_one).filter_map(number_of).max().unwrap_or(0)
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The next one, with at least so many digits.
    Counted(usize),
    /// The time, in UTC.
    Time,
}

impl Style {
    /// The one that a number is written in.
    pub fn of(number: &str) -> Self {
        if number.parse().is_ok_and(|number: u64| number >= FIRST_TIME) {
            Self::Time
        } else {
            Self::Counted(number.len())
        }
    }

    /// A number above `highest`; in a list that is numbered by time, always the time.
    pub fn next(self, highest: u64) -> Result<String, Error> {
        let next = highest.checked_add(1).ok_or_else(|| {
            Error::usage(
                format!("there is no number above {highest}"),
                "give the last migration a smaller number",
            )
        })?;
        Ok(match self {
            Self::Counted(width) if highest < FIRST_TIME => format!("{next:0width$}"),
            _ => now().max(next).to_string(),
        })
    }
}

fn now() -> u64 {
    chrono::Utc::now().format("%Y%m%d%H%M%S").to_string().parse().unwrap_or(FIRST_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_brought_into_one_form() {
        for (typed, expected) in [
            ("add_user_avatar", "add_user_avatar"),
            ("AddUserAvatar", "add_user_avatar"),
            ("add-user-avatar", "add_user_avatar"),
            (" add  user avatar ", "add_user_avatar"),
            ("HTTPServerV2", "http_server_v2"),
            ("__x__", "x"),
            ("2fa", "2fa"),
            ("move", "move"),
        ] {
            assert_eq!(what_it_does(typed).unwrap(), expected, "{typed}");
        }
        let long = "x".repeat(61);
        for typed in ["", "  ", "_", "../x", "a/b", "a.b", "ä", "a\nb", "a'b", "x;y", "m0001_x", &long] {
            let error = what_it_does(typed).expect_err(typed);
            assert_eq!(error.exit_code(), 2, "{typed}");
        }
    }

    #[test]
    fn the_next_number() {
        assert_eq!(highest(["m0003_a", "m0010_b", "mod", "m99x", "main"].into_iter()), 10);
        assert_eq!(Style::Counted(4).next(0).unwrap(), "0001");
        assert_eq!(Style::Counted(4).next(9999).unwrap(), "10000");
        assert_eq!(Style::Counted(4).next(99_991_231_235_959).unwrap(), "99991231235960");
        assert!(Style::Time.next(0).unwrap().starts_with("20"));
        assert!(Style::Time.next(u64::MAX).is_err());
        assert_eq!(Style::of("20261121174200"), Style::Time);
        assert_eq!(Style::of("007"), Style::Counted(3));
    }
}
