# The tasks of this project. They need a Rust toolchain, Python 3.11 and Node.js 20 or later; everything else is
# installed below .local/ at the first run, and kept.

TOOLS := .local/tools
CONTRACT := tests/contract/node_modules
LOCKED = python3 infra/local/locked.py .local/locks/$(subst /,-,$@) sh -ec
DENY := 0.20.2
MACHETE := 0.9.2
CYCLONEDX := 0.5.7

.PHONY: help dev user admin smoke test types contract images sbom again push deploy bench lint audit needs tools redis engine browser valgrind clean
.DEFAULT_GOAL := help

help: ## List the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 17

dev: tools ## Run the API on this machine: http://localhost:9000, or make dev PORT=9010; make dev HTTPS=1 for Safari
	@cargo run $(SILENT) --bin local -- dev

# If nothing has changed since the last run, Cargo has nothing to say, and the greeting is the first thing that a person reads.
SILENT = $(shell test -e $${CARGO_TARGET_DIR:-target}/debug/local && test -e .local/env \
	&& test -z "$$(find Cargo.lock Cargo.toml functions infra shared -newer .local/env | head -n 1)" && echo --quiet)

# As typed: make must not expand a dollar sign in a password. It goes by the environment, which other users cannot read.
ifdef PASSWORD
override PASSWORD := $(value PASSWORD)
export PASSWORD
endif

user: ## Add a local user: make user EMAIL=you@example.com [NAME=You] [PASSWORD=...]
	@test -n "$$EMAIL" || { echo 'usage: make user EMAIL=you@example.com [NAME=You] [PASSWORD=...]' >&2; exit 2; }
	@cargo run --quiet --bin local -- user --email "$$EMAIL" $(if $(filter command,$(origin NAME)),--name "$$NAME")

admin: ## Operate the running local API: make admin ARGS="users show you@example.com"
	@test -f .local/env || { echo 'Nothing runs here yet: make dev' >&2; exit 2; }
	@set -a; . ./.local/env; set +a; exec cargo run --quiet --bin admin -- $(ARGS)

smoke: .local/sam/ready ## Make one user's whole journey through the running local API
	@test -f .local/env || { echo 'Nothing runs here yet: make dev' >&2; exit 2; }
	@set -a; . ./.local/env; case $$PUBLIC_URL in https://localhost:*) SSL_CERT_FILE=.local/https/certificate.pem ;; esac; \
		set +a; exec .local/sam/bin/python infra/smoke.py "$$PUBLIC_URL" --admin

test: tools browser valgrind tests/node_modules/ready $(CONTRACT)/ready tests/web/template/node_modules/ready .local/style/ready .local/sam/ready ## Run every test: Rust, the deployment, then the journeys against the real thing
	PYTHONPATH=infra/deploy:infra/images:infra/cost:infra .local/sam/bin/python -B -m unittest discover --buffer --start-directory tests/deploy
	rm -rf .local/calls
	RECORD_CALLS=$(CURDIR)/.local/calls RUST_TEST_THREADS=$(THREADS) cargo test --workspace
	cargo build --quiet --workspace --bins
	cargo run --quiet --bin cost -- --check
	npm --prefix tests test

# Tests wait for time limits of the stores: one more than there are processors keeps these busy.
THREADS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

types: $(CONTRACT)/ready ## Write the types of clients/web anew, from the contract
	$(CONTRACT)/.bin/openapi-typescript infra/openapi.yaml --output clients/web/types/api.d.ts

contract: tools tests/node_modules/ready ## Try the contract with four times the requests of make test
	EXAMPLES=32 node --test --test-reporter=spec tests/contract.test.mjs

bench: redis valgrind ## Measure what requests and starts cost, the host under load, how long refusals take, and what a session takes up
	cargo build --release $(addprefix --package ,$(MEASURED))
	cargo build --release --package floors
	cargo build --release --package host
	cargo build --quiet --workspace --bins
	cargo run --quiet --bin cost
	cargo bench --profile dev -p login --bench answers
	cargo bench --profile dev -p strength --bench work
	cargo run --quiet --bin memory

