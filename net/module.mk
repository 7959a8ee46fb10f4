# SPDX-License-Identifier: GPL-2.0
# How a module that uses this library is built. The Kbuild of its directory says for each module NAME.rs
#
#	obj-m += NAME.o
#
# and then includes this file. What NAME-y lists, such as C files, is linked into the module, too. Nothing of that may
# have the module's own name, so the object of NAME.rs is NAME_main.o.
#
# The library is a crate of its own, `net`. The first directory of a build that includes this file makes it, in net/,
# and the directories below it use that.

pernet-net := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

# Makefile.clean and Makefile.modpost read a Kbuild, too, and make nothing of it.
pernet-builds := $(filter Makefile.build,$(notdir $(firstword $(MAKEFILE_LIST))))

# Modules that the linker makes of this archive take the parts of the library that they refer to, and no others. For the
# versions of symbols modpost reads a .net.o.cmd beside what has the name net.a or net.o.
pernet-archive := $(if $(RUST_PERNET_OBJ),$(subst $(space),,$(patsubst %,../,$(subst /, ,$(filter-out .,$(obj)))))$(RUST_PERNET_OBJ)/,net/)net.a
$(foreach m,$(basename $(filter %.o,$(obj-m))),$(if $(wildcard $(src)/$m.rs),$(eval $m-y += $m_main.o $(pernet-archive))))

ifndef RUST_PERNET_OBJ
export RUST_PERNET_OBJ := $(patsubst ./%,%,$(obj)/net)
# net/bindings.rs includes the file of this name.
export RUST_PERNET_BINDINGS := $(abspath $(RUST_PERNET_OBJ))/pernet_bindings.rs

pernet-parts := net.o $(addprefix c/,helpers.o helpers_facts.o helpers_genetlink.o helpers_resource.o)
targets += $(addprefix net/,pernet_bindings.rs net.a $(pernet-parts))
clean-files += net/libnet.rmeta

# This rule of the kernel's writes an object, and rustc writes the crate's metadata in the same run.
RUSTFLAGS_net/net.o := --crate-name net --emit=metadata=$(RUST_PERNET_OBJ)/libnet.rmeta

$(RUST_PERNET_OBJ)/net.o: $(pernet-net)/mod.rs $(RUST_PERNET_OBJ)/pernet_bindings.rs \
		$(wildcard $(objtree)/rust/libkernel.rmeta) FORCE
	+$(call if_changed_rule,rustc_o_rs)

$(addprefix $(RUST_PERNET_OBJ)/,$(filter c/%,$(pernet-parts))): $(RUST_PERNET_OBJ)/%.o: \
		$(pernet-net)/%.c $(pernet-net)/c/bindings_helper.h FORCE
	$(call if_changed_dep,cc_o_c)

# Kbuild knows what is part of a module by the lists of the modules, and none of them names what is in an archive.
$(addprefix $(RUST_PERNET_OBJ)/,$(pernet-parts)): private part-of-module := y

$(RUST_PERNET_OBJ)/net.a: $(addprefix $(RUST_PERNET_OBJ)/,$(pernet-parts)) FORCE
	$(call if_changed,ar)

# Directories are built while this one is.
pernet-below := $(patsubst %/,%,$(filter %/,$(obj-y) $(obj-m)))
ifneq ($(and $(pernet-builds),$(pernet-below)),)
$(patsubst ./%,%,$(addprefix $(obj)/,$(pernet-below))): $(RUST_PERNET_OBJ)/net.a
endif

# What the kernel passed to clang for its own bindings stands in the command that made them. It holds for the
# kernel's build folder. A newer bindgen takes `gen` for the keyword that it is in the next edition.
pernet-kernel-cmd := $(abspath $(objtree))/rust/bindings/.bindings_generated.rs.cmd

quiet_cmd_pernet_bindgen = BINDGEN $(quiet_modtag) $@
      cmd_pernet_bindgen = \
	eval "set -- `sed -n '1s/ ;.*//; 1s/.* -- //; 1s/-Wp,-MMD,[^ ]*//; 1p' $(pernet-kernel-cmd)`"; \
	(cd $(abspath $(objtree)) && \
		$(BINDGEN) $(abspath $<) $(shell grep -Ev '^\#|^$$' $(pernet-net)/c/bindgen_parameters) \
		--use-core --ctypes-prefix kernel::ffi --no-doc-comments --no-debug '.*' \
		--enable-function-attribute-detection -o $(abspath $@) -- "$$@"); \
	sed -Ei -e 's/pub fn rust_helper_([a-zA-Z0-9_]*)/$(pound)[link_name = "rust_helper_\1"]\n    pub fn \1/g' \
		-e 's/pub const RUST_CONST_HELPER_/pub const /g' \
		-e 's/\<gen_\>/gen/g' $(abspath $@)

$(RUST_PERNET_OBJ)/pernet_bindings.rs: $(pernet-net)/c/bindings_helper.h $(pernet-net)/c/bindgen_parameters \
		$(pernet-kernel-cmd) FORCE
	$(call if_changed,pernet_bindgen)
endif

# Without `private` net.o would have these flags when it is made for such an object, and others when it is not.
$(obj)/%_main.o: private rustflags-y += --extern net=$(RUST_PERNET_OBJ)/libnet.rmeta
$(obj)/%_main.o: $(src)/%.rs $(RUST_PERNET_OBJ)/net.o FORCE
	+$(call if_changed_rule,rustc_o_rs)

# rustc makes an object of every method that implements a trait of the crate, be it called, inlined or neither,
# and the library is part of the crate. There is none of a function that other crates may inline.
rustflags-y += -Zcross-crate-inline-threshold=always
# UML's module loader knows only the relocations of the large code model.
rustflags-$(CONFIG_UML) += -Crelocation-model=static -Ccode-model=large
