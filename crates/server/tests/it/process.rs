//! The real binary as a child, in a folder of its own, and a plain HTTP client to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// After so long a test has failed, whatever it waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The command, with nothing of our own environment but what is given.
pub(crate) fn command(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdspace"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments, &[]).output().unwrap()
}

/// Runs it to its end, which must be a good one; gives what it printed, without the line's end.
pub(crate) fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim_end().to_owned()
}

/// Runs it to its end, which must be a bad one; gives the exit code and what it said.
pub(crate) fn refusal(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = command(folder, arguments, environment).output().unwrap();
    assert_eq!(text(&output.stdout), "");
    format!("{} {}", output.status.code().unwrap(), text(&output.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// What it says, line by line, both outputs together.
    lines: Receiver<String>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `serve` or `demo` on a free port and waits until it listens.
    pub(crate) fn start(folder: &Path, subcommand: &str, environment: &[(&str, &str)]) -> Self {
        Self::start_as(command(folder, &[subcommand], environment))
    }

    /// Starts what `command` runs, on a free port, and waits until it listens.
    pub(crate) fn start_as(mut command: Command) -> Self {
        let mut child = command
            .env("PORT", "0")
            .env("HOLDSPACE_TURN__LISTEN", "127.0.0.1")
            .env("HOLDSPACE_TURN__PORT", "0")
            .env("HOLDSPACE_TURN__TLS_PORT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let outputs: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for output in outputs {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines() {
                    let Ok(line) = line else { return };
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        let mut server = Self {
            child,
            lines,
            address: SocketAddr::from(([0; 4], 0)),
        };
        let line = server.line_with("listening on http");
        server.address = line.rsplit('/').next().unwrap().parse().unwrap();
        server
    }

    /// The next line.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// The next line that contains `part`; those before it are dropped.
    pub(crate) fn line_with(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("never said {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for its end; gives the rest of what it said.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        let mut rest = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            rest.push(line);
        }
        (status, rest)
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Answers of a GET: everything, head and body.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> String {
        self.ask("GET", path, headers)
    }

    /// The head of the answer to a HEAD.
    pub(crate) fn head(&self, path: &str, headers: &[(&str, &str)]) -> String {
        self.ask("HEAD", path, headers)
    }

    /// Answers of a POST of JSON: everything, head and body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> String {
        let body = body.to_string();
        let mut stream = self.connect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        read_all(&mut stream)
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut stream = self.connect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        read_all(&mut stream)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything until the other side closes.
pub(crate) fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    text(&bytes)
}

/// The value of a header in an answer.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// The body of an answer.
pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
