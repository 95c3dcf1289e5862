# make demo: the whole road on made sounds and the pocket models.  make test: the tests.  Both set everything up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test ui lint pocket lock clean

demo: $(READY)
	@$(BIN)/balsa run demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadscope

ui: $(READY)
	@$(BIN)/balsa ui

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

pocket: $(READY)  ## rebuild the pocket models from nothing (about an hour on two cores)
	$(BIN)/python -m balsa_core.pocket

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Python 3.11 is needed, $(PYTHON) is $$($(PYTHON) --version): make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# A new lock: what a fresh resolution of pyproject.toml installs, without the local part of torch's version.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet torch==2.13.0 && build/lock/bin/pip install --quiet '.[dev]'
	build/lock/bin/pip freeze --exclude balsa | sed 's/+cpu$$//' > requirements.lock

clean:
	rm -rf workspace build
