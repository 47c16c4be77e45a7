//! The programs that run directories of SQL, side by side: each reads the files in its own format, as a person starts
//! it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::proxy::{Address, Proxy};
use super::schema::{beside, diesel};
use super::server::Server;
use crate::Result;
use crate::compare::{Times, in_turn, load, met};

const MIGRATIONS: usize = 1000;
const FEW: usize = 5;
const MANY: usize = 9;
/// updown takes at most this much of what each of the others takes, and so many round trips for each migration.
const TARGET: f64 = 0.5;
const ROUND_TRIPS: f64 = 2.0;

/// A tool, and its directory.
struct Tool {
    name: &'static str,
    program: PathBuf,
    directory: PathBuf,
}

pub fn compare(server: &Server) -> Result {
    let tools = tools()?;
    if tools.len() < 3 {
        println!(
            "\nSKIPPED: some of what is compared with (`make bench PART=files` builds it: diesel_cli, golang-migrate)"
        );
    }
    println!(
        "\n{MIGRATIONS} migrations as files, a table and an index each; each tool is a program of its own"
    );
    let away = Some(Duration::from_millis(1));
    for (title, delay, waits_for_disk) in [
        ("on this machine", None, true),
        ("1 ms away", away, true),
        ("1 ms away, where no commit waits for the disk (`synchronous_commit = off`)", away, false),
    ] {
        println!("\n{title}; load {}", load());
        print!("{:<16}", "");
        tools.iter().for_each(|tool| print!("{:>24}", tool.name));
        println!("   ratios");
        let bench = Bench { server, tools: &tools, delay, waits_for_disk };
        bench.row("up from empty", "up", FEW, delay.is_some())?;
        if waits_for_disk {
            bench.row("nothing to do", "nothing", MANY, false)?;
            bench.row("status", "status", MANY, false)?;
        }
    }
    tools.iter().try_for_each(|tool| server.remove(&database(tool)))
}

fn tools() -> Result<Vec<Tool>> {
    let place = crate::directory("bench-files")?;
    let (folders, pairs) = (place.join("folders"), place.join("pairs"));
    write(&folders, &pairs)?;
    let updown = Tool { name: "updown", program: beside("updown")?, directory: folders.clone() };
    let diesel = diesel().map(|program| Tool { name: "diesel", program, directory: folders });
    let golang = golang_migrate().map(|program| Tool { name: "golang-migrate", program, directory: pairs });
    Ok([Some(updown), diesel, golang].into_iter().flatten().collect())
}

/// The same migrations in two formats: what is there from the last time is the same.
fn write(folders: &Path, pairs: &Path) -> Result {
    std::fs::create_dir_all(pairs)?;
    for number in 1..=MIGRATIONS {
        let name = format!("create_thing_{number:04}");
        let up = format!(
            "CREATE TABLE thing_{number:04} (\n    id BIGINT PRIMARY KEY,\n    owner_id BIGINT NOT NULL\n);\n\
             CREATE INDEX thing_{number:04}_owner ON thing_{number:04} (owner_id);\n"
        );
        let down = format!("DROP TABLE thing_{number:04};\n");
        let folder = folders.join(format!("2024-01-01-{number:06}_{name}"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("up.sql"), &up)?;
        std::fs::write(folder.join("down.sql"), &down)?;
        std::fs::write(pairs.join(format!("{number:06}_{name}.up.sql")), &up)?;
        std::fs::write(pairs.join(format!("{number:06}_{name}.down.sql")), &down)?;
    }
    Ok(())
}

/// As the tests have it.
fn golang_migrate() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.parent()?.parent()?;
    Some(target.join("golang_migrate/golang_migrate")).filter(|program| program.is_file())
}

fn database(tool: &Tool) -> String {
    format!("updown_bench_files_{}", tool.name.replace('-', "_"))
}

struct Bench<'a> {
    server: &'a Server,
    tools: &'a [Tool],
    delay: Option<Duration>,
    waits_for_disk: bool,
}

