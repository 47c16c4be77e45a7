//! What stands in deploy/, as far as it can be checked without Docker and Kubernetes: each file by its own rules,
//! by the tools that are there, and the entry point by running it (`container.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The only document of a file.
fn yaml(path: &str) -> Value {
    let mut documents =
        YamlLoader::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(documents.len(), 1, "{path}");
    json(documents.remove(0))
}

fn json(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Boolean(value) => value.into(),
        Yaml::Integer(value) => value.into(),
        Yaml::Real(value) | Yaml::String(value) => value.into(),
        Yaml::Array(values) => values.into_iter().map(json).collect(),
        Yaml::Hash(entries) => entries
            .into_iter()
            .map(|(name, value)| (name.into_string().expect("a name is text"), json(value)))
            .collect(),
        Yaml::Alias(_) | Yaml::BadValue => panic!("no alias is used here"),
    }
}

/// What is wrong with a Dockerfile, by rules that an image for production has to follow.
fn wrong(dockerfile: &str) -> Vec<String> {
    let text: String = dockerfile
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .map(|line| line.strip_suffix('\\').map_or(format!("{line}\n"), str::to_owned))
        .collect();
    let (mut wrong, mut defaults, mut stages) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    let (mut user, mut is_started) = (String::new(), false);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (instruction, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match instruction {
            "ARG" | "ENV" => {
                let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
                if instruction == "ARG" && stages.is_empty() {
                    defaults.insert(name.to_owned(), value.to_owned());
                }
                let secrets = ["PASSWORD", "SECRET", "TOKEN", "_URL", "_KEY"];
                if secrets.iter().any(|secret| name.to_uppercase().contains(secret)) {
                    wrong.push(format!("it stays in the image: {line}"));
                }
            }
            "FROM" => {
                let mut image = rest.split_whitespace().next().unwrap_or_default().to_owned();
                for (name, value) in &defaults {
                    image = image.replace(&format!("${{{name}}}"), value);
                }
                let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
                if !stages.contains(&image) && (tag.is_empty() || tag.starts_with("latest")) {
                    wrong.push(format!("which version? {line}"));
                }
                stages.insert(rest.split_once(" AS ").map_or("", |(_, name)| name).to_owned());
                (user, is_started) = (String::new(), false);
            }
            "USER" => rest.clone_into(&mut user),
            "ENTRYPOINT" | "CMD" => {
                is_started |= instruction == "ENTRYPOINT";
                if serde_json::from_str::<Vec<String>>(rest).is_err() {
                    wrong.push(format!("a shell would get the signals: {line}"));
                }
            }
            "ADD" => wrong.push(format!("COPY, or curl with a checksum: {line}")),
            "COPY" if rest.contains(".env") => wrong.push(format!("it stays in the image: {line}")),
            "RUN" if rest.contains("apt-get install") => {
                for needed in ["rm -rf /var/lib/apt/lists/*", "--no-install-recommends", "apt-get update"] {
                    if !rest.contains(needed) {
                        wrong.push(format!("without {needed}: {line}"));
                    }
                }
            }
            "RUN" | "COPY" | "WORKDIR" | "EXPOSE" | "LABEL" => {}
            _ => wrong.push(format!("what is it? {line}")),
        }
    }
    if !user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)) {
        wrong.push(format!("the last stage runs as {user:?}, and not as a user with a number"));
    }
    if !is_started {
        wrong.push("the last stage has no entry point".to_owned());
    }
    wrong
}

