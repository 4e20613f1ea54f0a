# Everything a person or a machine does with this project; `make help` lists it.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8000
# One more than there are cores: a test that waits for a browser or another process leaves its core to the next.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# The first of these that is new enough; PYTHON=... chooses another.
SEARCH := python3 python3.13 python3.12 python3.11
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in $(SEARCH); do if $$name -c '$(FITS)' 2>/dev/null; then echo $$name; break; fi; done)
BOOTSTRAP = $(or $(PYTHON),$(error no Python 3.11 to 3.13 found: install one, or say make PYTHON=/path/to/python3)) -I config/bootstrap.py
export PORT
# Some machines set it; then every process started here would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check lock bench rows shots backup restore manage clean base dev
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: base ## the whole house on this machine, Ctrl-C to stop (PORT=8000, HOST, DATABASE_URL, FANGXIU_DEMO=0)
	@exec $(PY) -m config.run

test: dev ## every test, in parallel (ARGS="-k word", JOBS=3)
	@$(PY) -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

check: dev ## style, types, floors, templates, migrations, deployment, lock files
	@$(PY) -m config.check

lock: dev ## new lock files from requirements/*.in (needs uv)
	uv pip compile requirements/base.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --quiet --upgrade -o requirements/base.lock
	uv pip compile requirements/plan.in -c requirements/base.lock --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --upgrade -o requirements/plan.lock
	uv pip compile requirements/dev.in -c requirements/base.lock --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --upgrade -o requirements/dev.lock
	$(PY) -m config.locks stamp
	$(PY) -m config.locks check

bench: dev ## the benchmarks, one line per figure
	@$(PY) -m bench $(ARGS)

rows: dev ## every claimed requirement with the tests that prove it
	@$(PY) -m tests.rows

# Those that README.md shows; every page of the walks with TO=folder.
PICTURES := intake-filled-light review-light field-ticket-light field-plan-light owner-plan-light owner-acceptance-dark

shots: dev ## the pictures of README.md taken anew, or of every page of the walks with TO=folder
	@FANGXIU_SHOTS=$(or $(TO),docs/pictures) FANGXIU_SHOTS_ONLY="$(if $(TO),,$(PICTURES))" $(PY) -m pytest tests/walks $(ARGS)

backup: base ## database and files into one folder (TO=folder; default .data/backups)
	@$(PY) -m config.backup save $(TO)

restore: base ## a backup over the present database and files (FROM=folder)
	@$(PY) -m config.backup load $(FROM)

manage: base ## a management command on the local database (CMD="shell")
	@FANGXIU_MODE=$${FANGXIU_MODE:-local} $(if $(DATABASE_URL),,$(PY) -m config.embedded run) $(PY) manage.py $(CMD)

clean: ## all that was made here except the data in .data
	@if [ -x $(PY) ]; then $(PY) -m config.embedded stop >/dev/null; $(PY) -m config.embedded --test stop >/dev/null; fi
	rm -rf $(VENV) staticfiles test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

base:
	@$(BOOTSTRAP) base

dev:
	@$(BOOTSTRAP) dev
