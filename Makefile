# cautery: `make demo` shows it at work, `make test` runs every check.
# A machine needs Python 3.11 or newer (with its venv module) and make; nothing else.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
# Where pip looks is the machine's own affair (PIP_INDEX_URL, pip.conf); what it takes is pinned here.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt
DEV_STAMP := $(VENV)/.installed-dev
# The developers' environment runs the demo as well; without it the demo installs the bare package.
DEMO_STAMP := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),$(VENV)/.installed)
SOURCES := $(shell find src -name '*.py' -o -path '*/data/*' -type f)

.PHONY: help demo test engines coverage check-python format lint types imports docs check-docs unit fuzz benchmark nightly peers gateways lock clean

help:
	@echo 'make demo       install cautery into $(VENV) and run it on generated traffic'
	@echo 'make test       install everything into $(VENV) and run every check'
	@echo 'make format     let ruff format the sources'
	@echo 'make unit       the tests without the slow ones'
	@echo 'make docs       regenerate the reference pages and build the documentation'
	@echo 'make engines    install PyTorch and transformers, which some tests want'
	@echo 'make coverage   the tests, and which lines they run'
	@echo 'make fuzz       long random input for every reader'
	@echo 'make benchmark  speed, memory and detection figures'
	@echo 'make nightly    what takes hours on one processor: the neural student laboratory'
	@echo 'make peers      install the programs that the benchmark compares with'
	@echo 'make gateways   install LiteLLM, which the tests of its plug-in and the benchmark want'
	@echo 'make lock       refresh uv.lock and .ci/constraints.txt'

demo: $(DEMO_STAMP)
	$(BIN)/cautery demo

test: $(DEV_STAMP)
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target lint types imports check-docs
	@echo '== tests'
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadscope

# Goes on where it stopped; seeds that are done are kept in .nightly.
nightly: engines
	@mkdir -p .nightly
	$(BIN)/python benchmarks/resist_neural.py table --keep .nightly/resist-neural.jsonl
	$(BIN)/python benchmarks/resist_text.py table

# What the adapters of inference/ are tested in; without it those tests skip and say what they want.
# Not in the lock: PyPI's PyTorch for Linux brings gigabytes for graphics cards.
engines: $(DEV_STAMP)
	@$(BIN)/python -c 'import torch, transformers' 2>/dev/null || \
	  $(PIP_INSTALL) 'torch==2.13.0' 'transformers>=5.23,<6'

# Apart from the tests: what is measured runs half as fast again.
coverage: $(DEV_STAMP)
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadscope --cov --cov-report=term

check-python:
	@test -n '$(PYTHON)' || { echo 'cautery needs Python 3.11 or newer; set PYTHON=/path/to/python'; exit 1; }

# A stamp rather than the interpreter: an environment that was left half made is made again.
$(VENV)/.environment: | check-python
	@$(PYTHON) -m venv $(VENV) || { echo 'Cannot create an environment: on Debian, apt install python3-venv'; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@touch $@

$(VENV)/.installed: pyproject.toml .ci/constraints.txt $(SOURCES) | $(VENV)/.environment
	@echo '== installing cautery into $(VENV)'
	@$(PIP_INSTALL) .
	@touch $@

$(DEV_STAMP): pyproject.toml .ci/constraints.txt | $(VENV)/.environment
	@echo '== installing cautery and what its checks need into $(VENV)'
	@$(PIP_INSTALL) --editable . --group dev
	@touch $@

format: $(DEV_STAMP)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: $(DEV_STAMP)
	@echo '== format'
	$(BIN)/ruff format --check
	@echo '== lint'
	$(BIN)/ruff check

types: $(DEV_STAMP)
	@echo '== types'
	$(BIN)/mypy --strict

imports: $(DEV_STAMP)
	@echo '== imports'
	$(BIN)/lint-imports

docs: $(DEV_STAMP)
	$(BIN)/python tools/generate_docs.py
	NO_COLOR=1 $(BIN)/zensical build --clean --strict

check-docs: $(DEV_STAMP)
	@echo '== documentation'
	$(BIN)/python tools/generate_docs.py --check
	NO_COLOR=1 $(BIN)/zensical build --clean --strict

unit: $(DEV_STAMP)
	$(BIN)/python -m pytest --numprocesses=auto -m 'not slow'

fuzz: $(DEV_STAMP)
	$(BIN)/python -m pytest tests/ingest tests/report tests/policy tests/cli -m 'not slow' --hypothesis-profile=fuzz

benchmark: $(DEV_STAMP)
	$(BIN)/python -m benchmarks

# Other people's programs, apart from ours: they bring web frameworks along.
peers: | check-python
	$(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet 'pip>=25.1'
	.peers/bin/python -m pip install --quiet --group peers

# LiteLLM, apart from ours and from the lock: what it pins clashes with what we need. Tests of the plug-in
# run it with our sources on its path, and skip where it is not; the benchmark of the guard compares with it.
gateways: .gateways/.installed

.gateways/.installed: .ci/gateways.txt | check-python
	@echo '== installing LiteLLM into .gateways'
	@$(PYTHON) -m venv .gateways
	@.gateways/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@.gateways/bin/python -m pip install --quiet --disable-pip-version-check --requirement .ci/gateways.txt
	@touch $@

lock: $(DEV_STAMP)
	$(BIN)/uv lock --default-index https://pypi.org/simple
	$(BIN)/uv export --frozen --quiet --group dev --no-hashes --no-emit-project --no-header \
	  --no-annotate --output-file .ci/constraints.txt

clean:
	rm -rf site build dist cautery-demo .coverage* htmlcov .mypy_cache .ruff_cache .pytest_cache
