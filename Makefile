# Everything here needs Go 1.26; `test`, `lint` and `demo` build or fetch what else they need, pinned, and keep it outside
# the checkout in ${CI_OIDC_TRUST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ci-oidc-trust}.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PLUGIN := pulumi-resource-ci-oidc-trust
# The modules of this checkout. Each is tested in its own folder, so that heavy dependencies stay out of the product.
MODULES := . tests/tools tests/tools/java tests/tools/dotnet tests
# The main module's path; that of the others begins with it.
PACKAGE := github.com/ci-oidc-trust/pulumi-ci-oidc-trust
# Prints the paths of pinned tools, after building or fetching them.
TOOLCHAIN := cd tests && go run ./toolchain/cmd/toolchain

# How long each fuzz target runs: about a minute for all of them together in `make test`.
FUZZTIME ?= 3s
SOAK ?= 10m

.PHONY: help demo local token build archives test fuzz lint generate bench soak tools clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Bring up examples/yaml against a local AWS, try tokens of both CI systems on the role, destroy it
	@cd tests && go run ./demo

# PORT=4570, TLS=1 for HTTPS, TRUST=FILE for a role (sections as `ci-oidc-trust render` reads them, or a policy in JSON).
local: ## Serve the tests' IAM and STS on loopback, without AWS (PORT, TLS=1, TRUST=FILE)
	@cd tests && go build -o "$${TMPDIR:-/tmp}/ci-oidc-trust-local.$$$$" ./local && \
		trap 'rm -f "$${TMPDIR:-/tmp}/ci-oidc-trust-local.$$$$"' EXIT && cd '$(CURDIR)' && \
		"$${TMPDIR:-/tmp}/ci-oidc-trust-local.$$$$" serve --address 127.0.0.1:$(or $(PORT),4570) \
		$(if $(TLS),--tls) $(if $(TRUST),--trust '$(TRUST)')

