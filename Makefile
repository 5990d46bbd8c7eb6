# Each target makes its own .venv from setup.cfg; it is made again when setup.cfg is newer.
# PYTHON=/path/to/python3.11 chooses the interpreter; otherwise the first of python3, python3.12, python3.11 that fits.
PYTHON ?=
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
export TF_CPP_MIN_LOG_LEVEL ?= 3

# tflite-runtime goes with NumPy 1, so it has an environment of its own. PYTHON311=/path/to/python3.11 chooses its interpreter.
PYTHON311 ?=
TFLITE_RUNTIME := .venv-tflite-runtime

DATA ?=
RECIPE ?= demo
WORKDIR ?=
PHOTOS ?=
FILES ?=
# Processes that share the tests, a file of tests each; they take up to 2 GB of memory.
WORKERS ?= 2

.PHONY: demo test test-tflite-runtime test-android lint bench clean

demo: $(INSTALLED)
	@$(RUN) -m train.demo --recipe $(RECIPE) $(if $(DATA),--data $(DATA)) $(if $(WORKDIR),--workdir $(WORKDIR)) $(if $(PHOTOS),--photos $(PHOTOS))

test: $(INSTALLED)
	@$(RUN) -m pytest -n $(WORKERS) --dist loadfile $(PYTEST)

# FILES="a.tflite b.tflite" runs these in place of tiny ones. It installs from the package index.
test-tflite-runtime: $(INSTALLED) $(TFLITE_RUNTIME)/installed
	@$(RUN) -m tests.tflite_runtime.expect --out $(TFLITE_RUNTIME)/files $(FILES)
	@$(TFLITE_RUNTIME)/bin/python -m tests.tflite_runtime.compare $(TFLITE_RUNTIME)/files

# The Kotlin demo, as far as it can be tested without Android's SDK (android_demo/README.md). Debian and npm packages.
test-android: $(INSTALLED) android_demo/node_modules/installed
	@ANDROID=1 $(RUN) -m pytest tests/android $(PYTEST)

lint: $(INSTALLED)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m pyright --pythonpath $(RUN)

bench: $(INSTALLED)
	@$(RUN) -m train.bench $(if $(DATA),--data $(DATA))

clean:
	rm -rf $(VENV) $(TFLITE_RUNTIME) *.egg-info android_demo/node_modules android_demo/build

$(INSTALLED): setup.cfg pyproject.toml
	@PYTHON="$(PYTHON)" sh .ci/install $(VENV)
	@touch $@

$(TFLITE_RUNTIME)/installed: tests/tflite_runtime/requirements.txt
	@PYTHON311="$(PYTHON311)" sh .ci/install_tflite_runtime $(TFLITE_RUNTIME)
	@touch $@

android_demo/node_modules/installed: android_demo/package.json android_demo/package-lock.json .ci/install_android
	@sh .ci/install_android
	@touch $@
