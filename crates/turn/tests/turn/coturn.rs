//! Coturn's client against this relay: what somebody else has read in the RFCs.
use std::net::{IpAddr, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use holdspace_turn::{Count, Path, Transport};

use crate::live::{Live, PATHS};

/// A peer that sends back what it gets at an even port and at the next, until it is dropped.
struct Echo {
    port: u16,
    is_over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Echo {
    fn start(ip: IpAddr) -> Self {
        let sockets = pair(ip);
        let port = sockets[0].local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let threads = sockets
            .into_iter()
            .map(|socket| {
                let over = is_over.clone();
                thread::spawn(move || echo(&socket, &over))
            })
            .collect();
        Self {
            port,
            is_over,
            threads,
        }
    }
}

fn pair(ip: IpAddr) -> [UdpSocket; 2] {
    for _ in 0..100 {
        let first = UdpSocket::bind((ip, 0)).unwrap();
        let port = first.local_addr().unwrap().port();
        if port.is_multiple_of(2)
            && let Ok(second) = UdpSocket::bind((ip, port + 1))
        {
            return [first, second];
        }
    }
    panic!("no pair of ports is free");
}

fn echo(socket: &UdpSocket, is_over: &AtomicBool) {
    socket
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let mut buffer = vec![0; 65_536];
    while !is_over.load(Ordering::Relaxed) {
        if let Ok((bytes, from)) = socket.recv_from(&mut buffer) {
            socket.send_to(&buffer[..bytes], from).unwrap();
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

/// The client as Alice, for so many seconds at most.
fn uclient(seconds: u32, port: u16) -> Command {
    let mut command = Command::new("timeout");
    command
        .args([&seconds.to_string(), "turnutils_uclient"])
        .args(["-u", "alice", "-w", "secret", "-p", &port.to_string()]);
    command
}

/// Runs the client with two sessions of 20 messages; nothing may be lost.
fn run(live: &Live, transport: Transport, is_ipv6: bool, flags: &[&str]) {
    let addresses = live.relay.addresses();
    let index = usize::from(is_ipv6);
    let (to, kind): (_, &[&str]) = match transport {
        Transport::Udp => (addresses.udp[index], &[]),
        Transport::Tcp => (addresses.tcp[index], &["-t"]),
        Transport::Tls => (addresses.tls[index], &["-t", "-S"]),
    };
    let echo = Echo::start(to.ip());
    let output = uclient(60, to.port())
        .args(["-n", "20", "-m", "2", "-z", "1"])
        .args([
            "-l",
            "1000",
            "-r",
            &echo.port.to_string(),
            "-e",
            &to.ip().to_string(),
        ])
        .args(kind)
        .args(if is_ipv6 { &["-x"][..] } else { &[] })
        .args(flags)
        .arg(to.ip().to_string())
        .output()
        .expect("turnutils_uclient, of the package coturn");
    let text = String::from_utf8_lossy(&output.stdout);
    let is_whole = (text.lines().rev())
        .find(|line| line.contains("Total lost packets"))
        .is_some_and(|line| line.contains("Total lost packets 0 "));
    assert!(
        output.status.success() && is_whole,
        "{} {transport:?} {is_ipv6} {flags:?}: {}\n{text}\n{}\n{:?}",
        live.relay.features(),
        output.status,
        String::from_utf8_lossy(&output.stderr),
        live.relay.counters(),
    );
}

/// Runs several clients at the same time: each takes seconds, most of them waiting.
fn run_all(live: &Live, runs: &[(Transport, bool, &[&str])]) {
    thread::scope(|scope| {
        for &(transport, is_ipv6, flags) in runs {
            scope.spawn(move || run(live, transport, is_ipv6, flags));
        }
    });
}

#[test]
fn every_transport_and_family_carries_its_channels_and_sends() {
    for path in PATHS {
        let live = Live::start(path);
        let mut runs: Vec<(Transport, bool, &[&str])> = Vec::new();
        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
            for is_ipv6 in [false, true] {
                runs.push((transport, is_ipv6, &["-c"]));
                runs.push((transport, is_ipv6, &["-c", "-s"]));
            }
        }
        run_all(&live, &runs);
        assert!(live.relay.counters().get(Count::SentPackets) >= 12 * 40);
    }
}

/// At the same time, since all of them wait most of it.
fn on_every_path(test: impl Fn(Path) + Sync) {
    thread::scope(|scope| {
        for path in PATHS {
            let test = &test;
            scope.spawn(move || test(path));
        }
    });
}

#[test]
fn pairs_of_ports_and_whole_datagrams_are_given() {
    on_every_path(|path| {
        let live = Live::start(path);
        // With RTCP the client asks for an even port and claims the next by its token.
        run_all(
            &live,
            &[
                (Transport::Udp, false, &[]),
                (Transport::Udp, false, &["-c", "-s", "-g"]),
                (Transport::Udp, false, &["-c", "-D"]),
                (Transport::Tcp, false, &["-c", "-G"]),
            ],
        );
    });
}

#[test]
fn its_clients_meet_through_the_relay() {
    on_every_path(|path| {
        let live = Live::with(|config| {
            config.path = path;
            config.shards = 2;
        });
        run_all(
            &live,
            &[
                (Transport::Udp, false, &["-y", "-c"]),
                (Transport::Udp, true, &["-y", "-c", "-s"]),
                (Transport::Tls, false, &["-y", "-c"]),
            ],
        );
    });
}

#[test]
fn its_negative_tests_do_no_harm() {
    on_every_path(|path| {
        let live = Live::start(path);
        let to = live.relay.addresses().udp[0];
        for flags in [["-N"], ["-R"]] {
            // What it sends is nonsense on purpose; how it ends does not matter.
            drop(
                uclient(20, to.port())
                    .args(["-n", "5", "-c", "-e", "127.0.0.1"])
                    .args(flags)
                    .arg(to.ip().to_string())
                    .output()
                    .expect("turnutils_uclient"),
            );
        }
        run(&live, Transport::Udp, false, &["-c"]);
    });
}
