# The one door to everything. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CONFIGURATION ?= debug
ECLUSE = .build/$(CONFIGURATION)/ecluse
# The Python that has the interoperability clients, and one of these; scripts/install makes them.
export SFTP_TEST_PYTHON = $(CURDIR)/.build/clients/bin/python
export SCHEMATHESIS = $(CURDIR)/.build/clients/bin/schemathesis
export ECLUSE_REQUIRE_CLIENTS = 1
SOURCES = Package.swift Sources Tests Fuzz/Package.swift Fuzz/Targets
# Of the crash campaign.
SEEDS ?= 1-300
# Flags of every build: the same for all targets, so that one run builds once. CI gives those that make warnings errors.
FLAGS ?=

.PHONY: help
help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

.PHONY: demo
demo: demo-dependencies build ## The main job end to end over SFTP, HTTPS and FTPS, and what each sender got
	$(ECLUSE) demo --servers .build/servers

.PHONY: test
test: test-dependencies ## All tests, real clients and servers included
	swift build $(FLAGS) --build-tests
	scripts/test $(FLAGS)

.PHONY: build
build: dependencies ## A debug build
	swift build $(FLAGS) --product ecluse

.PHONY: release
release: dependencies ## An optimised build
	swift build $(FLAGS) -c release --product ecluse

.PHONY: format
format: ## Formats the sources
	swift format --in-place --recursive $(SOURCES)

.PHONY: lint
lint: ## Checks the format
	swift format lint --strict --recursive $(SOURCES)
	@! grep -rn 'wait(timeout:' Sources || { echo 'lint: waits by the wall clock; SteadySemaphore does not' >&2; exit 1; }

.PHONY: check
check: lint test ## Format, all tests, a few hundred seeds of the crash campaign; .ci/run has warnings as errors, too
	FLAGS="$(FLAGS)" CONFIGURATION=debug scripts/crash $(SEEDS)
	scripts/symbols $(CONFIGURATION)
	scripts/citations

# Seconds of each fuzz target.
TIME ?= 30
.PHONY: fuzz
fuzz: fuzz-dependencies ## Feeds strange bytes to all that reads bytes of strangers, TIME=30 seconds to each
	scripts/fuzz -t $(TIME)

.PHONY: check-address
check-address: test-dependencies ## Tests under AddressSanitizer, with a look for leaks at the end
	FLAGS="$(FLAGS)" scripts/sanitize address

.PHONY: check-thread
check-thread: test-dependencies ## Tests under ThreadSanitizer
	FLAGS="$(FLAGS)" scripts/sanitize thread

.PHONY: crash
crash: dependencies ## The crash campaign; SEEDS=1-10000, or SEEDS=17 to play one again
	FLAGS="$(FLAGS)" CONFIGURATION=$(CONFIGURATION) scripts/crash $(SEEDS)

# Of the benchmarks, as Benchmarks/run --help names them; all by default. --quick takes small amounts.
PARTS ?=
.PHONY: bench
bench: test-dependencies release ## Speed and memory, each as a ratio to a peer or limit; PARTS="job soak --quick"
	Benchmarks/run $(PARTS)

.PHONY: dependencies
dependencies: ## Installs the system packages a build needs
	@scripts/install build

.PHONY: fuzz-dependencies
fuzz-dependencies: dependencies ## Installs what makes the seeds of fuzzing
	@scripts/install fuzz

.PHONY: demo-dependencies
demo-dependencies: ## Installs what a build needs, and the FTP server of the demo
	@scripts/install build ftp

.PHONY: test-dependencies
test-dependencies: ## Installs the clients and servers the tests use
	@scripts/install build test servers
