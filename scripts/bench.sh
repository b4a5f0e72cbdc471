#!/usr/bin/env bash
# Builds what `make bench` measures and measures it: the server as it is shipped, the runner, the Node peer's packages.
# Arguments go to the runner, as in `scripts/bench.sh --only relay,can-join --rounds 3`.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

# Two builds: in one, Cargo would give the server the runner's features too.
cargo build --release --locked -p holdspace
cargo build --release --locked -p holdspace-bench

peer=bench/node-peer
installed=$peer/node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ "$peer/package-lock.json" -nt "$installed" ]; then
  # Takes minutes where better-sqlite3 has no binary to download and is compiled, which needs g++, make and python3.
  npm --prefix "$peer" ci --loglevel=error
  touch "$installed"
fi

"$CARGO_TARGET_DIR/release/holdspace-bench" "$@"
