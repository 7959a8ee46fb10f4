# SPDX-License-Identifier: GPL-2.0
# For people: "make help". What the kernel's build system reads is Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
# What an install puts anywhere is below DESTDIR.
INSTALL_MOD_PATH ?= $(DESTDIR)
# These reach the kernel's build system as they are.
PASS := $(foreach v,LLVM CLIPPY MO V RUSTC BINDGEN ARCH CROSS_COMPILE KERNELRELEASE INSTALL_MOD_PATH INSTALL_MOD_DIR,$(if $($(v)),$(v)="$($(v))"))

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
INSTALL = DESTDIR="$(DESTDIR)" prefix="$(prefix)" sbindir="$(sbindir)" KDIR="$(KDIR)" MO="$(MO)" \
	KERNELRELEASE="$(KERNELRELEASE)" INSTALL_MOD_PATH="$(INSTALL_MOD_PATH)" INSTALL_MOD_DIR="$(INSTALL_MOD_DIR)" scripts/install

.PHONY: modules modules_install tools_build tools_install install uninstall clean run test check check-all kernels matrix shell lint check-kdir litmus compile-fail mutants model tools drive torture faults witness bench deb package docs htmldocs rustdoc fmt rust-analyzer rust-analyzer-check tutorial series intree help

modules:
	@LLVM="$(LLVM)" CC="$(if $(findstring command,$(origin CC)),$(CC))" ARCH="$(ARCH)" CROSS_COMPILE="$(CROSS_COMPILE)" \
		RUSTC="$(RUSTC)" BINDGEN="$(BINDGEN)" scripts/check-kdir "$(KDIR)"
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(PASS) modules

modules_install:
	@$(INSTALL) --check modules
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(PASS) modules_install
	@$(INSTALL) modules

tools_build:
	@scripts/tools --build

tools_install:
	@$(INSTALL) tools

# Nothing, or both.
install:
	@$(INSTALL) --check modules tools
	@$(MAKE) modules_install tools_install

uninstall:
	@$(INSTALL) --remove modules tools

clean:
	@test -d "$(KDIR)" || { echo "there is no $(KDIR); say where the kernel is with KDIR=TREE." >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(PASS) clean

run:
	@scripts/run

test:
	@scripts/test

check:
	@scripts/test --tier check

check-all:
	@scripts/test --tier all

faults:
	@scripts/faults

witness:
	@scripts/witness

kernels:
	@scripts/prepare

matrix:
	@scripts/matrix

shell:
	@scripts/vm --kernel stock || :

lint:
	@scripts/lint

check-kdir:
	@scripts/check-kdir-test

litmus:
	@scripts/litmus

compile-fail:
	@scripts/compile-fail

mutants:
	@scripts/mutants

model:
	@scripts/model

tools:
	@scripts/tools

drive:
	@scripts/drive

torture:
	@scripts/torture

bench:
	@scripts/bench

docs:
	@scripts/docs

htmldocs:
	@scripts/docs html

rustdoc:
	@scripts/docs rust

deb:
	@scripts/deb

package:
	@scripts/package

series:
	@scripts/series

intree:
	@scripts/intree

fmt:
	@scripts/fmt

rust-analyzer:
	@scripts/rust-analyzer --kdir "$(KDIR)" $(PASS)

rust-analyzer-check:
	@scripts/rust-analyzer --check

tutorial:
	@scripts/tutorial

help:
	@echo 'On a test kernel; all that is needed is fetched and built, once:'
	@echo '  make run              load the module, make and remove namespaces, show the events'
	@echo '  make test             what a patch needs: the source, and the kselftests on the stock kernel; builds no kernel'
	@echo '  make check            also User-Mode Linux with KASAN, kmemleak and failslab, and mutants; CI runs this'
	@echo '  make check-all        also the debug kernel with lockdep, all mutants, litmus, benches, documentation'
	@echo '  make drive            the kernel beside the model: every program of 4 operations, 200,000 operations by chance'
	@echo '  make faults           every allocation of loads, unloads and unshare(2) fails once'
	@echo '  make witness          the kernel'"'"'s own selftests, with our modules and without: same verdicts'
	@echo '  make shell            a shell in the stock kernel, the modules in /modules'
	@echo '  make torture          a long run under load: 100,000 namespaces on uml, 5,000 on debug; writes a report'
	@echo '  make kernels          only make the test kernels'
	@echo '  make matrix           the kselftests on other kernels that Debian has built: older, newer, arm64; a table'
	@echo '  make bench            what the library costs beside the same in C'
	@echo '  scripts/run uml       what "make run" does, on another of them: the quick loop'
	@echo '  scripts/vm --help     boot any of them, with a command of your own'
	@echo '  scripts/build --help  build a folder of your own against one'
	@echo '  scripts/test --help   some of the tests, on some of the kernels'
	@echo '  scripts/ynl           the ledger by the netlink tool of the kernel itself'
	@echo '  scripts/pictures      take the pictures of netns-ledger again'
	@echo '  scripts/torture --help'
	@echo '                        more or less of it, on another kernel, with other parameters'
	@echo
	@echo 'On a kernel of your own:'
	@echo '  scripts/check-kdir    whether a Rust module can be built and loaded, and what to do if not'
	@echo '  make KDIR=TREE        build the modules (default: $(KDIR))'
	@echo '  make tools_build      build the command netns-ledger'
	@echo '  make KDIR=TREE install'
	@echo '                        install both, as root: modules_install and tools_install, which can be had alone;'
	@echo '                        DESTDIR=FOLDER, prefix=FOLDER and INSTALL_MOD_PATH=FOLDER say where to'
	@echo '  make KDIR=TREE uninstall'
	@echo '  make KDIR=TREE clean'
	@echo '  make KDIR=TREE rust-analyzer'
	@echo '                        LLVM=1, V=1, CLIPPY=1, MO=FOLDER, RUSTC=PATH, BINDGEN=PATH are passed through'
	@echo
	@echo 'On the source:'
	@echo '  make lint             rustfmt, clippy, shellcheck, checkpatch'
	@echo '  make check-kdir       every reason why a module does not build or load, staged and named'
	@echo '  make mutants          what the tests find when the library is wrong'
	@echo '  make compile-fail     what must not compile does not'
	@echo '  make model            the reference model of the kernel: its tests, every small program'
	@echo '  make tools            the tests of the command netns-ledger'
	@echo '  make htmldocs         the pages of Documentation/, by Sphinx'
	@echo '  make rustdoc          those of the library, by rustdoc'
	@echo '  make docs             the checks of both; scripts/docs draw draws again what is drawn from source'
	@echo '  make litmus           what is ordered between CPUs, by the kernel'"'"'s memory model'
	@echo '  make deb              build Debian packages: the ledger for dkms, its command, the library as source'
	@echo '  make package          install them in a fresh Debian, load what dkms builds there, remove them'
	@echo '  make fmt              format the Rust code as the kernel does'
	@echo '  scripts/rust-analyzer rust-project.json for an editor, without a kernel of your own'
	@echo '  make rust-analyzer-check'
	@echo '                        that rust-analyzer understands all of it'
	@echo '  make series           the patches that bring all of it into the kernel'"'"'s tree, and checkpatch'
	@echo '  make intree           those applied, built one by one and tested, on User-Mode Linux and x86_64'
	@echo '  make tutorial         Documentation/tutorial.rst, word by word'
	@echo
	@echo 'What is fetched and built lies in $${RUST_PERNET_CACHE:-~/.cache/rust-pernet}.'
