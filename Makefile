# `make run` and `make test` are all that a new checkout needs; both set up their environment.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check migration requirements clean

run: .venv/installed
	$(BIN)/python -m tests.local_run

test: .venv/installed
	$(BIN)/pytest

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# make migration NAME=what_changes
migration: .venv/installed
	$(BIN)/python -m userreg.migrate $(NAME)

# Pinned with hashes, without the address of any index.
requirements:
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url \
		--no-annotate --quiet --custom-compile-command "make requirements" -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
		--no-emit-index-url --no-annotate --quiet --constraint requirements.txt \
		--custom-compile-command "make requirements" -o requirements-dev.txt

.venv/installed: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
