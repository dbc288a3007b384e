//! What the compiler says about the commonest mistakes.
//!
//! Each file of `mistakes` is a program with one of them. Its lines `//~ TEXT` are what the messages have
//! to contain: those parts that a reader needs, and not the words that change with the compiler.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const MISTAKES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/compiler_messages/mistakes"
);

#[test]
fn a_mistake_is_explained_where_it_is_made() {
    let package = write_package();
    let messages = check(&package);
    let mut problems = Vec::new();
    for (name, wanted) in mistakes() {
        let said = messages.get(&name).map_or("", String::as_str);
        if said.is_empty() {
            problems.push(format!("{name} compiles"));
        }
        let said = squeeze(said);
        for text in wanted.iter().filter(|text| !said.contains(&squeeze(text))) {
            problems.push(format!("{name}: {text:?} is not in {said}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The mistakes, and what has to be said of them.
fn mistakes() -> BTreeMap<String, Vec<String>> {
    let files = fs::read_dir(MISTAKES)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found: BTreeMap<_, _> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let wanted: Vec<_> = text
                .lines()
                .filter_map(|line| line.strip_prefix("//~ "))
                .map(str::to_owned)
                .collect();
            assert!(!wanted.is_empty(), "{name} wants nothing");
            (name, wanted)
        })
        .collect();
    assert!(found.len() >= 20, "{}", found.len());
    found
}

/// Makes a package of all the programs.
fn write_package() -> PathBuf {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiler_messages");
    let programs = package.join("src/bin");
    _ = fs::remove_dir_all(&programs);
    fs::create_dir_all(&programs).unwrap();
    for name in mistakes().keys() {
        let file = format!("{name}.rs");
        fs::copy(Path::new(MISTAKES).join(&file), programs.join(&file)).unwrap();
    }
    let manifest = format!(
        "[package]\nname = \"mistakes\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [dependencies]\nwaterspout = {{ path = {:?} }}\n[workspace]\n",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    // The versions that are there already: nothing is downloaded.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    fs::copy(lock, package.join("Cargo.lock")).unwrap();
    package
}

/// Compiles all programs and returns what was said of each.
fn check(package: &Path) -> BTreeMap<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "check",
            "--offline",
            "--bins",
            "--keep-going",
            "--message-format=json",
        ])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .output()
        .unwrap();
    let mut messages = BTreeMap::<String, String>::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let is_error = line["message"]["level"] == "error";
        let is_program = line["target"]["kind"][0] == "bin";
        if let (true, true, Some(name)) = (is_error, is_program, line["target"]["name"].as_str()) {
            let rendered = line["message"]["rendered"].as_str().unwrap_or_default();
            messages
                .entry(name.to_owned())
                .or_default()
                .push_str(rendered);
        }
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!messages.is_empty(), "cargo came to nothing: {said}");
    messages
}

/// Takes margins and line ends out of a message.
fn squeeze(text: &str) -> String {
    let words = text
        .split_whitespace()
        .filter(|word| *word != "|" && *word != "+");
    words.collect::<Vec<_>>().join(" ")
}
