# demo, run, test, check, bench, docs: no more.
PYTHON ?= python3
PORT ?= 8000
BIN = .venv/bin

.PHONY: demo run test check bench docs
demo: .venv/ready
	$(BIN)/hatangso demo --port $(PORT)

run: .venv/ready
	$(BIN)/hatangso serve --port $(PORT)

test: .venv/ready
	tools/test

check: .venv/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports && $(BIN)/mypy

bench: .venv/ready
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: .venv/ready
	$(BIN)/python tools/print_methods

.venv/ready: requirements.lock pyproject.toml tools/environment
	tools/environment $(PYTHON)
