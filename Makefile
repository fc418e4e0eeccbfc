# Every command a person types. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
# Runs a tool with the project's environment: its own tools first on PATH, and packages from pip's index
TOOL := $(BIN)/python -m tools.run
LOCAL := $(BIN)/python -m local
ARGS ?=
# With this variable, Python would compile the CDK's modules at every synth: four seconds instead of one
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install all tools, inside this folder
	@$(PYTHON) -m tools.install

## The local cloud

.PHONY: start
start: setup ## Run all of Kairan here, show the demonstration, stay until Ctrl-C (ARGS="--port-base 5000")
	@$(LOCAL) up $(ARGS)

.PHONY: demo
demo: setup ## Run all of Kairan here, show the demonstration, and stop
	@$(LOCAL) demo $(ARGS)

.PHONY: up
up: setup ## Start the local cloud in the background (ARGS="--line-api-url URL --port-base N --keep …")
	@$(LOCAL) up --detach $(ARGS)

.PHONY: down
down: setup ## Stop the local cloud
	@$(LOCAL) down $(ARGS)

.PHONY: redeploy
redeploy: setup ## Bring changed code into the running local cloud, in seconds
	@$(LOCAL) redeploy $(ARGS)

## Working on Kairan

# Tests in memory share the processors. Tests of a local cloud mostly wait, so two run side by side. Tests that storm
# one, and those of a browser, need the machine alone
IN_MEMORY := tests/unit tests/contract tests/infra tests/simulators/line
SIDE_BY_SIDE := tests/local tests/simulators/speech tests/benchmarks
ALONE := tests/browser tests/local/test_failures.py tests/local/test_storm.py

.PHONY: test
test: check browser ## Run every check and every test (ARGS="tests/unit -k name" runs those tests only)
ifeq ($(strip $(ARGS)),)
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(IN_MEMORY)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(SIDE_BY_SIDE) $(ALONE:%=--ignore=%)
	@$(BIN)/python -m pytest $(ALONE)
else
	@$(BIN)/python -m pytest $(ARGS)
endif

.PHONY: check
check: setup ## Check format, lint, types and architecture
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# The browser tests are skipped where this cannot install one
.PHONY: browser
browser: setup ## Install chromium with apt, if it is missing
	@$(BIN)/python -m tools.browser $(ARGS_OF_BROWSER)

.PHONY: bench
bench: setup ## Measure how fast Kairan is, and write docs/benchmarks.md (ARGS="--quick", ARGS="--only webhook")
	@$(TOOL) python -m benchmarks $(ARGS)

.PHONY: format
format: setup ## Format the code and apply ruff's fixes
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

COMPILE := $(TOOL) uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock"

.PHONY: lock
lock: setup ## Compile the dependency groups of pyproject.toml into requirements files (ARGS=--upgrade: newer versions)
	$(COMPILE) --group synth -o requirements.txt $(ARGS)
	$(COMPILE) --group layer -o layers/dependencies/requirements.txt $(ARGS)
	$(COMPILE) --group powertools -o layers/powertools/requirements.txt $(ARGS)
	$(COMPILE) --group cloud -o local/requirements.txt $(ARGS)
	$(COMPILE) --group speech -o simulators/speech/requirements.txt $(ARGS)
	$(COMPILE) --group older-urllib3 -o tests/rigs/older_urllib3.txt $(ARGS)
	$(COMPILE) --group dev -o requirements-dev.txt $(ARGS)

.PHONY: sample-media
sample-media: setup ## Make the sample image, audio and video anew
	@$(BIN)/python -m infra.sample_media.make

.PHONY: openapi
openapi: setup ## Write docs/openapi.json anew, from the routes of the push API
	@$(BIN)/python -m api.openapi docs/openapi.json

.PHONY: screenshots
screenshots: ARGS_OF_BROWSER := --fonts
screenshots: browser ## Take the pictures of the phone anew, from the running page
	@$(BIN)/python -m tools.screenshots

.PHONY: clean
clean: ## Stop the local cloud and remove everything that was installed, built or run here
	@if [ -x $(BIN)/python ]; then $(LOCAL) down; fi
	rm -rf .venv .local node_modules cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

## AWS

.PHONY: synth
synth: setup ## Write the CloudFormation template into cdk.out (no credentials needed)
	@$(TOOL) cdk synth --quiet $(ARGS)

.PHONY: deploy
deploy: setup ## Deploy to the AWS account of your credentials (ARGS="-c stack_name=… --profile …")
	@if env | grep -q '^AWS_ENDPOINT_URL'; then \
	  echo "AWS_ENDPOINT_URL is set, so this would not reach AWS. Unset it, or use \`make up\` for the local cloud."; exit 1; \
	fi
	@echo "Deploying to AWS, with the credentials of your profile. The local cloud is \`make start\`."
	@$(TOOL) cdk deploy $(ARGS)
