# SPDX-License-Identifier: GPL-2.0
# How a module that includes this library is built. The Kbuild of its folder includes this file, and says for
# each module NAME.rs:
#
#	obj-m += NAME.o
#	NAME-y := NAME_main.o helpers.o
#
# and adds helpers_netlink.o for one with a family of netlink, helpers_resource.o for one with per-cpu counters, work
# items, chores or devices, and helpers_facts.o for one that asks for references, devices or owners of namespaces or
# for the current task. A module may not have a part of its own name, so the crate's object has another.

pernet-net := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

# bindings.rs includes the file of this name.
export RUST_PERNET_BINDINGS := $(abspath $(obj))/pernet_bindings.rs

pernet-helpers := helpers.o helpers_facts.o helpers_netlink.o helpers_resource.o
targets += pernet_bindings.rs $(pernet-helpers)

$(obj)/%_main.o: $(src)/%.rs $(obj)/pernet_bindings.rs FORCE
	+$(call if_changed_rule,rustc_o_rs)

$(addprefix $(obj)/,$(pernet-helpers)): $(obj)/%.o: $(pernet-net)/%.c $(pernet-net)/bindings_helper.h FORCE
	$(call if_changed_dep,cc_o_c)

# What the kernel passed to clang for its own bindings stands in the command that made them. It holds for the
# kernel's build folder. A newer bindgen takes `gen` for the keyword that it is in the next edition.
pernet-kernel-cmd := $(abspath $(objtree))/rust/bindings/.bindings_generated.rs.cmd

quiet_cmd_pernet_bindgen = BINDGEN $(quiet_modtag) $@
      cmd_pernet_bindgen = \
	eval "set -- `sed -n '1s/ ;.*//; 1s/.* -- //; 1s/-Wp,-MMD,[^ ]*//; 1p' $(pernet-kernel-cmd)`"; \
	(cd $(abspath $(objtree)) && \
		$(BINDGEN) $(abspath $<) $(shell grep -Ev '^\#|^$$' $(pernet-net)/bindgen_parameters) \
		--use-core --ctypes-prefix kernel::ffi --no-doc-comments --no-debug '.*' \
		--enable-function-attribute-detection -o $(abspath $@) -- "$$@"); \
	sed -Ei -e 's/pub fn rust_helper_([a-zA-Z0-9_]*)/$(pound)[link_name = "rust_helper_\1"]\n    pub fn \1/g' \
		-e 's/pub const RUST_CONST_HELPER_/pub const /g' \
		-e 's/\<gen_\>/gen/g' $(abspath $@)

$(obj)/pernet_bindings.rs: $(pernet-net)/bindings_helper.h $(pernet-net)/bindgen_parameters \
		$(pernet-kernel-cmd) FORCE
	$(call if_changed,pernet_bindgen)

# rustc makes an object of every method that implements a trait of the crate, be it called, inlined or neither,
# and the library is part of the crate. There is none of a function that other crates may inline.
rustflags-y += -Zcross-crate-inline-threshold=always
# UML's module loader knows only the relocations of the large code model.
rustflags-$(CONFIG_UML) += -Crelocation-model=static -Ccode-model=large
