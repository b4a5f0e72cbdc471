//! `cargo +nightly fuzz run websocket_frames fuzz/corpus/websocket_frames fuzz/seeds/websocket_frames`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| holdspace_socketio::fuzzing::websocket_frames(data));
