# One command to ask the reports, one to check the work. Needs Python 3.11 or later, pip and make.

PYTHON   ?= python3
PIP_ARGS ?=
CORPUS   ?= corpus
INDEX    ?= index
HOST     ?= 127.0.0.1
PORT     ?= 7860

VENV  := .venv
RUN   := $(VENV)/.run-installed
DEV   := $(VENV)/.dev-installed
PY    := $(VENV)/bin/python

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve build test test-quick lint format evaluate browser image bundle bundle-test clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "variables: PORT HOST CORPUS INDEX PYTHON PIP_ARGS GOLD ARGS, as in: make serve PORT=8000"

serve: build  ## install what is missing, build the index, open the page
	$(PY) serve.py --index "$(INDEX)" --host "$(HOST)" --port "$(PORT)"$(if $(ARGS), $(ARGS))

# Exit code 1 says that a file was skipped and named; the reports that could be read are there.
build: $(RUN)  ## bring the index up to date with the corpus
	$(PY) build_index.py --corpus "$(CORPUS)" --index "$(INDEX)" || test $$? -eq 1

test: lint browser  ## lint, types and every test; the quick ones come first
	$(PY) -m pytest

test-quick: $(DEV)  ## the tests that need neither the model nor a browser
	$(PY) -m pytest -m "not model and not browser"

lint: $(DEV)  ## style, format and types, changing nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(DEV)  ## mend style and format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

evaluate: build  ## score the questions in GOLD=questions.jsonl
	@test -n "$(GOLD)" || { echo "make evaluate GOLD=questions.jsonl: no questions named"; exit 2; }
	$(PY) evaluate.py "$(GOLD)" --index "$(INDEX)"

browser:  ## put a Chromium and a Chinese font on this machine (apt-get)
	tests/install_browser.sh

image:  ## the container image, by docker (compose.yaml runs it)
	docker build -t reportqa .

bundle: $(PY)  ## all that a machine without a network needs, in dist/reportqa-bundle.tar
	deploy/bundle.sh $(PY) dist/reportqa-bundle.tar $(PIP_ARGS)

# Half a gigabyte to fetch, so no part of `make test`; .ci/run does it. Linux with user namespaces.
bundle-test: bundle  ## install the bundle in a fresh folder with the network closed, and ask
	deploy/try_bundle.sh dist/reportqa-bundle.tar $(PYTHON)

clean:  ## remove the environment, the caches and the built index; the reports stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find index -mindepth 1 ! -name README.md -delete

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name one: make serve PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || \
	  { echo "Python's venv is incomplete; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamps make an installation happen once, and again when its list of requirements changes.
$(RUN): requirements.txt | $(PY)
	$(PY) -m pip install $(PIP_ARGS) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUN)
	$(PY) -m pip install -q $(PIP_ARGS) -r requirements-dev.txt
	@touch $@