# SYSTEM, and one of BRANCH, TAG, ENVIRONMENT, PULL_REQUEST=1, RUN_PHASE, or NAME of a near miss; AUDIENCE.
token: ## Print a token as a CI system signs it, from the server of `make local` (SYSTEM=github BRANCH=main)
	@cd tests && go run ./local token --system '$(SYSTEM)' --branch '$(BRANCH)' --tag '$(TAG)' \
		--environment '$(ENVIRONMENT)' --pullRequest '$(PULL_REQUEST)' --runPhase '$(RUN_PHASE)' --name '$(NAME)' \
		--audience '$(AUDIENCE)' $(if $(PORT),--url http$(if $(TLS),s)://127.0.0.1:$(PORT))

build: ## Build the plugin into ./bin
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/$(PLUGIN) ./provider/cmd/$(PLUGIN)

# GoReleaser asks for no token where it publishes nothing.
archives: ## Make the archives of a release in ./dist, with checksums and SBOMs: of a tag on HEAD, or a snapshot
	@paths=$$($(TOOLCHAIN) goreleaser cyclonedx); { read -r goreleaser; read -r cyclonedx; } <<< "$$paths"; \
	SCHEMA_VERSION=$$(.ci/version); export SCHEMA_VERSION; \
	snapshot=--snapshot; ! git describe --exact-match --tags --match 'v[0-9]*' > /dev/null 2>&1 || snapshot=; \
	unset GITHUB_TOKEN; PATH=$${cyclonedx%/*}:$$PATH; export PATH; \
	"$$goreleaser" check --quiet; "$$goreleaser" release --clean --skip=publish $$snapshot

# The go command keeps the result of a test as long as its code and the files of this module that it opened or looked at
# are the same. So the packages of provider run without -count=1: a change in one CI system does not run the suites of
# the others again. Everything else runs anew, because the go command does not see when a test starts processes or reads
# files outside its module. What starts processes in provider looks at the sources itself (provider/imports_test.go).
# Source: https://pkg.go.dev/cmd/go#hdr-Test_packages
test: tools ## Run every test, and print the tables of all CI systems
	@tables=$$(mktemp -d); trap 'rm -rf "$$tables"' EXIT; export CI_OIDC_TRUST_TABLES=$$tables; \
	echo "== go test ./provider/..."; SECONDS=0; go test -timeout 30m ./provider/...; echo "== took $$SECONDS s"; \
	for module in $(MODULES); do (SECONDS=0 && cd $$module && echo "== go test ./... in $$module" && \
		go list ./... | grep -v '^$(PACKAGE)/provider\(/\|$$\)' | xargs go test -count=1 -timeout 60m && echo "== took $$SECONDS s"); done; \
	cat "$$tables/systems" "$$tables/pipelines"
	@$(MAKE) --no-print-directory fuzz

# Go before 1.27 may fail a target at the very end of its time although it found nothing (https://go.dev/issue/75804): then
# there is no failing input.
fuzz: ## Run every fuzz target for a while (FUZZTIME=3s each)
	@SECONDS=0; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	grep -rl '^func Fuzz' --include='*_test.go' provider | sort | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' "$$file"); do \
			echo "== $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" 2>&1 | tee "$$log" || \
				{ grep -q '^    context deadline exceeded$$' "$$log" && ! grep -q 'Failing input' "$$log" && \
					echo "== $$target found nothing until its time was over"; } || exit 1; \
		done; \
	done; echo "== took $$SECONDS s"

# golangci-lint keeps its findings with the path of the checkout that they were made in, and decides some of them by the
# source there. So every checkout has results of its own: another one may have changed since, or be gone.
lint: ## Check format and run the linters of Go, Python, TypeScript, shell and workflows
	@paths=$$($(TOOLCHAIN) golangci-lint ruff eslint actionlint zizmor shellcheck); \
	cache=$${CI_OIDC_TRUST_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/ci-oidc-trust}; \
	export GOLANGCI_LINT_CACHE=$$cache/lint-results/$$(echo '$(CURDIR)' | sha256sum | cut -c1-16); \
	{ read -r golangci; read -r ruff; read -r eslint; read -r actionlint; read -r zizmor; read -r shellcheck; } <<< "$$paths"; \
	for module in $(MODULES); do \
		(SECONDS=0; cd $$module; echo "== golangci-lint in $$module"; "$$golangci" run ./...; echo "== took $$SECONDS s"); \
	done; \
	echo "== gofmt of the examples"; "$$golangci" fmt --diff examples; \
	echo "== ruff"; "$$ruff" check --no-cache examples tests; "$$ruff" format --no-cache --check examples tests; \
	echo "== eslint"; "$$eslint" --config "$${eslint%/node_modules/*}/eslint.config.js" examples tests; \
	echo "== shellcheck"; "$$shellcheck" .ci/* actions/*.sh actions/*/*.sh; \
	echo "== actionlint"; "$$actionlint" -shellcheck="$$shellcheck" -pyflakes= .github/workflows/*.yml; \
	echo "== zizmor"; "$$zizmor" --offline --no-progress --quiet --config .github/zizmor.yml .github/workflows actions

generate: ## Compose schema.json from its parts, then generate the SDKs and the pages of docs/ that come from the code
	go run ./schema/gen -root .
	cd tests/tools && go run ./sdkgen -schema ../../schema.json -out ../../sdk
	go run ./docs/gen -out docs
	go run ./provider/cmd/ci-oidc-trust reference > docs/cli.md

bench: tools ## Measure the plugin, the trust engine and a whole `pulumi up`, and list the figures beside their bounds
	@{ go test -run '^$$' -bench . -benchmem ./provider/... && \
		cd tests && go test -run '^$$' -bench . -benchmem -timeout 30m ./engine && go test -run '^$$' -bench . ./bench; } | \
		(cd tests && go run ./bench/cmd/figures)

soak: ## Compare the two evaluators and run every fuzz target for a long time (SOAK=10m each)
	cd tests && CI_OIDC_TRUST_SOAK=$(SOAK) go test -count=1 -timeout 0 -run TestSameAnswers -v ./differential
	@$(MAKE) --no-print-directory fuzz FUZZTIME=$(SOAK)

tools: ## Build the Pulumi CLI, fetch the linters and schemas, unless the cache has them
	@$(TOOLCHAIN) > /dev/null

clean: ## Remove what builds leave in the checkout (the cache stays)
	rm -rf bin dist sdk/nodejs/bin sdk/nodejs/node_modules
	find sdk/python examples tests -name __pycache__ -prune -exec rm -rf {} +
