# `make run` and `make test` are all that a new checkout needs; both set up their environment.

PYTHON ?= python3
BIN := .venv/bin
# Each has a PostgreSQL of its own; of three on two cores one waits for something now and then.
SIDE_BY_SIDE := --numprocesses=3 --dist=worksteal

.PHONY: run test test-long test-browser test-bench test-ship test-image test-replicas bench \
	bench-django bench-growth bench-memory bench-replicas screenshots check migration data-model requirements clean

run: .venv/installed
	$(BIN)/python -m tests.local_run

test: .venv/installed
	$(BIN)/pytest $(SIDE_BY_SIDE)

# The proof against the model of Telegram, with 10,000 histories for each engine (about half an hour).
test-long: .venv/installed
	HISTORIES=10000 $(BIN)/pytest $(SIDE_BY_SIDE) -o faulthandler_timeout=0 tests/test_world.py

# That the benchmarks run to their end (two minutes).
test-bench: .venv/installed
	$(BIN)/pytest -m bench $(SIDE_BY_SIDE) tests/test_bench.py tests/test_bench_rows.py

# Pages in Chromium: what is seen, what runs, what a screen reader is told (two minutes).
test-browser: .venv/installed
	$(BIN)/pytest -m browser $(SIDE_BY_SIDE)

# The longer tests of how it is deployed (a minute).
test-ship: .venv/installed
	$(BIN)/pytest -m ship $(SIDE_BY_SIDE)

# The container image, built and run; skipped where neither docker nor podman works (two minutes).
test-image: .venv/installed
	$(BIN)/pytest -o faulthandler_timeout=0 -m image tests/test_image.py

# Three replicas behind HAProxy and nginx, with PgBouncer and a standby (two minutes; more on a
# busy machine). As root on Debian it installs what is missing, else it says what that is.
test-replicas: .venv/installed
	@missing=; for program in haproxy pgbouncer nginx openssl; do \
		PATH="$$PATH:/usr/sbin:/sbin" command -v $$program >/dev/null || missing="$$missing $$program"; \
	done; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; \
		else \
			echo "Install first:$$missing (Debian: sudo apt-get install$$missing)."; exit 1; \
		fi; \
	fi
	$(BIN)/pytest -s -m replicas tests/test_replicas.py

# The tables in docs/performance.md, on a machine that does nothing else: a quarter of an hour,
# and about as long for memory and for replicas, which take a million updates each.
bench: .venv/installed
	$(BIN)/python -m bench --write

# With a row for Django, which is installed into an environment of its own.
bench-django: .venv/installed .venv-django/installed
	$(BIN)/python -m bench --write --django .venv-django/bin/python

bench-memory: .venv/installed
	$(BIN)/python -m bench.memory --write

bench-replicas: .venv/installed
	$(BIN)/python -m bench.replicas --write

# The tables of a large registry there (half an hour, 20 GB of disk, 4 GB of memory).
bench-growth: .venv/installed
	$(BIN)/python -m bench.growth --write

# The pictures in docs/, of the running demo. Needs Chromium. `make screenshots INTO=folder` takes every
# page for administrators instead: light and dark, desk and telephone.
screenshots: .venv/installed
	$(BIN)/python -m tests.screenshots $(INTO)

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# make migration NAME=what_changes
migration: .venv/installed
	$(BIN)/python -m userreg.migrate $(NAME)

# Needs Graphviz.
docs/architecture.svg: docs/architecture.dot
	dot -Tsvg $< -o $@

# docs/data-model.md, of the models.
data-model: .venv/installed
	$(BIN)/python -m tests.data_model

# Pinned with hashes, without the address of any index.
requirements:
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url \
		--no-annotate --quiet --custom-compile-command "make requirements" -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
		--no-emit-index-url --no-annotate --quiet --constraint requirements.txt \
		--custom-compile-command "make requirements" -o requirements-dev.txt
	$(BIN)/uv pip compile bench/requirements-django.in --universal --python-version 3.12 \
		--generate-hashes --no-emit-index-url --no-annotate --quiet --constraint requirements.txt \
		--custom-compile-command "make requirements" -o bench/requirements-django.txt

.venv/installed: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	@echo "Installing the packages into .venv: about a minute …"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

.venv-django/installed: bench/requirements-django.txt
	$(PYTHON) -m venv .venv-django
	.venv-django/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r bench/requirements-django.txt
	touch $@

clean:
	rm -rf .venv .venv-django .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
