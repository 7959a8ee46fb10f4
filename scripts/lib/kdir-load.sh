# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For check-kdir: whether a module would load.

# module_bytes: the module, which may be compressed.
module_bytes() {
	case $MODULE in
	*.xz) xz -dc -- "$MODULE" ;;
	*.gz) gzip -dc -- "$MODULE" ;;
	*.zst) zstd -dcq -- "$MODULE" ;;
	*) cat -- "$MODULE" ;;
	esac
}

# load_module_check: whether the module is one for the kernel. Sets SIGNED.
load_module_check() {
	local kernel=$RUNNING magic words word want
	((!BUILD)) || kernel=$RELEASE
	[[ -f $MODULE && -r $MODULE ]] || usage_error "there is no module $MODULE"
	magic=$(module_bytes 2>/dev/null | tr '\0' '\n' | sed -n 's/^vermagic=//p' | head -n 1)
	[[ -n $magic ]] || usage_error "$MODULE is no kernel module, or compressed by what is not installed"
	SIGNED=0
	[[ $(module_bytes | tail -c 28 | tr -d '\0') != '~Module signature appended~' ]] || SIGNED=1
	[[ ${magic%% *} == "$kernel" ]] ||
		fail 8 other-kernel "$MODULE was built for ${magic%% *}, and this kernel is $kernel, so insmod would say Invalid module format."
	# The other words are the same in each module of a kernel.
	if words=$(kernel_words); then
		for word in SMP preempt preempt_rt mod_unload modversions; do
			want=0
			[[ " $words " != *" $word "* ]] || want=1
			[[ " $magic " == *" $word "* ]]
			(($? != want)) ||
				fail 8 other-kernel "$MODULE was built with '${magic#* }', and $kernel with '$words', so insmod would say Invalid module format."
		done
	fi
	load_btf_check
}

# kernel_words: what stands in vermagic behind the release, by the configuration; nothing if that is not known.
kernel_words() {
	local file=$TREE/include/config/auto.conf words=''
	[[ -r $file ]] || return
	[[ -z $(config SMP) ]] || words+='SMP '
	if [[ $(config PREEMPT_RT) ]]; then
		words+='preempt_rt '
	elif [[ $(config PREEMPT_BUILD) ]]; then
		words+='preempt '
	fi
	[[ -z $(config MODULE_UNLOAD) ]] || words+='mod_unload '
	[[ -z $(config MODVERSIONS) ]] || words+='modversions '
	echo "${words% }"
}

# elf_section FILE NAME: its offset and size in a 64-bit little-endian file.
elf_section() {
	local offset count names headers strings
	read -r offset < <(od -An -tu8 -j40 -N8 "$1")
	read -r _ count names < <(od -An -tu2 -j58 -N6 "$1")
	((offset && count)) || return
	mapfile -t headers < <(od -An -v -w64 -tu8 -j"$offset" -N$((count * 64)) "$1")
	read -ra strings <<<"${headers[names]}"
	# The names, each behind where it begins, and then the headers: the first word has that place, and above it the
	# kind of section, which is 1 for what a program defines.
	{
		tail -c +$((strings[3] + 1)) "$1" | head -c "${strings[4]}" | tr '\0\n' '\n.' |
			awk '{ print "name", at + 0, $0; at += length($0) + 1 }'
		printf 'section %s\n' "${headers[@]}"
	} | awk -v name="$2" '$1 == "name" && $3 == name { wanted = $2; known = 1 }
		$1 == "section" && known && $2 == wanted + 4294967296 { print $5, $6; exit }' | grep .
}

# load_btf_check: types of the module that do not fit those of the running kernel.
load_btf_check() {
	local offset size here=$SYSROOT/sys/kernel/btf/vmlinux
	[[ $RELEASE == "$RUNNING" && -r $here && -r $TREE/vmlinux && -r $TREE/include/config/auto.conf && $MODULE == *.ko ]] ||
		return 0
	[[ $(config DEBUG_INFO_BTF_MODULES) == y && -z $(config MODULE_ALLOW_BTF_MISMATCH) ]] || return 0
	elf_section "$MODULE" .BTF >/dev/null && ! elf_section "$MODULE" .BTF.base >/dev/null || return 0
	read -r offset size < <(elf_section "$TREE/vmlinux" .BTF) || return 0
	[[ $(tail -c +$((offset + 1)) "$TREE/vmlinux" | head -c "$size" | sha256sum) == $(sha256sum <"$here") ]] ||
		fail 8 other-btf "$MODULE has types (BTF) for the vmlinux in $TREE, which is not the running kernel, so insmod would say Invalid parameters, and dmesg: failed to validate module BTF."
}

# load_check: whether this system takes modules, unsigned ones if there is none or it has no signature.
load_check() {
	local reason='' level says
	if [[ $RELEASE != "$RUNNING" ]]; then
		note "the running kernel is $RUNNING, so nothing can be said of a load into $RELEASE."
		return
	fi
	[[ $(cat "$SYSROOT/proc/sys/kernel/modules_disabled" 2>/dev/null) != 1 ]] ||
		fail 8 modules-disabled "kernel.modules_disabled is 1 on this system, so insmod would say Operation not permitted, of any module."
	# Where securityfs is not mounted, the command line may tell.
	level=$(sed -nE 's/(^|.* )lockdown=([a-z]+).*/\2/p' "$SYSROOT/proc/cmdline" 2>/dev/null)
	[[ ! -r $SYSROOT/sys/kernel/security/lockdown ]] || level=$(sed -n 's/.*\[\(.*\)\].*/\1/p' "$SYSROOT/sys/kernel/security/lockdown")
	if [[ $(cat "$SYSROOT/sys/module/module/parameters/sig_enforce" 2>/dev/null) == [Y1] ]]; then
		reason="it enforces signatures (module.sig_enforce)" says="Key was rejected by service"
	elif [[ ${level:-none} != none ]]; then
		reason="it is locked down ($level)" says="Operation not permitted"
	fi
	[[ -n $reason ]] || return 0
	if ((SIGNED)); then
		note "this kernel loads only modules that are signed by a key that it trusts, since $reason; $MODULE has a signature, and whether it trusts the key only a load tells."
		return
	fi
	fail 8 unsigned "this kernel loads only modules that are signed by a key that it trusts, since $reason, and ${MODULE:-what is built} has no signature, so insmod would say $says."
}
