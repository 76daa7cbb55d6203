# `make` alone lists what can be done here.
PYTHON ?= python3.13
UV_VERSION := $(shell sed -nE 's/.*"uv==([0-9.]+)".*/\1/p' pyproject.toml)
ARCHITECTURE ?= arm64
export PYTHON
export SAM_CLI_TELEMETRY = 0

# Everything is started as `python -m`, so that the folder can be moved.
DEV := .venv/bin/python
SAM := .venv-sam/bin/python -m samcli
STACK := .venv-emulator/bin/python -m local.stack
DEPLOY = $(SAM) deploy --config-file $(CURDIR)/samconfig.toml --config-env $(or $(STAGE),dev) --no-confirm-changeset
UV := .venv-uv/bin/uv

# What was given on the command line, each as NAME='value': parameters of the template for `make up`.
GIVEN = $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),'$(name)=$(subst ','\'',$(value $(name)))'))

NAMED = $(if $(STACK_NAME),--stack-name '$(STACK_NAME)')

.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

# ---- run it on one machine ----------------------------------------------------------------------
.PHONY: up down token
up: .venv-sam/.ready .venv-emulator/.ready ## Deploy everything on this machine, send messages, stay up: make up [StorageLayout=batch ...]
	@$(STACK) up $(GIVEN)

down: ## End what `make up` started
	@test ! -x .venv-emulator/bin/python || $(STACK) down

token: .venv/.ready ## Make a client's token: make token CLIENT=name [STAGE=dev] [ACTION=make|rotate|retire|limit|suspend|resume|remove|list|plain|help]
	@PYTHONPATH=functions/validator $(DEV) -m operations.token $(if $(filter help,$(ACTION)),--help,$(or $(ACTION),make)) --client "$(CLIENT)" --stage "$(or $(STAGE),dev)" \
	  --stack-name "$(STACK_NAME)" --contracts "$(CONTRACTS)" --rights "$(RIGHTS)" --expires-in-days "$(EXPIRES_IN_DAYS)" --token-hash "$(TOKEN_HASH)" \
	  --scheme "$(SCHEME)" --secret "$(SECRET)" --keyed-events "$(KEYED_EVENTS)" $(if $(APPLY),--apply)

.PHONY: env send show logs sync
env: .venv/.ready ## Lead a shell to the stack: eval "$(make -s env)", and back: UNSET=1 [STACK_NAME=weir-dev]
	@$(DEV) -m operations.env $(NAMED) $(if $(UNSET),--unset)

send: .venv/.ready ## Send one message, and see where it is stored: make send [FILE=message.json] [CONTRACT=email] [STACK_NAME=weir-dev]
	@$(DEV) -m operations.send $(if $(FILE),--file '$(FILE)') $(if $(CONTRACT),--contract '$(CONTRACT)') $(NAMED)

show: .venv/.ready ## Show bucket, queues, quarantine and clients: make show [NEWEST=5] [STACK_NAME=weir-dev]
	@$(DEV) -m operations.show $(if $(NEWEST),--newest $(NEWEST)) $(NAMED)

logs: .venv/.ready ## Show what the functions log: make logs [FUNCTION=uploader] [FOLLOW=1] [MINUTES=10] [STACK_NAME=weir-dev]
	@$(DEV) -m operations.logs $(if $(FUNCTION),--function '$(FUNCTION)') $(if $(FOLLOW),--follow) $(if $(MINUTES),--minutes $(MINUTES)) $(NAMED)

sync: .venv-sam/.ready .venv-emulator/.ready ## Run each change of code on the one-machine stack seconds after it is saved, until Ctrl-C
	@$(STACK) sync

.PHONY: measure query views
measure: .venv/.ready ## Measure the round trip to targets from here: make measure TARGETS="host:port ..."
	@PYTHONPATH=functions/latency_probe $(DEV) -m operations.measure $(TARGETS)

query: export QUERY_SQL := $(value SQL)
query: export QUERY_VALUES := $(value VALUES)
query: .venv/.ready ## Ask the stored messages in SQL: make query SQL="select ..." | NAME=newest [VALUES="a b"] [FORMAT=table|csv|json] [STACK_NAME=weir-dev]
	@$(DEV) -m operations.query --sql "$$QUERY_SQL" --values "$$QUERY_VALUES" --name '$(NAME)' --format '$(or $(FORMAT),table)' $(NAMED)

views: .venv/.ready ## Bring the views of the contracts to a deployed stack: make views STACK_NAME=weir-dev
	@$(DEV) -m operations.query.views $(NAMED)

