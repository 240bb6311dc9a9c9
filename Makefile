# make run    train and evaluate side by side, in a virtual environment made for it
# make test   the whole test suite
# make torture  the reliability tests at their full settings, an hour and a quarter; TESTS chooses some of them
# make bench  the measurements of docs/performance.md; Keras and PyTorch take part if they are installed
# make lint   ruff and mypy
# make dist   the source archive and the wheel in dist/, both checked, the wheel tried in an environment of its own
# PYTHON chooses the interpreter of the virtual environment: make run PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STEPS ?= 300
BENCH ?=
TESTS ?= tests/reliability

.PHONY: run test torture bench lint dist clean

run: $(VENV)/installed
	@dataset=mnist; directory=checkpoints/first-run; \
	$(BIN)/lowlevel-cnn data mnist || { \
		code=$$?; [ $$code -eq 2 ] || exit $$code; \
		dataset=drawn-digits; directory=checkpoints/first-run-on-drawn-digits; \
		echo "*** MNIST IS NOT THERE: TRAINING ON DRAWN DIGITS INSTEAD. THE ACCURACY BELOW IS NOT ONE ON MNIST. ***"; }; \
	$(BIN)/lowlevel-cnn run --model book-lenet-99 --dataset $$dataset --checkpoint-dir $$directory \
		--steps $(STEPS) --save-every 100 --all --interval-secs 0.2

test: $(VENV)/installed-test
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --durations 10

torture: $(VENV)/installed-test
	LOWLEVEL_CNN_TORTURE=docs/reliability.md $(BIN)/python -m pytest $(TESTS)

bench: $(VENV)/installed-plots
	$(BIN)/python -m benchmarks $(BENCH)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Without the dependencies, which take far longer than all the rest: these two commands promise to need none.
dist: $(VENV)/installed-dev
	rm -rf dist
	$(BIN)/python -m build --quiet
	$(BIN)/python -m twine check --strict dist/*
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(BIN)/python -m venv "$$fresh"; \
	"$$fresh"/bin/python -m pip install --quiet --no-deps dist/*.whl; \
	cd "$$fresh"; unset PYTHONPATH; \
	bin/lowlevel-cnn --help; \
	bin/lowlevel-cnn models

# One virtual environment; the extras are installed when they are first wanted, and again when setup.cfg changes.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-%: $(VENV)/bin/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
