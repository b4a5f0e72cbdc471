//! A bounded run of the fuzz targets over their seeds and over what random changes make of them.
use std::path::Path;

use holdspace_socketio::fuzzing;

const ROUNDS: u32 = 20_000;

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        const INTERESTING: &[u8] =
            b"\"\\[]{},:/-+.eE0123456789b\x00\x1e\x1f\x20\x7e\x7f\x80\x81\x88\x89\xfe\xff\xed";
        INTERESTING[self.below(INTERESTING.len())]
    }

    fn change(&mut self, data: &mut Vec<u8>) {
        let at = self.below(data.len() + 1);
        match self.below(5) {
            0 => data.insert(at, self.byte()),
            1 if at < data.len() => data[at] = self.byte(),
            2 if at < data.len() => data[at] ^= 1 << self.below(8),
            3 if at < data.len() => drop(data.remove(at)),
            _ => {
                let end = (at + self.below(8)).min(data.len());
                let part = data[at..end].to_vec();
                let to = self.below(data.len() + 1);
                data.splice(to..to, part);
            }
        }
    }
}

fn run(name: &str, target: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(name);
    let mut paths: Vec<_> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let seeds: Vec<_> = paths
        .into_iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    for seed in &seeds {
        target(seed);
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..ROUNDS {
        let mut data = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            random.change(&mut data);
        }
        target(&data);
    }
}

#[test]
fn engine_payloads() {
    run("engine_payload", fuzzing::engine_payload);
}

#[test]
fn socket_packets() {
    run("socket_packet", fuzzing::socket_packet);
}

#[test]
fn websocket_frames() {
    run("websocket_frames", fuzzing::websocket_frames);
}