# The functions whose cost is on record in infra/bench/instructions.csv.
MEASURED := me session-token logout login

# ARCH: arm64 or x86_64; default: this machine's own, which needs only this machine's compiler. NAMES: some of them;
# `functions` are all functions.
ARCHITECTURE = $(if $(ARCH),--arch $(ARCH))
images: needs $(TOOLS)/ready .local/sam/ready tests/node_modules/ready infra/local/mail/node_modules/ready redis engine ## Build an image of each function, and of the host, and prove it: make images [ARCH=arm64|x86_64] [NAMES="me host"]
	python3 infra/images compile $(ARCHITECTURE) $(NAMES)
	python3 infra/images assemble $(ARCHITECTURE) $(NAMES)
	$(if $(NAMES),NAMES="$(NAMES)") tests/images/prove.sh $(ARCH)
	$(if $(filter-out functions,$(NAMES)),,@$(MAKE) --no-print-directory sbom)

sbom: $(TOOLS)/bin/cargo-cyclonedx-$(CYCLONEDX) tests/node_modules/ready ## List the crates in each image, as CycloneDX: .local/images/ARCH/NAME.cdx.json
	python3 infra/images describe --tool $< $(ARCHITECTURE)
	ARCH=$$(python3 infra/images architecture $(ARCHITECTURE)) node --test --test-reporter=spec tests/images/bills.mjs

again: ## Compile a function again in another place, and compare: make again [NAME=me]
	tests/images/again.sh $(or $(NAME),me)

push: $(TOOLS)/ready ## Push the images: make push REPOSITORY=REGISTRY/NAME [VERSION=tag] [ARCH=arm64|x86_64] [NAMES=host]
	@test -n "$(REPOSITORY)" || { echo 'usage: make push REPOSITORY=REGISTRY/NAME [VERSION=tag] [ARCH=arm64|x86_64] [NAMES=host]' >&2; exit 2; }
	@$(TOOLS)/bin/python infra/images push --repository "$(REPOSITORY)" $(if $(VERSION),--version "$(VERSION)") $(ARCHITECTURE) $(NAMES)

# With VERSION: deploys the images already in the registry under that version. Nothing is built.
deploy: .local/sam/ready ## Deploy a stage of samconfig.toml to AWS: make deploy STAGE=dev|prod [ARCH=x86_64] [VERSION=commit] [YES=1]
	@test -n "$(STAGE)" || { echo 'usage: make deploy STAGE=dev|prod [ARCH=x86_64] [VERSION=commit] [YES=1]' >&2; exit 2; }
	.local/sam/bin/python infra/deploy $(STAGE) --arch $(or $(ARCH),arm64) $(if $(VERSION),--version $(VERSION)) $(if $(YES),--yes)

LINT := $(addprefix $(TOOLS)/bin/cargo-,deny-$(DENY) machete-$(MACHETE)) .local/sam/ready .local/checkov/ready .local/style/ready tests/node_modules/ready $(CONTRACT)/ready

lint: ## Check form, lints, docs, licences, unused dependencies, what is linked where, and the templates
	@infra/local/needs.sh
	@$(MAKE) --no-print-directory --jobs 4 $(LINT)
	cargo fmt --all --check
	.local/style/bin/ruff check --quiet --config infra/checks/ruff.toml --no-cache infra tests
	.local/style/bin/shellcheck .ci/run $$(git ls-files '*.sh')
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(CONTRACT)/.bin/redocly lint --format stylish --config tests/contract/redocly.yaml infra/openapi.yaml
	$(CONTRACT)/.bin/spectral lint --quiet --fail-severity warn --ruleset tests/contract/spectral.yaml infra/openapi.yaml
	tests/node_modules/.bin/biome lint --config-path infra/checks/javascript.json --error-on-warnings $$(git ls-files '*.mjs' '*.js' '*.ts' '*.tsx' ':!*.d.ts')
	$(CONTRACT)/.bin/tsc --project tests/web/tsconfig.json
	$(CONTRACT)/.bin/tsc --project functions/pages/tsconfig.json
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps --document-private-items
	$(TOOLS)/bin/cargo-deny-$(DENY) check --hide-inclusion-graph bans licenses sources
	$(TOOLS)/bin/cargo-machete-$(MACHETE)
	infra/local/links.sh
	infra/checks/lint.sh

