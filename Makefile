# `make run`, `make example`, `make test`, `make bench`, `make fmt`. Everything else is a step of these.

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
TOOLS := .venv
PAGE := web/call/dist/index.html
PAGE_SOURCES := $(shell find web/client web/call -name node_modules -prune -o -name dist -prune -o -type f -print)

.PHONY: run example test bench bench-turn fmt set-up-build set-up-test set-up-bench lint test-rust test-web test-browsers

# A development build: the newcomer waits half as long for it, and two people do not notice.
run: set-up-build $(PAGE)
	cargo build --bin holdspace
	$(CARGO_TARGET_DIR)/debug/holdspace demo

# A platform that books visits and embeds them in its own page.
example: set-up-build $(PAGE)
	cargo build --bin holdspace
	HOLDSPACE_BIN=$(CARGO_TARGET_DIR)/debug/holdspace npm --prefix examples/platform start

test: set-up-test lint test-rust test-web test-browsers

bench: set-up-bench $(PAGE)
	scripts/bench.sh --write docs/benchmarks.md

# The relay beside coturn and a bare forwarder.
bench-turn: set-up-test
	cargo build --release --locked -p holdspace-bench-turn
	$(CARGO_TARGET_DIR)/release/holdspace-bench-turn --write docs/benchmarks.md

# Every screen of the page into docs/pictures, to be looked at.
screenshots: set-up-test $(PAGE)
	cargo build --locked --bin holdspace
	HOLDSPACE_BIN=$(CARGO_TARGET_DIR)/debug/holdspace node web/e2e/picture/screens.js

fmt:
	cargo fmt --all

lint: $(PAGE) $(TOOLS)/bin/typos
	cargo fmt --all --check
	$(TOOLS)/bin/typos
	cargo clippy --workspace --all-targets --locked -- -D warnings

# The page comes first: the binary carries it.
test-rust: $(PAGE)
	cargo test --workspace --locked

test-web: web/node_modules/.package-lock.json
	npm --prefix web run check
	npm --prefix web test

test-browsers: test-rust $(PAGE)
	cargo build --locked --bin holdspace
	HOLDSPACE_BIN=$(CARGO_TARGET_DIR)/debug/holdspace npm --prefix web run e2e

set-up-build:
	scripts/set-up.sh build

set-up-test:
	scripts/set-up.sh test

set-up-bench:
	scripts/set-up.sh bench

$(PAGE): web/node_modules/.package-lock.json $(PAGE_SOURCES)
	npm --prefix web run build
	touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	npm --prefix web ci --loglevel=error
	touch $@

$(TOOLS)/bin/typos: scripts/requirements.txt
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement scripts/requirements.txt
	touch $@
