//! `cargo +nightly fuzz run core fuzz/corpus/core fuzz/seeds/core`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| holdspace_turn::fuzzing::core(data));
