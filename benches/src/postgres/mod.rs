//! updown and `diesel_migrations` on PostgreSQL: on a server of this machine, and on the same one
//! where each round trip takes longer.

mod batches;
mod files;
mod schema;
mod server;

// The tests have them too, and use more of them.
#[allow(dead_code)]
#[path = "../../../tests/suite/support/postgres/cluster.rs"]
mod cluster;
#[allow(dead_code)]
#[path = "../../../tests/suite/support/proxy.rs"]
mod proxy;

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use updown::Project;

use crate::Result;
use crate::compare::{Times, in_turn, load, row};
use crate::measure::{self, Measured, timed};
use crate::workload::{self, On};
use proxy::Proxy;
use server::Server;

const MIGRATIONS: usize = 1000;
/// The last one is only what both have to do first, where there is nothing else to do.
const TOOLS: [&str; 3] = ["updown", "diesel", "connect"];
const SIDES: [&str; 2] = ["updown", "diesel"];
/// How often what is over in a moment is measured.
const MANY: usize = 15;

struct Network {
    title: &'static str,
    /// How much longer a round trip takes than here.
    delay: Option<Duration>,
    /// How often `up` and `down` are measured.
    few: usize,
    /// At most this much of what `diesel_migrations` takes.
    up: f64,
    nothing: Option<f64>,
}

const NETWORKS: [Network; 2] = [
    Network { title: "on this machine", delay: None, few: 5, up: 1.0, nothing: None },
    // Long, and less disturbed: most of it is waiting.
    Network {
        title: "over a network",
        delay: Some(Duration::from_millis(1)),
        few: 3,
        up: 1.0 / 2.0,
        nothing: Some(1.0 / 3.0),
    },
];

/// `schema` is the part about large schemas alone.
pub fn run_schema() -> Result {
    let Some(server) = Server::get()? else {
        println!("\nSKIPPED: PostgreSQL (install its server, or set POSTGRES_URL)");
        return Ok(());
    };
    println!("{}", server.described()?);
    schema::compare(&server)
}

/// `files` is the part about directories of SQL alone.
pub fn run_files() -> Result {
    let Some(server) = Server::get()? else {
        println!("\nSKIPPED: PostgreSQL (install its server, or set POSTGRES_URL)");
        return Ok(());
    };
    println!("\n{}", server.described()?);
    files::compare(&server)
}

pub fn run() -> Result {
    let Some(server) = Server::get()? else {
        println!("\nSKIPPED: PostgreSQL (install its server, or set POSTGRES_URL)");
        return Ok(());
    };
    println!("\nupdown and diesel_migrations on PostgreSQL, {MIGRATIONS} migrations, a small table each");
    println!("{}", server.described()?);
    println!(
        "medians (fastest); every measurement in a process of its own, alternating, connecting included"
    );
    let bench = Bench { server };
    for tool in SIDES {
        bench.migrate(tool)?;
    }
    for network in &NETWORKS {
        bench.compare(network)?;
    }
    for tool in SIDES {
        bench.server.remove(&migrated(tool))?;
        bench.server.remove(&database(tool))?;
    }
    batches::compare(&bench.server)?;
    schema::compare(&bench.server)?;
    files::compare(&bench.server)?;
    println!("load {}", load());
    Ok(())
}

struct Bench {
    server: Server,
}

impl Bench {
    fn compare(&self, network: &Network) -> Result {
        let &Network { title, delay, few, up: up_target, nothing: nothing_target } = network;
        let takes = self.round_trip(delay)?;
        println!("\n{title}: a round trip takes {:.0} µs; load {}", takes.as_secs_f64() * 1e6, load());
        println!("{:<21}{:>22}{:>22}{:>8}{:>11}   target", "", "updown", "diesel", "ratio", "(fastest)");
        let (mut up, mut down) = (Seen::default(), Seen::default());
        for repetition in 0..few {
            for side in in_turn(repetition, 2) {
                let (tool, name) = (TOOLS[side], database(TOOLS[side]));
                self.server.create(&name, None)?;
                up.add(side, self.once(tool, "up", &name, delay)?);
                self.server.settle(&name);
                down.add(side, self.once(tool, "down", &name, delay)?);
            }
        }
        up.show("up from empty", Some(up_target));
        down.show("down all", None);
        for (what, title, target, sides) in
            [("nothing", "nothing to do", nothing_target, 3), ("status", "status", None, 2)]
        {
            let mut seen = Seen::default();
            for repetition in 0..MANY {
                for side in in_turn(repetition, sides) {
                    let of = SIDES.get(side).unwrap_or(&SIDES[1]);
                    seen.add(side, self.once(TOOLS[side], what, &migrated(of), delay)?);
                }
            }
            seen.show(title, target);
        }
        Ok(())
    }

