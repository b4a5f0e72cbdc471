//! `cargo +nightly fuzz run engine_payload fuzz/corpus/engine_payload fuzz/seeds/engine_payload`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| holdspace_socketio::fuzzing::engine_payload(data));
