#!/usr/bin/env bash
# Installs what the build (`build`), the tests (`test`) or the benchmarks (`bench`) lack, on Debian and Ubuntu. Does nothing when all is there.
set -euo pipefail

for tool in git make cargo node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "set-up: $tool is missing; please install it first (a stable Rust toolchain, Node.js 20 or later)" >&2
    exit 1
  fi
done
if [ "$(node -p 'parseInt(process.versions.node)')" -lt 20 ]; then
  echo "set-up: Node.js $(node --version) is too old; 20 or later is needed" >&2
  exit 1
fi

missing=()
# The TLS and SQLite libraries have parts in C.
command -v cc >/dev/null || missing+=(gcc libc6-dev)
if [ "${1:-build}" = bench ]; then
  # Where the Node peer's SQLite has no binary to download, it is compiled.
  command -v g++ >/dev/null || missing+=(g++)
fi
if [ "${1:-build}" != build ]; then
  command -v chromium >/dev/null || missing+=(chromium)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
fi
if [ "${1:-build}" = test ]; then
  # Networks with faults, made of namespaces; the relay in them, its certificate, and the other browser.
  command -v ip >/dev/null || missing+=(iproute2)
  command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
  command -v turnserver >/dev/null || missing+=(coturn)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v firefox-esr >/dev/null || missing+=(firefox-esr)
fi
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
fi
echo "set-up: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
