//! What is measured: a process on a core of its own, and the CPU time that it has used.
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use holdspace_turn::{Config, Policy, Relay, RelayAddress, Rules, SharedSecrets};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

use crate::client;

/// The secret that every relay here shares with its clients.
pub(crate) const SECRET: &str = "of-the-benchmark";
const CORE: &str = "1";
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Relay,
    Coturn,
    Forwarder,
}

/// A running server, ended with the value.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// Where the other side of all relaying is.
    pub(crate) peer: UdpSocket,
    process: Child,
}

impl Subject {
    pub(crate) fn start(kind: Kind) -> Result<Self> {
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = free_address()?;
        let mut command = Command::new("taskset");
        command.args(["-c", CORE]);
        let own = std::env::current_exe()?;
        match kind {
            Kind::Relay => command.arg(own).args(["relay", &address.to_string()]),
            Kind::Forwarder => command.arg(own).args([
                "forwarder",
                &address.to_string(),
                &peer.local_addr()?.to_string(),
            ]),
            Kind::Coturn => coturn(&mut command, address),
        };
        let process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("taskset")?;
        let mut subject = Self {
            kind,
            address,
            peer,
            process,
        };
        subject.wait()?;
        Ok(subject)
    }

    /// Waits until it answers; the forwarder is listening before anything could be sent.
    fn wait(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while !client::is_answering(self) {
            if let Some(status) = self.process.try_wait()? {
                bail!("{:?} at {} has ended: {status}", self.kind, self.address);
            }
            ensure!(Instant::now() < until, "{:?} does not answer", self.kind);
        }
        Ok(())
    }

    /// CPU time of the process so far, in nanoseconds.
    pub(crate) fn cpu_nanos(&self) -> Result<i64> {
        let time = clock_getcpuclockid(self.pid()?)?.now()?;
        Ok(time.tv_sec() * 1_000_000_000 + time.tv_nsec())
    }

    /// Resident memory in bytes.
    pub(crate) fn resident_bytes(&self) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id()))?;
        let pages: f64 = text.split(' ').nth(1).context("statm")?.parse()?;
        Ok(pages * 4096.0)
    }

    fn pid(&self) -> Result<Pid> {
        Ok(Pid::from_raw(i32::try_from(self.process.id())?))
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        if let Ok(pid) = self.pid() {
            // It may have ended by itself.
            let _ = kill(pid, Signal::SIGKILL);
        }
        drop(self.process.wait());
    }
}

/// A port that nobody has, neither by UDP nor by TCP: the relay listens by both.
fn free_address() -> Result<SocketAddr> {
    loop {
        let address = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        match TcpListener::bind(address) {
            Ok(_) => return Ok(address),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn coturn(command: &mut Command, address: SocketAddr) -> &mut Command {
    command.args([
        "turnserver",
        "-n",
        "--no-tls",
        "--no-dtls",
        "--no-cli",
        "--no-tcp",
        "--allow-loopback-peers",
    ]);
    command.args([
        "--use-auth-secret",
        "--static-auth-secret",
        SECRET,
        "--realm",
        client::REALM,
    ]);
    command.args([
        "--log-file",
        "/dev/null",
        "--simple-log",
        "--pidfile",
        "/dev/null",
        "-m",
        "1",
    ]);
    command.args([
        "-L",
        &address.ip().to_string(),
        "-p",
        &address.port().to_string(),
        "-E",
        &address.ip().to_string(),
    ])
}

/// `coturn 4.6.1`, or what it is.
pub(crate) fn coturn_version() -> Result<String> {
    let output = Command::new("turnserver")
        .arg("--version")
        .output()
        .context("turnserver, of the package coturn")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text
        .lines()
        .rev()
        .find(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    Ok(format!("coturn {}", version.unwrap_or_default().trim()))
}

/// The relay, until standard input ends.
pub(crate) fn relay(address: SocketAddr) -> Result<()> {
    raise_descriptors();
    let config = Config {
        rules: Rules {
            relay_ipv4: Some(RelayAddress::from(IpAddr::from(Ipv4Addr::LOCALHOST))),
            ports: 20_000..=65_535,
            realm: client::REALM.to_owned(),
            allocations_max: 100_000,
            allocations_per_user_max: 100_000,
            policy: Policy {
                allow: vec!["127.0.0.0/8".parse()?],
                deny: vec![],
            },
            ..Rules::default()
        },
        udp: vec![address],
        tcp: vec![address],
        ..Config::default()
    };
    let relay = Relay::start(&config, Arc::new(SharedSecrets::new([SECRET])))?;
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    drop(relay);
    Ok(())
}

/// The forwarder, until it is ended.
pub(crate) fn forwarder(address: SocketAddr, peer: SocketAddr) -> Result<()> {
    holdspace_turn::forward(UdpSocket::bind(address)?, peer)?;
    Ok(())
}

/// As many descriptors as the system lets us have: an allocation takes one.
pub(crate) fn raise_descriptors() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let wanted = hard.max(65_536);
        if setrlimit(Resource::RLIMIT_NOFILE, wanted, wanted).is_err() {
            let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
        }
    }
}
