# Pegasus: the front door. `make` alone lists the targets.

.DEFAULT_GOAL := help
PY := .venv/bin/python
PYTEST = $(PY) -m pytest -n $(or $(JOBS),4)
HOME_FOLDER := $(or $(PEGASUS_HOME),.pegasus)

.PHONY: help demo up down app test-app test-app-browser test-app-selection test test-unit test-slow test-selection test-races test-all lint format lock package migrate chaos eval bench bench-speech bench-exports bench-generation bench-api clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/local  ## one spoken lecture through the whole product; LECTURE= COURSE= PRESET= choose
	@$(PY) -m scripts.demo

up: .venv/local  ## the whole product on 127.0.0.1 until Ctrl-C; PORT= moves it, AUTH=1 asks users to sign in, APP=0 builds no app
	@$(if $(filter 0,$(APP)),,$(PY) -m scripts.web_app --if-missing)
	@$(PY) -m scripts.local

app:  ## build the app's web files, which the API serves at /app/ (Node 20 or newer)
	@$(or $(wildcard $(PY)),python3) -m scripts.web_app

test-app:  ## the app's types, style and unit tests (after make app, or npm ci in mobile)
	@cd mobile && npm run --silent check

down:  ## end everything that belongs to the folder PEGASUS_HOME (.pegasus)
	@$(or $(wildcard $(PY)),python3) -m scripts.local.down

test-app-browser: .venv/all  ## the app in Chromium against a whole Pegasus (after make app)
	@cd mobile && npm run --silent e2e

test-app-selection: .venv/all  ## those tests in Chromium that CI runs on every commit
	@cd mobile && npm run --silent e2e:selection

test: .venv/all  ## what must hold, slow tests left out; JOBS= at once, ARGS= for pytest
	@$(PYTEST) -m "not slow" $(ARGS)

test-unit: JOBS := $(or $(JOBS),2)
test-unit: .venv/all  ## the quick tests that need no other process
	@$(PYTEST) -m "not slow and not heavy" tests/unit $(ARGS)

test-slow: .venv/all  ## storms, drills, long recordings, each property of Terraform broken
	@$(PYTEST) -m slow $(ARGS)

test-selection: .venv/all  ## the slow tests that CI runs on every commit
	@$(PYTEST) -m selection $(ARGS)

test-races: .venv/all  ## each pair of writes to one lecture at the same moment, which CI runs as well
	@$(PYTEST) -m races $(ARGS)

test-all: .venv/all  ## everything: before a release, and every week
	@$(PYTEST) $(ARGS)

lint: .venv/all  ## formatting, style, types, import rules, licences, shell scripts
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(PY) -m scripts.document_settings --check
	@$(PY) -m scripts.document_api --check
	@$(PY) -m scripts.document_schemas --check
	@$(PY) -m scripts.document_data --check
	@$(PY) -m scripts.licences
	@PATH=.venv/bin:$$PATH shellcheck .ci/run $$(grep -d skip -lE '^#!.*\b(ba)?sh$$' scripts/*)

format: .venv/all  ## let ruff put the code in order
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

package: .venv/all  ## build/STAGE.zip for each stage, what is deployed; APP=0 leaves the app out
	@$(PY) -m scripts.package $(if $(filter 0,$(APP)),--without-app)

migrate: .venv/local  ## bring the database of DATABASE_URL to this code's schema
	@scripts/migrate up

chaos: .venv/all  ## thousands of faults over hundreds of lectures; LECTURES= FAULTS= SEED= choose
	@$(PY) -m tests.chaos.run --lectures $(or $(LECTURES),500) --faults $(or $(FAULTS),10000) \
		--seed $(or $(SEED),20)

bench: .venv/all  ## a long recording through the whole stack: time, memory; MINUTES= chooses
	@$(PY) -m tests.benchmarks.long_lecture $(MINUTES)

bench-speech: .venv/all  ## speech beside faster-whisper on the whole file; MINUTES= ROUNDS= choose
	@$(PY) -m tests.benchmarks.speech --minutes $(or $(MINUTES),60) --rounds $(or $(ROUNDS),3)

bench-exports: .venv/all  ## every file of an hour's lecture: time and memory
	@$(PY) -m tests.benchmarks.exports

bench-generation: .venv/all  ## lectures of up to three hours: memory, calls and cost of their material
	@$(PY) -m tests.benchmarks.long_generation

eval: .venv/all  ## how good the study material is, measured by judges of their own
	@$(PY) -m tests.evaluation
	@$(PY) -m tests.evaluation.hints

bench-api: .venv/all  ## the API under load beside a bare function; SECONDS= of a turn
	@$(PY) -m tests.benchmarks.api_load $(SECONDS)

lock:  ## pin the dependencies anew; scripts/lock --check compares
	@scripts/lock

clean: down  ## remove the virtual environment, caches and all of the local stack's data
	@! elsewhere=$$(cat "$(HOME_FOLDER)/postgres/elsewhere" 2>/dev/null) || rm -rf "$$elsewhere"
	rm -rf "$(HOME_FOLDER)" build .venv .venv-lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# PYTHON=/path/to/python chooses the interpreter (scripts/find-python).
.PHONY: .venv/local .venv/all
.venv/local:
	@scripts/setup scripts/local/requirements.txt

.venv/all:
	@scripts/setup requirements.lock
