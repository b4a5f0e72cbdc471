//! `cargo +nightly fuzz run socket_packet fuzz/corpus/socket_packet fuzz/seeds/socket_packet`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| holdspace_socketio::fuzzing::socket_packet(data));
