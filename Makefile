# make run and make test are all that a newcomer needs; make help lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GOLANGCI_VERSION := v2.15.0
LINTER           := bin/golangci-lint-$(GOLANGCI_VERSION)
DATA             ?= ./data
RUN_FLAGS        ?= --demo
TEST_FLAGS       ?=
LDFLAGS          := -s -w

# Browsers come from the system's packages, never from a download.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

# What npm writes when it has installed all that the lock file names.
NODE_MODULES := web/node_modules/.package-lock.json
WIDGET       := internal/widget/dist/widget.js
DASHBOARD    := internal/dashboard/dist/index.html
sources       = $(shell find $(addprefix web/,$(1)) web/tokens web/package-lock.json -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/test-results/*')

.PHONY: help run build binary web generate drift lint lint-go lint-web test tools test-go test-web race e2e bench clean

help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 20

run: build ## build what is missing, and serve it with demo data on http://127.0.0.1:8080
	bin/botimum serve --listen 127.0.0.1:8080 --data $(DATA) $(RUN_FLAGS)

build: web binary ## build the program with its interface into bin/botimum

binary: ## build the program with whatever interface is built already
	@mkdir -p bin
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/botimum ./cmd/botimum

web: $(WIDGET) $(DASHBOARD) ## build the widget and the dashboard where their sources are newer

$(NODE_MODULES): web/package-lock.json
	@scripts/tools.sh node
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WIDGET): $(NODE_MODULES) $(call sources,widget sdk)
	cd web && npm run --silent build -w widget
	@touch $@

$(DASHBOARD): $(NODE_MODULES) $(call sources,dashboard)
	cd web && npm run --silent build -w dashboard
	@touch $@

generate: $(NODE_MODULES) ## write generated code anew: pages, OpenAPI document, its types
	@scripts/generate.sh

drift: $(NODE_MODULES) ## fail if generated code is not what the generators write
	@scripts/drift.sh

lint: lint-go lint-web ## look for defects that a machine can find

lint-go: $(LINTER)
	$(LINTER) run ./...

lint-web: $(NODE_MODULES)
	cd web && npm run --silent check

# Built once for each version; Go's own cache makes the next clone's a matter of
# seconds.
$(LINTER):
	@mkdir -p bin/tools
	GOFLAGS= GOBIN=$(CURDIR)/bin/tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv bin/tools/golangci-lint $@

test: ## run everything that must be green, installing what it needs
	@scripts/steps.sh tools drift web lint-go lint-web test-go test-web e2e
	@cat bin/test-go.log

tools: ## install PostgreSQL and Chromium where they are missing
	@scripts/tools.sh all

test-go: ## run the Go tests on both engines
	@mkdir -p bin
	@go test -json $(if $(CI),-count=1) $(TEST_FLAGS) ./... | go run ./scripts/gotest | tee bin/test-go.log

race: ## run the Go tests of what is concurrent with the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -short $(TEST_FLAGS) ./internal/storage/... ./internal/vault/... ./internal/live/... ./internal/audit/... ./internal/inbox/...

test-web: web ## test the interface, and weigh it
	cd web && npm run --silent test -w sdk -w widget -w dashboard && npm run --silent size --workspaces --if-present

e2e: build ## tell the whole story in a real browser
	@scripts/tools.sh chromium
	cd web && BOTIMUM_TEST_BINARY=$(CURDIR)/bin/botimum npm run --silent e2e -w e2e

bench: build ## measure, beside a base taken in the same run
	go run ./bench -binary bin/botimum

clean: ## remove what was built; data and installed packages stay
	rm -rf bin web/e2e/test-results web/e2e/playwright-report
	find internal/widget/dist internal/dashboard/dist -mindepth 1 -not -name .gitkeep -delete
