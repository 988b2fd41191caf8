# repro-audit: `make demo` and `make test` do everything on a machine with Node, make, python3 and a C++ compiler.
.DEFAULT_GOAL := help
.PHONY: help demo build test lint format check bench golden clean

A ?=
B ?=
NODE_STAMP := node_modules/.repro-audit-installed
SOURCES := $(shell find src -name '*.ts' -o -name '*.tsx')
TESTS = $$(find dist/test -name '*.test.js' | sort)

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(NODE_STAMP): package.json package-lock.json
	npm install --no-save --no-audit --no-fund
	@touch $@

dist/bin/repro-audit.js: $(NODE_STAMP) $(SOURCES) tsconfig.json tools/bundle.mjs
	npx tsc -p .
	node tools/bundle.mjs

build: dist/bin/repro-audit.js ## install, compile and bundle

demo: build ## hook two real builds and show what still differs (make demo A=dir B=dir: your own trees)
	@sh tools/demo.sh "$(A)" "$(B)"

test: build ## run the tests; those whose oracle is missing are skipped and say so
	@npx tsc -p .
	node --enable-source-maps --test --test-concurrency=2 $(TESTS)

lint: $(NODE_STAMP) ## lint and check types and format
	npx oxlint --type-aware
	npx prettier --check --log-level warn .
	npx tsc -p . --noEmit

format: $(NODE_STAMP) ## write the format
	npx prettier --write --log-level warn .

check: lint test ## all that must be clean before a change lands

bench: build ## measure against the peers
	npx tsc -p .
	node bench/normalize.mjs
	node bench/explain.mjs
	node bench/inspection.mjs
	node bench/sources.mjs
	node bench/run.mjs

golden: build ## write the golden files of the CLI tests anew
	UPDATE_GOLDEN=1 node --test $$(find dist/test/cli -name '*.test.js' | sort)

clean: ## remove what was built
	rm -rf dist demo
