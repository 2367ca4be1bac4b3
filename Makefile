# The commands of a developer; each prepares the environment first, which takes no time when it is there.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
CODE := capsules blocks flows ui_panel tests benchmarks docs

# Great Expectations and Prefect import three times as fast from compiled bytecode.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

.PHONY: demo test bench lint lock setup
.DEFAULT_GOAL := setup

setup: $(READY)

# `exec`: Ctrl-C reaches the command itself, which stops what it started; having stopped so is no error.
demo: $(READY)
	@exec $(BIN)/capsules demo $(if $(ONCE),--once)

# What needs a whole start has a process of its own. `make test PROCESSES=auto` runs all side by side.
test: $(READY)
ifdef PROCESSES
	@exec $(BIN)/pytest --numprocesses $(PROCESSES)
else
	@failed=0; $(BIN)/pytest --ignore tests/e2e || failed=1; $(BIN)/pytest tests/e2e || failed=1; exit $$failed
endif

bench: $(READY)
	@exec $(BIN)/python -m benchmarks

lint: $(READY)
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

# pip of Python 3.11 refuses a hashed file with extras in it, so it brings uv, and uv brings the rest.
$(READY): requirements.txt requirements-uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "prefect-capsules needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1 | tail -n 1); install one and say: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making the environment in .venv (once) …"
	@$(PYTHON) -m venv --clear .venv || { \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu the package python3-venv is missing." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Locks record no registry's address: they hold for whichever one this machine uses.
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --quiet

lock: $(READY)
	echo uv | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements-uv.txt
	$(LOCK) --all-extras --group dev -o requirements.txt
	echo 'mlflow>=3.4,<4' | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o flows/capsule_flows/mlflow.txt
	$(LOCK) --constraints requirements.txt -o capsules/capsule_kit/requirements.txt
	$(LOCK) --extra example --constraints requirements.txt -o capsules/tumor_malignancy/requirements.txt
	echo 'lifelines>=0.30.3,<0.31' | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o capsules/breast_cancer_recurrence/model.txt
	$(LOCK) --extra example-hydration --constraints requirements.txt -o capsules/hydration_free_energy/requirements.txt
	$(LOCK) --extra example-cells --constraints requirements.txt -o capsules/cell_type/requirements.txt