#[test]
fn the_dockerfile_follows_the_rules() {
    assert_eq!(wrong(&read("deploy/Dockerfile")), Vec::<String>::new());
    // And each of them is one.
    for (file, says) in [
        ("FROM debian\nUSER 1\nENTRYPOINT [\"x\"]", "which version?"),
        ("ARG V=latest\nFROM debian:${V}\nUSER 1\nENTRYPOINT [\"x\"]", "which version?"),
        ("FROM debian:12\nENTRYPOINT [\"x\"]", "and not as a user with a number"),
        ("FROM debian:12\nUSER app\nENTRYPOINT [\"x\"]", "and not as a user with a number"),
        ("FROM debian:12\nUSER 0\nENTRYPOINT [\"x\"]", "and not as a user with a number"),
        ("FROM debian:12 AS a\nUSER 1\nENTRYPOINT [\"x\"]\nFROM a", "no entry point"),
        ("FROM debian:12\nUSER 1\nENTRYPOINT x", "a shell would get the signals"),
        ("FROM debian:12\nUSER 1\nENTRYPOINT [\"x\"]\nCMD y", "a shell would get the signals"),
        ("FROM debian:12\nADD http://x /\nUSER 1\nENTRYPOINT [\"x\"]", "COPY, or curl"),
        ("FROM debian:12\nENV DATABASE_URL=x\nUSER 1\nENTRYPOINT [\"x\"]", "stays in the image"),
        ("FROM debian:12\nCOPY .env /\nUSER 1\nENTRYPOINT [\"x\"]", "stays in the image"),
        (
            "FROM debian:12\nRUN apt-get update \\\n && apt-get install x\nUSER 1\nENTRYPOINT [\"x\"]",
            "without rm",
        ),
    ] {
        assert!(wrong(file).iter().any(|wrong| wrong.contains(says)), "{file}: {:?}", wrong(file));
    }
}

#[test]
fn what_an_image_copies_is_there_and_secrets_are_not_sent() {
    let dockerfile = read("deploy/Dockerfile");
    let ignored = read(".dockerignore");
    let ignored: BTreeSet<&str> = ignored.lines().collect();
    for secret in [".env", ".env.*", ".git", "target"] {
        assert!(ignored.contains(secret), "{secret} is sent to the engine");
    }
    let mut copied = 0;
    for line in dockerfile.lines().filter(|line| line.starts_with("COPY") && !line.contains("--from=")) {
        let source = line.split_whitespace().skip(1).find(|word| !word.starts_with("--")).unwrap();
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(source).exists(), "{line}");
        assert!(!ignored.contains(source), "{line}");
        copied += 1;
    }
    assert!(copied >= 2);
    // The names that the image is built with.
    let manifest = read("migrations/Cargo.toml");
    for name in ["name = \"migrations\"", "name = \"migrate\"", "\npostgres = "] {
        assert!(manifest.contains(name), "{name}");
    }
}

#[test]
fn every_server_of_compose_is_pinned_and_open_to_this_machine_alone() {
    let compose = yaml("compose.yaml");
    let services = compose["services"].as_object().unwrap();
    for kind in ["postgres", "cockroachdb", "scylladb", "app"] {
        assert!(services.contains_key(kind), "{kind}");
    }
    for (name, service) in services {
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name}: {port}");
        }
        for (other, how) in service["depends_on"].as_object().into_iter().flatten() {
            assert_eq!(how["condition"], "service_healthy", "{name}: {other}");
            assert!(services.contains_key(other), "{name}: {other}");
        }
        if let Some(image) = service["image"].as_str() {
            pinned(image);
            assert!(service["healthcheck"]["test"].is_array(), "{name}: how is it known that it is up?");
        } else {
            read(service["build"]["dockerfile"].as_str().unwrap());
        }
        let names = service["environment"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        if name == "app" {
            names.for_each(known);
        }
    }
}

#[track_caller]
fn pinned(image: &str) {
    let tag = image.rsplit_once(':').map(|(_, tag)| tag);
    assert!(tag.is_some_and(|tag| !tag.starts_with("latest")), "which version? {image}");
}

/// A variable that updown, or the entry point, does not read would do nothing.
#[track_caller]
fn known(variable: &str) {
    let read_by = [read(".env.example"), read("deploy/docker-entrypoint.sh")].concat();
    assert!(read_by.contains(variable), "nobody reads {variable}");
}

/// A pod's containers, with those that come first.
fn containers(workload: &Value) -> Vec<&Value> {
    let pod = &workload["spec"]["template"]["spec"];
    ["initContainers", "containers"]
        .iter()
        .flat_map(|kind| pod[kind].as_array().into_iter().flatten())
        .collect()
}

