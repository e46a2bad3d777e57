PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PACKAGING := pyproject.toml requirements/run.txt requirements/test.txt

export YOLO_AUTOINSTALL = false
export YOLO_OFFLINE = true

.PHONY: demo test lint format clean system

demo: .venv/.run  ## checks samples/ and writes out/
	@$(BIN)/dresscode check samples --out out || [ $$? -eq 1 ]
	@$(BIN)/python tools/say_found.py out

test: .venv/.test  ## every test, training and export included
	$(BIN)/python -m pytest

lint: .venv/.lint  ## ruff, mypy, and the law of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv out runs dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

system:
	@$(PYTHON) tools/check_system.py

.venv/.made: | system
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.made $(PACKAGING)
	@echo "Installing the program …"
	@$(PIP) --constraint requirements/run.txt --editable .
	@touch $@

# Linting needs no torch, so it does not wait for the train extra's gigabytes.
.venv/.lint: .venv/.made $(PACKAGING)
	@echo "Installing the linters …"
	@$(PIP) --constraint requirements/test.txt --editable '.[lint,test]'
	@touch $@

.venv/.test: .venv/.made $(PACKAGING)
	@echo "Installing the train and test extras: several gigabytes with torch …"
	@$(PIP) --constraint requirements/test.txt --editable '.[train,test]'
	@touch $@