audit: $(TOOLS)/bin/cargo-deny-$(DENY) .local/audit/ready ## Check for known vulnerabilities (needs github.com, npm's and PyPI's registries)
	@failed=; for list in crates $(NPM) $(PYPI); do echo "== $$list"; case $$list in \
		crates) $(TOOLS)/bin/cargo-deny-$(DENY) check advisories ;; \
		*.txt) .local/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement $$list ;; \
		*) npm --prefix $$(dirname $$list) audit --package-lock-only ;; \
		esac || failed="$$failed $$list"; done; \
	test -z "$$failed" || { echo "error: not clean, or its database cannot be asked:$$failed" >&2; exit 1; }

NPM := tests/package-lock.json tests/contract/package-lock.json tests/web/template/package-lock.json infra/local/mail/package-lock.json infra/local/provider/package-lock.json
PYPI := infra/local/requirements.txt infra/checks/sam.txt infra/checks/checkov.txt infra/checks/audit.txt infra/checks/style.txt

clean: ## Remove what was built, installed and stored here
	cargo clean
	rm -rf .local infra/local/provider/node_modules infra/local/mail/node_modules tests/node_modules tests/contract/node_modules tests/web/template/node_modules tests/web/template/app

# Set-up. If two runs meet, the second waits for the lock and then finds the work done.

tools: needs redis $(TOOLS)/ready infra/local/provider/node_modules/ready infra/local/mail/node_modules/ready

needs:
	@infra/local/needs.sh

redis:
	@command -v redis-server >/dev/null || command -v valkey-server >/dev/null \
		|| infra/local/install.sh redis-server redis-server redis

engine:
	@python3 infra/images engine >/dev/null 2>&1 || infra/local/install.sh 'docker, podman or buildah' buildah podman

# Only Linux has it.
valgrind:
	@test "$$(uname)" != Linux || command -v valgrind >/dev/null || infra/local/install.sh valgrind valgrind valgrind

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| command -v google-chrome-stable >/dev/null || test -d '/Applications/Google Chrome.app' \
		|| test -d /Applications/Chromium.app || infra/local/install.sh chromium chromium '--cask chromium'

$(TOOLS)/ready: infra/local/requirements.txt
.local/sam/ready: infra/checks/sam.txt
.local/checkov/ready: infra/checks/checkov.txt
.local/audit/ready: infra/checks/audit.txt
.local/style/ready: infra/checks/style.txt
$(TOOLS)/ready .local/sam/ready .local/checkov/ready .local/audit/ready .local/style/ready:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || infra/local/install.sh 'the venv module of Python' python3-venv python
	@$(LOCKED) 'test $@ -nt $< && exit; echo "Installing $(@D)."; python3 -m venv $(@D); \
		$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<; touch $@'

%/node_modules/ready: %/package-lock.json
	@$(LOCKED) 'test $@ -nt $< && exit; echo "Installing $*/node_modules."; npm --prefix $* ci --no-audit --no-fund --silent; touch $@'

# If a program of this version is on the PATH, it is used. Otherwise it is built once, which takes some minutes.
$(addprefix $(TOOLS)/bin/cargo-,deny-$(DENY) machete-$(MACHETE) cyclonedx-$(CYCLONEDX)): $(TOOLS)/bin/cargo-%:
	@$(LOCKED) 'test -e $@ && exit; mkdir -p $(TOOLS)/bin; name=$(notdir $@); version=$${name##*-}; name=$${name%-*}; \
		found=$$($$name --version 2>/dev/null || $$name $${name#cargo-} --version 2>/dev/null) || found=none; \
		if [ "$${found##* }" = "$$version" ]; then ln -sf "$$(command -v $$name)" $@; \
		else cargo install --quiet --locked --root $(TOOLS) "$$name@$$version" && ln -sf $$name $@; fi'