#[test]
fn kubernetes_gets_workloads_that_may_run_and_can_be_ended() {
    for (path, kind) in [("job", "Job"), ("init-container", "Deployment")] {
        let workload = yaml(&format!("deploy/kubernetes/{path}.yaml"));
        assert_eq!(workload["kind"], kind);
        let pod = &workload["spec"]["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() >= 30);
        let mut migrating = 0;
        for container in containers(&workload) {
            pinned(container["image"].as_str().unwrap());
            let context = &container["securityContext"];
            assert_eq!(context["allowPrivilegeEscalation"], false);
            assert_eq!(context["readOnlyRootFilesystem"], true);
            assert_eq!(context["capabilities"]["drop"][0], "ALL");
            let variables: BTreeMap<&str, &Value> = container["env"]
                .as_array()
                .unwrap()
                .iter()
                .map(|variable| (variable["name"].as_str().unwrap(), variable))
                .collect();
            variables.keys().copied().for_each(known);
            for (name, variable) in &variables {
                let is_secret = variable["valueFrom"]["secretKeyRef"].is_object();
                assert_eq!(is_secret, name.ends_with("_URL") || name.ends_with("_PASSWORD"), "{name}");
                // `true` and `30` without quotation marks are refused.
                assert!(variable["value"].is_string() || variable["value"].is_null(), "{name}");
            }
            assert_eq!(variables["ENV"]["value"], "production");
            if container["command"][0] == "docker-entrypoint.sh" {
                assert_eq!(variables["FORCE_MIGRATION"]["value"], "true");
                migrating += 1;
            }
        }
        assert_eq!(migrating, 1, "{path}");
    }
}

/// Whatever `kubectl` does not know it leaves out.
#[test]
fn kubectl_knows_every_field() {
    for path in ["deploy/kubernetes/job.yaml", "deploy/kubernetes/init-container.yaml"] {
        let Some(said) =
            tool("kubectl", &["set", "env", "--local", "--output=json", "X=1", "--filename", path])
        else {
            return;
        };
        let understood: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        contained(&yaml(path), &understood, path);
    }
}

fn contained(part: &Value, whole: &Value, place: &str) {
    match part {
        Value::Object(entries) => entries
            .iter()
            .for_each(|(name, value)| contained(value, &whole[name], &format!("{place}: {name}"))),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(index, value)| contained(value, &whole[index], &format!("{place}: {index}"))),
        other => assert_eq!(other, whole, "{place}"),
    }
}

/// What a tool says that has nothing to complain of; `None` where it is not installed, which is said.
fn tool(name: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(name);
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    let Ok(ended) = command.env("KUBECONFIG", "/dev/null").output() else {
        eprintln!("SKIPPED: what {name} says of {} (it is not installed)", args.last().unwrap_or(&""));
        return None;
    };
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&ended.stderr));
    Some(said)
}

#[test]
#[cfg_attr(windows, ignore = "it needs sh")]
fn tools_have_nothing_to_complain_of() {
    assert!(tool("sh", &["-n", "deploy/docker-entrypoint.sh"]).is_some());
    tool("shellcheck", &["deploy/docker-entrypoint.sh"]);
    // Which version of a Debian package is in a release is Debian's to say.
    tool("hadolint", &["--ignore", "DL3008", "deploy/Dockerfile"]);
    tool("actionlint", &["deploy/ci/github-actions.yml"]);
}

#[test]
fn the_workflow_is_pinned_and_asks_for_little() {
    let workflow = yaml("deploy/ci/github-actions.yml");
    assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }));
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        assert!(job["timeout-minutes"].is_u64(), "{name}");
        for step in job["steps"].as_array().unwrap() {
            if let Some(action) = step["uses"].as_str() {
                assert!(action.contains("@v"), "{name}: {action}");
            }
        }
    }
}

/// The commands of its first job, on a real PostgreSQL and this repository's own project.
#[cfg(feature = "postgres")]
#[test]
fn what_the_workflow_runs_runs() {
    let (fixture, mut database) = crate::support::postgres::fixture_or_skip!("example");
    let workflow = yaml("deploy/ci/github-actions.yml");
    let job = &workflow["jobs"]["check"];
    let fixture = fixture.var("ENV", job["env"]["ENV"].as_str().unwrap());
    let mut ran = 0;
    for step in job["steps"].as_array().unwrap() {
        if let Some(typed) = step["run"].as_str().and_then(|run| run.strip_prefix("target/debug/migrate ")) {
            fixture.run(&typed.split_whitespace().collect::<Vec<_>>()).exits(0);
            ran += 1;
        }
    }
    assert_eq!(ran, 5);
    assert_eq!(database.batches().len(), 7);
}