impl Bench<'_> {
    fn row(&self, title: &str, what: &str, repetitions: usize, has_target: bool) -> Result {
        let mut ms: Vec<Vec<f64>> = self.tools.iter().map(|_| Vec::new()).collect();
        let mut round_trips = vec![0; self.tools.len()];
        for repetition in 0..repetitions {
            for side in in_turn(repetition, self.tools.len()) {
                let tool = &self.tools[side];
                if what == "up" {
                    self.server.create(&database(tool), None)?;
                    if !self.waits_for_disk {
                        let sql = format!("ALTER DATABASE {} SET synchronous_commit = off", database(tool));
                        self.server.execute(&database(tool), &sql)?;
                    }
                }
                let (took, count) = self.once(tool, what)?;
                ms[side].push(took);
                round_trips[side] = count;
            }
        }
        let times: Vec<Times> = ms.into_iter().map(Times::of).collect();
        print!("{title:<16}");
        times.iter().for_each(|times| print!("{:>24}", times.to_string()));
        for other in &times[1..] {
            let ratio = times[0].median / other.median;
            print!("   {ratio:.2} ({:.2})", times[0].fastest / other.fastest);
            if has_target {
                print!(" at most {TARGET}: {}", met(ratio <= TARGET));
            }
        }
        println!();
        if self.delay.is_some() {
            print!("{:<16}", "  round trips");
            round_trips.iter().for_each(|count| print!("{count:>24}"));
            let each = round_trips[0] as f64 / MIGRATIONS as f64;
            if has_target {
                // Those of a run are not a migration's.
                print!("   at most {ROUND_TRIPS} each: {}", met(each <= ROUND_TRIPS + 0.02));
            }
            println!();
        }
        Ok(())
    }

    /// In milliseconds, with the round trips where they are counted.
    fn once(&self, tool: &Tool, what: &str) -> Result<(f64, usize)> {
        let url = self.server.url(&database(tool));
        let proxy = self.delay.map(|delay| Proxy::before(&url).delaying(delay));
        let mut command = tool.command(what, proxy.as_ref().map_or(&url, Proxy::url));
        let began = Instant::now();
        let output = command.output()?;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        if !output.status.success() {
            return Err(format!("{} {what}: {}", tool.name, String::from_utf8_lossy(&output.stderr)).into());
        }
        let count = proxy.map_or(0, |proxy| {
            let (connections, sent) = proxy.take();
            connections + sent.len()
        });
        if what == "up" {
            self.has_all(tool)?;
        }
        Ok((ms, count))
    }

    /// A bench that measures how fast nothing is done would be quick.
    fn has_all(&self, tool: &Tool) -> Result {
        let last = format!("SELECT FROM thing_{MIGRATIONS:04}");
        self.server.execute(&database(tool), &last)
    }
}

impl Tool {
    fn command(&self, what: &str, url: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.directory);
        for name in ["ENV", "DATABASE_URL", "MIGRATIONS_DIR", "MIGRATION_DIRECTORY"] {
            command.env_remove(name);
        }
        match self.name {
            "updown" => {
                command.arg(if what == "status" { "status" } else { "migrate" });
                command.arg("--dir").arg(&self.directory).args([
                    "--database-url",
                    url,
                    "--env",
                    "development",
                ]);
            }
            "diesel" => {
                command.args(["migration", if what == "status" { "list" } else { "run" }]);
                command.arg("--migration-dir").arg(&self.directory).args(["--database-url", url]);
            }
            _ => {
                let what = if what == "status" { "version" } else { "up" };
                command.arg(&self.directory).arg(in_go(url)).arg(what);
            }
        }
        command
    }
}

/// Go's URLs have no path of a socket in the place of the host.
fn in_go(url: &str) -> String {
    let address = Address::of(url);
    let (user, host, port) = (address.user, &address.host, address.port);
    let password = address.password.map(|password| format!(":{password}")).unwrap_or_default();
    let name = url.rsplit_once('/').map_or("", |(_, name)| name);
    format!("postgres://{user}{password}@/{name}?host={host}&port={port}&sslmode=disable")
}