.PHONY: replay
replay: .venv/.ready ## Put dead letters and quarantine back: make replay [STACK_NAME=weir-dev] [SOURCE=dead-letter|quarantine|all] [APPLY=1]
	@$(DEV) -m operations.replay $(if $(STACK_NAME),--stack-name $(STACK_NAME)) $(if $(SOURCE),--source $(SOURCE)) $(if $(APPLY),--apply) $(REPLAY_OPTIONS)

.PHONY: audit
audit: .venv/.ready ## Name each accepted message that is not stored: make audit [STACK_NAME=weir-dev] [FROM=24h] [TO=2026-01-15T10:00]
	@$(DEV) -m operations.audit $(if $(STACK_NAME),--stack-name $(STACK_NAME)) $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO)) $(AUDIT_OPTIONS)

.PHONY: doctor cost
doctor: .venv/.ready ## Name what stands between an account and a working stack: make doctor STAGE=dev [STACK_NAME=weir-dev] [TEST_ALARM=1]
	@$(DEV) -m operations.doctor --stage '$(or $(STAGE),dev)' $(NAMED) $(if $(TEST_ALARM),--test-alarm)

cost: .venv/.ready ## Print the bill before it comes: make cost [RATE=10] [ROUTE=plain] [LAYOUT=message] [BATCH=100] [CONTRACTS=1] [OPTIONS="tracing backups"]
	@$(DEV) -m operations.cost $(if $(RATE),--rate '$(RATE)') $(if $(ROUTE),--route '$(ROUTE)') $(if $(LAYOUT),--layout '$(LAYOUT)') \
	  $(if $(BATCH),--batch '$(BATCH)') $(if $(CONTRACTS),--contracts '$(CONTRACTS)') $(if $(OPTIONS),--options '$(OPTIONS)')

# ---- build and deploy ---------------------------------------------------------------------------
.PHONY: build deploy rollback plan smoke generated contracts upgrade
build: .venv-sam/.ready ## Build what is deployed: make build [ARCHITECTURE=arm64|x86_64]
	@$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

deploy: .venv/.ready .venv-sam/.ready ## Deploy what was built: make deploy [STAGE=dev|prod]
	@$(DEV) -m operations.previous --stage $(or $(STAGE),dev)
	@$(DEPLOY) $(DEPLOY_OPTIONS)

rollback: .venv/.ready .venv-sam/.ready ## Put back what ran before the last `make deploy`: make rollback [STAGE=dev|prod]
	@$(DEV) -m operations.stages $(or $(STAGE),dev)
	@test -f .local/previous/$(or $(STAGE),dev).yaml || { \
	  echo "Nothing to put back: no make deploy STAGE=$(or $(STAGE),dev) on this machine has replaced anything." >&2; exit 1; }
	@$(DEPLOY) $(DEPLOY_OPTIONS) --template-file .local/previous/$(or $(STAGE),dev).yaml \
	  --parameter-overrides file://.local/previous/$(or $(STAGE),dev)-parameters.yaml

plan: .venv/.ready .venv-sam/.ready ## Show what a deployment would change: make plan [STAGE=dev|prod]
	@$(DEV) -m operations.plan --stage $(or $(STAGE),dev) $(DEPLOY_OPTIONS)

smoke: .venv/.ready ## Check that a stack takes and stores a message: make smoke [STACK_NAME=weir-dev]
	@PYTHONPATH=functions/canary $(DEV) -m operations.smoke $(NAMED)

generated: .venv/.ready ## Write what is generated: requirements, licenses, dashboard, OpenAPI, views
	@PYTHONPATH=functions/validator:functions/uploader $(DEV) -m maintenance.generated

contracts: .venv/.ready ## Say whether each contract accepts what its version accepted so far, and what to do if not
	@PYTHONPATH=functions/validator $(DEV) -m maintenance.contracts

upgrade: .venv/.ready ## Take the newest release of every dependency
	@$(UV) lock --upgrade
	@$(MAKE) generated

.PHONY: workflows
workflows: .venv/.ready ## Run the jobs of the GitHub workflows here, in order (takes minutes)
	@$(DEV) -m maintenance.workflows $(JOBS)

# ---- prove it -----------------------------------------------------------------------------------
.PHONY: test lint types unit integration simulation simulate simulation-faults model template template-faults documents faults e2e update sam-local bench lab load clean format
test: lint types unit integration simulation model template documents faults sam-local e2e ## Run everything that CI runs

lint: .venv/.ready .venv-sam/.ready ## Check format and style
	$(DEV) -m ruff format --check .
	$(DEV) -m ruff check .

types: .venv/.ready ## Check types
	$(DEV) -m mypy functions operations local maintenance benchmarks tests

unit: .venv/.ready ## Test the rules of each function, and the judge of the contracts
	$(DEV) -m pytest -n auto tests/unit tests/contracts

integration: .venv/.ready ## Test each handler against moto
	$(DEV) -m pytest -n auto tests/integration

