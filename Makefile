# The verbs of a contributor. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROFILE ?= quick
DEMO := gamayun-demo
READERS ?= megatron datatrove olmo litdata mds datasets croissant
CORE_SOURCES := Cargo.toml Cargo.lock $(shell find rust -type f -not -path '*/benches/*' -not -path '*/tests/*' -not -path '*/examples/*')

# PyO3 and maturin must agree on the interpreter, or each would rebuild the other's work.
export PYO3_PYTHON := $(abspath $(BIN))/python
export PYO3_BUILD_EXTENSION_MODULE := 1

.PHONY: help setup demo test quick lint format types cargo-test pytest faults readers parity bench docs wheel clean

help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1 \t\2/' | expand -t 20

# --- set up -------------------------------------------------------------------------------------

$(VENV)/made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install -q pip; }
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/dependencies: $(VENV)/made pyproject.toml
	$(BIN)/python -m pip install -q --group dev
	@touch $@

# --skip-install would leave no entry point; an editable install makes the Python sources live.
$(VENV)/core-$(PROFILE): $(VENV)/dependencies $(CORE_SOURCES)
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --locked --profile $(PROFILE)
	@rm -f $(VENV)/core-* && touch $@

setup: $(VENV)/core-$(PROFILE) ## make .venv, install the tools, build the extension module

demo: setup ## run the main job on the bundled sample
	rm -rf $(DEMO)
	$(BIN)/gamayun-data curate --sample --output $(DEMO)
	$(BIN)/gamayun-data verify $(DEMO)
	@echo "the run is in $(DEMO)/: see selection/, tokenizer/, shards/, manifests/ and rejected.jsonl"

# --- check --------------------------------------------------------------------------------------

test: lint types cargo-test pytest ## everything: lints, types, cargo, doctests, pytest

quick: setup ## the fast part of the Python tests
	$(BIN)/pytest -q -m 'not slow'

lint: setup ## formatters and linters, warnings refused
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --profile $(PROFILE) -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: setup ## let the formatters rewrite the sources
	cargo fmt --all
	$(BIN)/ruff format

types: setup ## mypy, and the stub of the core against the built module
	$(BIN)/mypy
	MYPYPATH=python $(BIN)/python -m mypy.stubtest gamayun_data._core

cargo-test: setup ## tests of the crates, doctests too
	if cargo nextest --version >/dev/null 2>&1; \
	then cargo nextest run --locked --workspace --cargo-profile $(PROFILE); \
	else cargo test --locked --workspace --tests --lib --profile $(PROFILE); fi
	cargo test --locked --workspace --doc --profile $(PROFILE)

pytest: setup ## tests of the package: unit, property, command line, integration, docs
	$(BIN)/pytest -q

faults: setup ## a thousand seeded faults: `verify` must name every one (half an hour)
	$(BIN)/python -m tests.faults.seeded --count 1000

readers: setup ## let the trainers' own readers read exports; makes an environment of each (several GB)
	rm -rf target/readers/exports
	$(BIN)/python benches/readers/make.py target/readers/exports
	for reader in $(READERS); do \
		home=target/readers/$$reader; \
		[ -e $$home/made ] || { $(PYTHON) -m venv $$home \
			&& $$home/bin/pip install -q -r benches/readers/requirements-$$reader.txt && touch $$home/made; } || exit 1; \
		$$home/bin/python benches/readers/read.py $$reader target/readers/exports || exit 1; \
	done

parity: ## docs/parity.md: our verdicts beside datatrove's (needs CORPUS, BAD_WORDS, DUMP, DATATROVE_PYTHON; hours)
	cargo build --locked --release -p gamayun-quality --example parity
	$(DATATROVE_PYTHON) benches/peers/rules_parity_dump.py --corpus $(CORPUS) --bad-words $(BAD_WORDS) --out $(DUMP)
	$(DATATROVE_PYTHON) benches/peers/rules_parity.py table $(DUMP) --bad-words $(BAD_WORDS) -o docs/parity.md

bench: setup ## engine benches (criterion) and the main job end to end
	cargo bench --locked --workspace --benches
	for script in benches/python/bench_*.py; do [ ! -e $$script ] || $(BIN)/python $$script; done

# --- make ---------------------------------------------------------------------------------------

docs: setup ## build the documentation into site/, links checked
	$(BIN)/python -m pip install -q --group docs
	$(BIN)/mkdocs build --strict --quiet

wheel: $(VENV)/dependencies ## build the release wheel into dist/
	$(BIN)/maturin build --locked --release --out dist

clean: ## remove everything that was built
	rm -rf target $(VENV) dist site $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find python -name '*.so' -delete
