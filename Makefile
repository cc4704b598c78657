PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two for each core: many tests wait for processes.
WORKERS ?= $(shell expr 2 \* $$(nproc 2>/dev/null || echo 2))

.PHONY: demo test chaos lint audit install install-dev lock clean

demo: $(VENV)/.run
	@$(BIN)/python -m aianime_pipeline.demo

test: $(VENV)/.dev
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# The proofs of resilience in their longer form: hours of faults in some minutes.
chaos: $(VENV)/.dev
	CHAOS=1 $(BIN)/pytest -n $(WORKERS) -m resilience
	CHAOS=1 $(BIN)/pytest -n $(WORKERS) tests/api/test_schema.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Known vulnerabilities of the packages in the lock files.
audit: $(VENV)/.dev
	@.ci/audit

install: $(VENV)/.run
install-dev: $(VENV)/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

# Needs uv. The lock files hold names, versions and hashes; no address.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header --quiet
lock:
	$(LOCK) --extra voice --extra oidc --extra build --extra dev pyproject.toml -o requirements/dev.lock.txt
	$(LOCK) --extra voice --extra oidc --extra build --constraint requirements/dev.lock.txt pyproject.toml -o requirements/run.lock.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
