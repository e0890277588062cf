# What there is to do here. It needs a Rust toolchain, Python 3.10 and Node.js 20 or later; the rest is installed below
# .local/ at the first run, and kept.

TOOLS := .local/tools
LOCKED := python3 infra/local/locked.py .local/setup.lock sh -ec
DENY := 0.20.2
MACHETE := 0.9.2

.PHONY: help dev user admin test bench lint audit tools redis browser clean
.DEFAULT_GOAL := help

help: ## List the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 15

dev: tools ## Run the API on this machine: http://localhost:9000, or PORT=9010 make dev
	@cargo run --bin local -- dev

# As typed: what follows a dollar sign in a password is no variable. It goes by the environment, which others cannot read.
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

test: tools browser tests/node_modules/ready ## Run every test: Rust, then the journeys against the real thing
	cargo test --workspace
	npm --prefix tests test

bench: redis ## Measure what must not differ: how long a refused login takes
	cargo bench --profile dev -p login --bench answers

lint: $(TOOLS)/bin/cargo-deny-$(DENY) $(TOOLS)/bin/cargo-machete-$(MACHETE) ## Check form, lints, licences, unused dependencies, and what is linked where
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(TOOLS)/bin/cargo-deny-$(DENY) check --hide-inclusion-graph bans licenses sources
	$(TOOLS)/bin/cargo-machete-$(MACHETE)
	infra/local/links.sh

audit: $(TOOLS)/bin/cargo-deny-$(DENY) ## Check for known vulnerabilities (needs the internet)
	$(TOOLS)/bin/cargo-deny-$(DENY) check advisories

clean: ## Remove what was built, installed and stored here
	cargo clean
	rm -rf .local infra/local/provider/node_modules infra/local/mail/node_modules tests/node_modules

# Set-up. Whoever comes second waits for the lock and then finds the work done.

tools: redis $(TOOLS)/ready infra/local/provider/node_modules/ready infra/local/mail/node_modules/ready

redis:
	@command -v redis-server >/dev/null || command -v valkey-server >/dev/null \
		|| infra/local/install.sh redis-server redis-server redis

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| command -v google-chrome-stable >/dev/null || test -d '/Applications/Google Chrome.app' \
		|| test -d /Applications/Chromium.app || infra/local/install.sh chromium chromium '--cask chromium'

$(TOOLS)/ready: infra/local/requirements.txt
	@python3 -c 'import ensurepip, venv' 2>/dev/null || infra/local/install.sh 'the venv module of Python' python3-venv python
	@$(LOCKED) 'test $@ -nt $< && exit; echo "Installing $(TOOLS)."; python3 -m venv $(TOOLS); \
		$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r $<; touch $@'

%/node_modules/ready: %/package-lock.json
	@$(LOCKED) 'test $@ -nt $< && exit; echo "Installing $*/node_modules."; npm --prefix $* ci --no-audit --no-fund --silent; touch $@'

# A program of this version on the PATH will do; else it is built, which takes some minutes, once.
$(TOOLS)/bin/cargo-deny-$(DENY) $(TOOLS)/bin/cargo-machete-$(MACHETE): $(TOOLS)/bin/cargo-%:
	@$(LOCKED) 'test -e $@ && exit; mkdir -p $(TOOLS)/bin; name=$(notdir $@); version=$${name##*-}; name=$${name%-*}; \
		found=$$($$name --version 2>/dev/null) || found=none; \
		if [ "$${found##* }" = "$$version" ]; then ln -sf "$$(command -v $$name)" $@; \
		else cargo install --quiet --locked --root $(TOOLS) "$$name@$$version" && ln -sf $$name $@; fi'
