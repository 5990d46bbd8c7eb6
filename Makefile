# Each target makes its own .venv from setup.cfg; it is made again when setup.cfg is newer.
# PYTHON=/path/to/python3.11 chooses the interpreter; otherwise the first of python3, python3.12, python3.11 that fits.
PYTHON ?=
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
export TF_CPP_MIN_LOG_LEVEL ?= 3

DATA ?=
RECIPE ?= demo
WORKDIR ?=

.PHONY: demo test lint bench clean

demo: $(INSTALLED)
	@$(RUN) -m train.demo --recipe $(RECIPE) $(if $(DATA),--data $(DATA)) $(if $(WORKDIR),--workdir $(WORKDIR))

test: $(INSTALLED)
	@$(RUN) -m pytest $(PYTEST)

lint: $(INSTALLED)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m pyright --pythonpath $(RUN)

bench: $(INSTALLED)
	@$(RUN) -m train.bench $(if $(DATA),--data $(DATA))

clean:
	rm -rf $(VENV) *.egg-info

$(INSTALLED): setup.cfg pyproject.toml
	@PYTHON="$(PYTHON)" sh .ci/install $(VENV)
	@touch $@
