# Two targets do everything on a fresh machine with Python >= 3.11 and make: `make demo` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PROGRAM  := $(VENV)/.program
WORKSHOP := $(VENV)/.workshop

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Each lock file is its own constraint too: without it pip takes the newest release for a package that another one
# asks for with an extra, and then refuses it for having no hash.
LOCKED = $(PIP) --require-hashes --requirement $(1) --constraint $(1)

.PHONY: help demo test cover lint bench docs package clean lock

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(PROGRAM): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "harness needs Python >= 3.11; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(call LOCKED,requirements.lock)
	$(PIP) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q harness_cli
	@touch $(PROGRAM)

$(WORKSHOP): $(PROGRAM) requirements-dev.lock
	$(call LOCKED,requirements-dev.lock)
	@touch $(WORKSHOP)

demo: $(PROGRAM) ## a real review on the embedded stand-ins
	$(BIN)/harness run --sandbox --env dev --ticket SEC-12 --exit-zero

test: $(WORKSHOP) ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist worksteal

cover: $(WORKSHOP) ## every branch of policy, audit and approval is tested
	$(BIN)/python -m pytest -n 2 -q --cov=harness_cli.audit --cov=harness_cli.approval --cov=harness_cli.policy \
		--cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100 \
		tests/unit/audit tests/unit/approval tests/unit/policy tests/unit/connectors/aws tests/attack

lint: $(WORKSHOP) ## ruff, mypy, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(WORKSHOP) ## every figure beside a rival, with its goal; a few minutes
	$(BIN)/python -m benchmarks

docs: $(WORKSHOP) ## write the pages of checks and rules again
	HARNESS_GOLDEN=write $(BIN)/python -m pytest -q tests/unit/render/test_checks_page.py tests/unit/render/test_rules_page.py

package: $(WORKSHOP) ## wheel and sdist in dist/
	$(BIN)/python -m hatchling build

lock: ## write the lock files again (needs uv)
	uv pip compile $(COMPILE) --group build --extra sandbox pyproject.toml --output-file requirements.lock
	uv pip compile $(COMPILE) --group dev --extra sandbox --constraint requirements.lock pyproject.toml \
		--output-file requirements-dev.lock

COMPILE := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

clean: ## remove what the targets made
	rm -rf $(VENV) .harness .coverage build dist .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