simulation: .venv/.ready ## Run some thousands of random histories of the whole way, and hold the fakes to AWS
	$(DEV) -m pytest -n auto -rP tests/simulation

simulate: .venv/.ready ## Run random histories: make simulate [WORLDS=2000] [SEED=1] [FIRST=0] [TRACE=1]
	@$(DEV) -m tests.simulation $(if $(WORLDS),--worlds $(WORLDS)) $(if $(SEED),--seed $(SEED)) $(if $(FIRST),--first $(FIRST)) $(if $(TRACE),--trace)

simulation-faults: .venv/.ready ## Plant single faults in the data path and say which the histories find: make simulation-faults [WORLDS=2000] [NAMES=overwrite]
	@$(DEV) -m tests.simulation.score $(if $(WORLDS),--worlds $(WORLDS)) $(NAMES)

model: .venv/.ready ## Search every state of a model of the design, and print its planted errors' traces
	$(DEV) -m pytest -n auto -rP tests/model

template: .venv/.ready .venv-sam/.ready .venv-audit/.ready ## Test what the template promises
	AWS_DEFAULT_REGION=eu-central-1 $(SAM) validate --lint
	$(DEV) -m pytest -n auto --dist loadfile tests/template

template-faults: .venv/.ready .venv-sam/.ready ## Put every single fault into the template, and name those that no rule sees: make template-faults [COUNT=500] [SEED=1] [ONLY="Resources/MessageQueue/*"]
	@PYTHONPATH=$(subst $() ,:,$(wildcard functions/*)) $(DEV) -m tests.template.single_faults $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only '$(ONLY)')

documents: .venv/.ready .venv-sam/.ready ## Check what documents and workflows claim
	$(DEV) -m pytest tests/documents tests/workflows

faults: .venv/.ready ## Test outages, crashes and duplicates
	$(DEV) -m pytest tests/faults

e2e: .venv/.ready .venv-sam/.ready .venv-emulator/.ready .venv-load/.ready ## Test a user's journeys on a stack of its own
	$(DEV) -m pytest tests/e2e $(if $(STACK_NAME),--stack-name $(STACK_NAME))

update: .venv/.ready .venv-sam/.ready .venv-emulator/.ready ## Try the update from 0.1.0, and the way back, in both layouts (10 minutes)
	$(DEV) -m pytest -rP tests/update

sam-local: .venv/.ready .venv-sam/.ready ## Run each function in a container, where Docker is there
	$(DEV) -m pytest tests/sam_local

bench: .venv/.ready .venv-sam/.ready ## Measure speed and cost against the usual ways: make bench [PARTS="init first-request first-batch warm uploader cost growth unauthenticated batch"]
	@$(DEV) -m benchmarks $(PARTS)

lab: .venv/.ready ## Hold the probe against packet captures, and see what rings, as root (15 minutes)
	@$(DEV) -m benchmarks.latency_accuracy
	@$(DEV) -m maintenance.network_changes

load: .venv/.ready .venv-load/.ready ## Send many messages, and count what was lost: make load [STACK_NAME=weir-dev] [LOAD_OPTIONS="--profile mine.toml"]
	@.venv-load/bin/python -m operations.load $(NAMED) $(LOAD_OPTIONS)

clean: ## Delete what was built, and every environment
	rm -rf .aws-sam .venv* .mypy_cache .pytest_cache .ruff_cache .hypothesis

format: .venv/.ready ## Format the code
	$(DEV) -m ruff format .
	$(DEV) -m ruff check --fix .

# ---- environments -------------------------------------------------------------------------------
# One lock file, an environment for each group: the SAM command line, the emulator and the auditors
# pin other versions of what the functions ship.
.venv-uv/.ready: pyproject.toml
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c '' 2>/dev/null || { \
	  echo "Weir needs Python 3.13 as '$(PYTHON)', and it is not there. Install it, or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || { \
	  echo "Weir needs Python 3.13, and '$(PYTHON)' is another version. Name the right one: make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@echo "Making the environments (the first time takes a minute)" >&2
	@$(PYTHON) -m venv --clear .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.ready: GROUP = dev
.venv-sam/.ready: GROUP = sam
.venv-emulator/.ready: GROUP = emulator
.venv-load/.ready: GROUP = load
.venv-audit/.ready: GROUP = audit
.venv/.ready .venv-sam/.ready .venv-emulator/.ready .venv-load/.ready .venv-audit/.ready: uv.lock .venv-uv/.ready
	@echo "Installing the packages of $(@D)" >&2
	@UV_PROJECT_ENVIRONMENT=$(@D) $(UV) sync --quiet --frozen --no-default-groups --group $(GROUP) --python $(PYTHON)
	@touch $@
