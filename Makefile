# Two targets do everything on a fresh machine with Python >= 3.11 and make: `make demo` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help demo test lint bench package clean lock

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "harness needs Python >= 3.11; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP) ## a real review on the embedded stand-ins
	$(BIN)/harness run --sandbox --env dev --ticket SEC-12 --exit-zero

test: $(STAMP) ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(STAMP) ## ruff, mypy, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## figures beside something named
	$(BIN)/python -m benchmarks

package: $(STAMP) ## wheel and sdist in dist/
	$(BIN)/python -m hatchling build

lock: ## write requirements.lock again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --group dev --extra sandbox \
		--no-header --no-annotate --no-emit-index-url --quiet pyproject.toml --output-file requirements.lock

clean: ## remove what the targets made
	rm -rf $(VENV) .harness build dist .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
