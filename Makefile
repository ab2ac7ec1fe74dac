# Everything a developer types. `make help` lists it.

PREFIX  ?= /usr/local
DESTDIR ?=
SCRATCH ?= .build
DIST    ?= dist
VM_DIR  ?= /tmp/rkt-guest

SWIFT_SOURCES = Package.swift Sources Tests
RELEASE        = $(SCRATCH)/release

.PHONY: help deps deps-test build demo test test-vm bench lint install clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

deps: ## install the Debian packages the build needs
	@Scripts/packages build

deps-test: deps ## … and those that tests, demo and benchmarks need
	@Scripts/packages test

build: deps ## build the release programs into dist/, laid out as installed
	@swift build --quiet --scratch-path $(SCRATCH) -c release --product rkt
	@swift build --quiet --scratch-path $(SCRATCH) -c release --product stage1
	@swift build --quiet --scratch-path $(SCRATCH) -c release --product rkt-fetcher
	@swift build --quiet --scratch-path $(SCRATCH) -c release --product acbuild
	@swift build --quiet --scratch-path $(SCRATCH) -c release --product probe
	@install -d $(DIST)/bin $(DIST)/lib/rkt $(DIST)/test
	@install -m 0755 -s $(RELEASE)/rkt $(DIST)/bin/rkt
	@install -m 0755 -s $(RELEASE)/acbuild $(DIST)/bin/acbuild
	@ln -sf acbuild $(DIST)/bin/actool
	@install -m 0755 $(RELEASE)/stage1 $(DIST)/lib/rkt/stage1
	@install -m 0755 -s $(RELEASE)/rkt-fetcher $(DIST)/lib/rkt/rkt-fetcher
	@install -m 0755 -s $(RELEASE)/probe $(DIST)/test/probe

demo: build ## run a real application in a pod, and share an image of a C program
	@Scripts/packages demo
	@Scripts/demo $(DIST)/bin/rkt
	@Scripts/tutorial $(DIST)

lint: ## check the sources' format
	@swift format lint --strict --parallel --recursive --configuration .swift-format $(SWIFT_SOURCES)

test: lint build deps-test ## lint, build, and run every test against the release programs
	@Scripts/debian-image
	RKT_DIST=$(abspath $(DIST)) swift test --scratch-path $(SCRATCH)

test-vm: build deps-test ## run the functional tests in a guest with systemd, cgroup v2 and AppArmor
	@Scripts/debian-image
	@VM_DIR=$(VM_DIR) Scripts/vm/test $(SCRATCH) $(DIST)

bench: build deps-test ## measure against crun, podman, skopeo; writes Documentation/performance.md
	@Benchmarks/bench --dist $(DIST) --output Documentation/performance.md

install: ## copy the built programs below DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/rkt
	install -m 0755 $(DIST)/bin/rkt $(DIST)/bin/acbuild $(DESTDIR)$(PREFIX)/bin/
	ln -sf acbuild $(DESTDIR)$(PREFIX)/bin/actool
	install -m 0755 $(DIST)/lib/rkt/stage1 $(DIST)/lib/rkt/rkt-fetcher $(DESTDIR)$(PREFIX)/lib/rkt/

clean: ## remove what build and test made
	rm -rf $(SCRATCH) $(DIST)
