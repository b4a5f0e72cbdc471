//! A bounded run of the fuzz target over its seeds and over what random changes make of them.
use std::path::Path;

use holdspace_turn::fuzzing;

/// More by hand: `HOLDSPACE_FUZZ_ROUNDS=10000000 cargo test --release -p holdspace-turn fuzz`, and others with another
/// `HOLDSPACE_FUZZ_SEED` than 0.
const ROUNDS: u64 = 4_000;

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
        const INTERESTING: &[u8] = &[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 18, 20, 22, 23, 24, 32, 64, 75, 127, 128, 255,
        ];
        INTERESTING[self.below(INTERESTING.len())]
    }

    /// Changes, drops or repeats some bytes.
    fn change(&mut self, data: &mut Vec<u8>) {
        let at = self.below(data.len() + 1);
        match self.below(6) {
            0 => data.insert(at, self.byte()),
            1 if at < data.len() => data[at] = self.byte(),
            2 if at < data.len() => data[at] ^= 1 << self.below(8),
            3 if at < data.len() => drop(data.remove(at)),
            _ => {
                let end = (at + self.below(24)).min(data.len());
                let part = data[at..end].to_vec();
                let to = self.below(data.len() + 1);
                data.splice(to..to, part);
            }
        }
    }
}

#[test]
fn the_core_keeps_its_promises_under_every_script() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/core");
    let mut paths: Vec<_> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths
        .into_iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    for seed in &seeds {
        fuzzing::core(seed);
    }
    let number = |name: &str, default| {
        std::env::var(name).map_or(default, |number| number.parse::<u64>().unwrap())
    };
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ number("HOLDSPACE_FUZZ_SEED", 0));
    for _ in 0..number("HOLDSPACE_FUZZ_ROUNDS", ROUNDS) {
        let mut data = seeds[random.below(seeds.len())].clone();
        if random.below(2) == 0 {
            data.extend(&seeds[random.below(seeds.len())]);
        }
        for _ in 0..=random.below(6) {
            random.change(&mut data);
        }
        fuzzing::core(&data);
    }
}
