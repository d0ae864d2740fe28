# Needs Python 3.11 or newer and make. Everything else is set up below this folder, pinned: Python packages in
# .venv (Node.js is one of them), commands from npm in node_modules.

export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Many tests start commands of ours, and each would compile all of its sources again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Targets share folders: what a target needs is made in the order in which it is written, whatever -j says.
.NOTPARALLEL:
.PHONY: help synth wheel test test-fast test-floor matrix e2e bench compare mutants docs format lock setup browser clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

# What is set up for the tests serves a synth and a wheel too; where it is not, less is set up faster.
SAMPLE := $(foreach folder,.venv node_modules,$(or $(wildcard $(folder)/.ready),$(folder)/.synth-ready))

# A demonstration: in nobody's account, and no pipeline, where rules are stricter. And without a network: the CDK
# command would ask AWS whose the credentials are, and npm for a newer release of itself.
synth: $(SAMPLE) ## Synthesize the sample app with the CDK command
	@echo "==> Synthesizing the sample app into cdk.out"
	@unset CI CODEBUILD_BUILD_ID TF_BUILD $$(env | sed -n 's/^\(AWS_[A-Z0-9_]*\)=.*/\1/p'); \
		AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true \
		CDK_DISABLE_VERSION_CHECK=1 cdk synth --quiet
	@python scripts/describe_assembly.py cdk.out

wheel: $(filter .venv/%,$(SAMPLE)) ## Build the wheel that other projects install, in dist
	@rm -f dist/*.whl
	@python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

test: setup browser ## Run every check and test, as CI does
	ruff check
	ruff format --check
	codespell
	mypy
	pyright
	pytest
	@$(MAKE) --no-print-directory test-floor docs

# On every core. `make test` uses one: only there does syrupy see all tests, and so which snapshots no test uses.
test-fast: setup ## Run the tests that start no other program
	pytest -m "not slow" -n auto --dist worksteal

test-floor: .venv-floor/.ready setup ## Run the constructs' tests with the oldest dependencies that we support
	.venv-floor/bin/python -m pytest -m "not slow" @tests/floor.txt

# MISSING=allowed passes although a Python was not to be had; ONLY=python3.12-floor-node24 runs that combination
# alone and leaves the page as it is. `nox --list` names them all.
matrix: setup ## Run the tests with each Python, aws-cdk-lib and Node.js, and renew docs/matrix.md
	@rm -f .nox/report.json
	@nox --no-error-on-missing-interpreters --report .nox/report.json $(if $(ONLY),--session "matrix($(ONLY))") || \
		test -f .nox/report.json
	@python scripts/make_matrix_page.py .nox $(if $(ONLY),,docs/matrix.md) $(if $(filter allowed,$(MISSING)),--missing-allowed)

e2e: .venv-e2e/.ready ## Run the end-to-end tests against moto, and independent judges
	.venv-e2e/bin/python -m pytest -v -m e2e tests/e2e tests/judges

bench: .venv-e2e/.ready setup ## Measure what judging costs, and renew docs/benchmarks.md and its plot
	.venv-e2e/bin/python -m benchmarks docs --suite '.venv/bin/pytest -m "not slow"'

compare: .venv-e2e/.ready ## Renew docs/comparison.md, which says what each judge finds
	.venv-e2e/bin/python -m scripts.compare_judges

# From nothing, as mutmut keeps what it found of a mutant when only tests have changed.
mutants: .venv-e2e/.ready ## Change the judge line by line: a test must notice; MODULES=aws/vpcs.py for one module
	PATH="$(CURDIR)/.venv-e2e/bin:$$PATH" nice -n 19 python -m tests.mutants.mutants $(MODULES)

docs: .venv-docs/.locked ## Build the documentation site into site/, strictly
	@echo "==> Building the documentation into site"
	@.venv-docs/bin/zensical build --clean --strict

format: setup ## Format the code, and fix what ruff can fix
	ruff check --fix
	ruff format

lock: setup ## Renew the lock files; UPGRADE=--upgrade takes newer releases
	sh scripts/lock.sh $(UPGRADE)

setup: .venv/.ready node_modules/.ready ## Set up .venv and node_modules; nothing is done twice

# BROWSER=required fails where there is no Chromium, as CI must; else the tests that need one are skipped.
browser:
	@sh scripts/chromium.sh $(BROWSER)

clean: ## Remove everything that was made here
	rm -rf .venv .venv-floor .venv-docs .venv-e2e .nox node_modules mutants cdk.out dist site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A stamp is the last thing that a set-up writes, so one that was interrupted starts again from nothing. It holds
# the folder that it was made for: scripts of an environment name their interpreter in full and cannot be moved.
# .venv and node_modules have one of two, by what is in them; for the other one they are made again.
LOCKED := .venv/.locked .venv/.synth-locked .venv-floor/.locked .venv-docs/.locked .venv-e2e/.locked
.PHONY: $(shell for stamp in $(LOCKED); do \
	test -x $${stamp%/*}/bin/python && test "$$(cat $$stamp 2>/dev/null)" = "$$(pwd -P)" || echo $$stamp; done)

.venv/.locked: requirements.lock requirements-validate.lock
.venv/.synth-locked: requirements-synth.lock requirements-validate.lock
.venv-floor/.locked: requirements-floor.lock
.venv-docs/.locked: requirements-docs.lock
.venv-e2e/.locked: requirements-e2e.lock requirements-validate.lock
# Python compiles what is imported, once; to compile all of it here takes longer than all the rest.
$(LOCKED):
	@echo "==> Setting up $(@D) from $< (once; it takes a minute or more)"
	@python=$$(sh scripts/find_python.sh "$(PYTHON)") && "$$python" -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --no-compile --require-hashes --requirement $< || $(not_installed)
	@$(if $(filter .venv/% .venv-e2e/%,$@),$(install_engine))
	@pwd -P > $@

.venv/.ready .venv/.synth-ready .venv-floor/.ready: %ready: %locked pyproject.toml
	@echo "==> Installing this project into $(@D)"
	@$(@D)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# By its wheel, which .venv builds: checkov pins an older release of what an editable install needs. And each time,
# since a wheel does not follow the sources.
.venv-e2e/.ready: .venv-e2e/.locked setup
	@echo "==> Installing this project's wheel into .venv-e2e"
	@rm -rf .venv-e2e/wheel
	@python -m build --wheel --no-isolation --outdir .venv-e2e/wheel > /dev/null
	@.venv-e2e/bin/python -m pip install --quiet --no-deps --force-reinstall .venv-e2e/wheel/*.whl
	@touch $@

# By the npm of .venv, which each target that needs this sets up before.
node_modules/.ready node_modules/.synth-ready: package-lock.json package.json .npmrc
	@echo "==> Setting up node_modules from $<"
	@rm -rf node_modules
	@npm ci $(if $(findstring synth,$@),--omit=dev) --prefer-offline --loglevel=error > /dev/null || $(not_installed)
	@touch $@

# AWS's engine has no wheel for an old glibc, or for musl. Then the CDK's own runs, and the tests of it are skipped.
install_engine = $(@D)/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes \
	--requirement requirements-validate.lock || \
	echo "note: AWS's native validation was not installed, so a synth takes longer; all else works." >&2

# What a recipe says and does where a registry did not give what a lock file names.
not_installed = { echo "error: $< could not be installed; the lines above say why." >&2; \
	echo "The first set-up needs the registries that pip and npm are set to; later runs need no network." >&2; \
	exit 1; }