    /// One measurement, and how many round trips it had, where they are counted.
    fn once(&self, tool: &str, what: &str, name: &str, delay: Option<Duration>) -> Result<(Measured, usize)> {
        let url = self.server.url(name);
        let Some(delay) = delay else {
            return Ok((measure::once(tool, what, Path::new(&url), MIGRATIONS)?, 0));
        };
        let proxy = Proxy::before(&url).delaying(delay);
        let measured = measure::once(tool, what, Path::new(proxy.url()), MIGRATIONS)?;
        let (connections, sent) = proxy.take();
        // Each connection began with one that is not among them.
        Ok((measured, connections + sent.len()))
    }

    /// What `up` leaves, for what does not change it.
    fn migrate(&self, tool: &str) -> Result {
        let name = migrated(tool);
        self.server.create(&name, None)?;
        self.once(tool, "up", &name, None)?;
        self.server.execute(&name, "VACUUM")?;
        self.server.settle(&name);
        Ok(())
    }

    /// How long the smallest question takes.
    fn round_trip(&self, delay: Option<Duration>) -> Result<Duration> {
        const TIMES: u32 = 200;
        let url = self.server.url("postgres");
        let proxy = delay.map(|delay| Proxy::before(&url).delaying(delay));
        let mut conn = PgConnection::establish(proxy.as_ref().map_or(&url, Proxy::url))?;
        let (took, _) = timed(|| {
            for _ in 0..TIMES {
                conn.batch_execute("SELECT 1")?;
            }
            Ok(0)
        })?;
        Ok(took / TIMES)
    }
}

fn database(tool: &str) -> String {
    format!("updown_bench_{tool}")
}

fn migrated(tool: &str) -> String {
    format!("updown_bench_{tool}_migrated")
}

/// What was measured of one operation, for each of the tools.
#[derive(Default)]
struct Seen {
    ms: [Vec<f64>; 3],
    round_trips: [usize; 3],
}

impl Seen {
    fn add(&mut self, side: usize, (measured, round_trips): (Measured, usize)) {
        self.ms[side].push(measured.ms);
        self.round_trips[side] = round_trips;
    }

    fn show(self, title: &str, target: Option<f64>) {
        let connected = !self.ms[2].is_empty();
        let [updown, diesel, connect] = self.ms.map(Times::of);
        row(title, &updown, &diesel, target);
        if connected {
            println!("  of which connecting{:>23}", connect.to_string());
            row("  beside connecting", &updown.without(&connect), &diesel.without(&connect), target);
        }
        let [updown, diesel, _] = self.round_trips;
        if updown > 0 {
            println!("  round trips{updown:>31}{diesel:>22}");
        }
    }
}

/// In the child: what was asked for, how long it took, and how many migrations or rows it was about.
pub fn child(tool: &str, what: &str, url: &str, count: usize) -> Result<(Duration, usize)> {
    match (tool, what) {
        (_, "fill") => batches::child(tool, url, count),
        ("updown", _) => {
            let project = Project::of(workload::registry::<PgConnection>(On::Postgres, count));
            timed(|| measure::updown(project, what, url))
        }
        ("diesel", _) => {
            let source = workload::source(On::Postgres, count);
            timed(|| measure::diesel_migrations::<PgConnection>(source, what, url))
        }
        ("connect", "nothing") => timed(|| {
            PgConnection::establish(url)?;
            Ok(0)
        }),
        _ => Err(format!("there is no {tool} {what}").into()),
    }
}
