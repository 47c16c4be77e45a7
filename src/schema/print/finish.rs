//! What is done with the text at last: it is formatted, and patched.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::PrintError;
use super::config::PrintConfig;

/// As it goes into the file.
pub fn finish(text: String, config: &PrintConfig, warnings: &mut Vec<String>) -> Result<String, PrintError> {
    let text = match formatted(&text) {
        Ok(formatted) => formatted,
        Err(why) => {
            warnings.push(format!("the text is not formatted: {why}"));
            text
        }
    };
    patched(text, config)
}

/// By rustfmt, with the configuration of the directory that this is called in.
fn formatted(text: &str) -> Result<String, String> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = rustfmt.spawn().map_err(|error| format!("cannot start rustfmt: {error}"))?;
    // Closed behind the text. Where it does not read all of it, its answer says why.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(text.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| format!("cannot wait for rustfmt: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().next().unwrap_or("rustfmt failed").to_owned());
    }
    String::from_utf8(output.stdout).map_err(|_| "rustfmt's answer is no text".to_owned())
}

fn patched(text: String, config: &PrintConfig) -> Result<String, PrintError> {
    let Some(file) = &config.patch_file else { return Ok(text) };
    let shown = file.display();
    let patch = std::fs::read_to_string(file).map_err(|error| {
        let hint = "`patch_file` in diesel.toml names it; take the line out, or write the file";
        PrintError::refused(format!("cannot read {shown}: {error}"), hint)
    })?;
    let anew = format!(
        "make it anew: `diff -u` of what is printed without `patch_file` and what you want, into {shown}"
    );
    let patch = diffy::Patch::from_str(&patch)
        .map_err(|error| PrintError::refused(format!("{shown} is no patch: {error}"), anew.clone()))?;
    diffy::apply(&text, &patch).map_err(|error| {
        PrintError::refused(format!("{shown} does not fit what the database has now: {error}"), anew)
    })
}
