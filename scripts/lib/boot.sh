# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Boots a kernel, and tells how it ended.

# What a kernel says when something is wrong, whatever the command thought of it. A warning of the kernel begins the line;
# «RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable» is about the processor.
BADNESS='\] RIP: |Call [Tt]race:|BUG: |(^|[]] ?)WARNING: |KASAN: |ref_tracker: |unreferenced object 0x|unregister_netdevice: waiting|blocked for more than [0-9]+ seconds|Kernel panic|Unable to handle|Oops'

# KUnit tests of modules run when they are loaded; the kernel's own do not.
KUNIT="kunit.enable=1 kunit.autorun=1 kunit.filter_glob=rust_pernet*"

# boot_need NAME [bare]: everything up to the boot; bare is a guest with nothing of ours but what --add brings.
boot_need() {
	kernel_need "$1"
	if [[ -n ${2-} ]]; then
		image_base_need
	else
		modules_need
		image_need
	fi
	cache_unlock
}

# boot CPUS MEMORY TIMEOUT APPEND COUNT PATH*COUNT [COMMAND]...: the four first may be empty.
boot() {
	local cpus=${1:-$CPUS} memory=${2:-$MEMORY} timeout=$3 append=$4 count=$5
	local paths=("${@:6:count}")
	shift $((5 + count))

	need_memory $(($(numfmt --from=iec --to-unit=Mi "$memory") + 256)) "The guest"
	scratch run
	RUN=$SCRATCH
	trap 'end_child; rm -rf "$RUN"' EXIT
	trap 'end_child; exit 130' INT
	mkdir "$RUN/files" "$RUN/host"
	echo "$BADNESS" >"$RUN/files/badness"
	if (($#)); then
		printf 'exec%s\n' "$(printf ' %q' "$@")" >"$RUN/files/command"
		timeout=${timeout:-300}
	else
		[[ -t 0 ]] || die "a shell needs a terminal; say what to run behind --."
		stty size >"$RUN/files/command.size"
	fi
	image_session "$RUN/files" "$RUN/image" "${paths[@]}"

	[[ $MACHINE != uml ]] || boot_tempdir "$memory"
	LOG=$CACHE/log/${RUST_PERNET_LOG:-vm-$KERNEL.log}
	boot_once "$cpus" "$memory" "${timeout:-0}" "$append" $#
	# An emulated machine now and then fails on the way up, long before anything of ours is there.
	if grep -qs '^boot' "$RUN/host/result"; then
		cp "$RUN/log" "${LOG%.log}-boot.log"
		say "The kernel's log had the trace of a bug before the first process ran (${LOG%.log}-boot.log); booting once more."
		rm "$RUN/host/result"
		boot_once "$cpus" "$memory" "${timeout:-0}" "$append" $#
	fi
	boot_verdict "$STATUS" "${timeout:-0}"
}

# boot_once CPUS MEMORY TIMEOUT APPEND COMMAND: the last is 0 for a shell. Sets STATUS, the machine's.
boot_once() {
	local output log silence copies
	# The machines want pipes: QEMU would empty a file, UML cannot wait for one. What the guest would
	# read from one of these never comes.
	exec {silence}<> <(:) 3<> <(:)
	exec {log}> >(exec cat >"$RUN/log")
	copies=($!)
	if (($5)); then
		exec {output}> >(exec tee "$RUN/output")
		copies+=($!)
	else
		# A Ctrl-C is for the shell in the guest.
		trap '' INT
		exec {output}>&1
		silence=0
	fi
	"boot_$MACHINE" "$@" <&"$silence" >&"$output" 2>&"$log" &
	CHILD=$!
	exec {output}>&- {log}>&-
	[[ -z ${SILENCE-} ]] || { boot_watch "$CHILD" "$SILENCE" & }
	wait "$CHILD"
	STATUS=$?
	wait "${copies[@]}"
}

# boot_watch PROCESS SECONDS: ends a guest that has written nothing for so long. One that makes progress goes on.
boot_watch() {
	local size last='' since=$SECONDS
	while kill -0 "$1" 2>/dev/null; do
		size=$(stat -c %s "$RUN/output" "$RUN/log" 2>/dev/null)
		[[ $size == "$last" ]] || { last=$size since=$SECONDS; }
		if ((SECONDS - since > $2)); then
			touch "$RUN/silent"
			kill "$1"
			return
		fi
		read -rt 1 <> <(:)
	done
}

# boot_verdict STATUS TIMEOUT: the command's status, if the guest has told it and its log is clean.
boot_verdict() {
	local machine=$1 timeout=$2 status bad
	CHILD=
	cp "$RUN/log" "$LOG.new" && mv "$LOG.new" "$LOG"
	bad=$(grep -aE -m 3 "$BADNESS" "$LOG")
	if [[ -e $RUN/silent ]] || ((timeout && (machine == 124 || machine == 137))); then
		if [[ -e $RUN/silent ]]; then
			say "${RED}The guest had written nothing for $SILENCE s; its log is $LOG."
		else
			say "${RED}The guest was not done after $timeout s; its log is $LOG."
		fi
		say "The last that it wrote: $(tail -n 1 "$RUN/output" 2>/dev/null | tr -cd '[:print:]')"
		exit 124
	fi
	status=$(tr -d '\r' 2>/dev/null <"$RUN/host/result" | sed -n 's/^status \([0-9]*\)$/\1/p')
	if [[ -z $status ]]; then
		if ! grep -qa 'Linux version' "$LOG"; then
			tail -n 5 "$LOG" >&2
			say "${RED}The guest did not start; is it given too much or too little memory, or too many CPUs?"
		elif [[ -n $bad ]]; then
			printf '%s\n' "$bad" >&2
			say "${RED}The guest's kernel did not survive; its log is $LOG."
		else
			tail -n 5 "$LOG" >&2
			say "${RED}The guest ended without telling how its command did; its log is $LOG."
		fi
		exit 125
	fi
	if [[ -n $bad ]]; then
		printf '%s\n' "$bad" >&2
		say "${RED}The kernel's log has the trace of a bug, whatever the command's status ($status): $LOG"
		exit 125
	fi
	exit "$status"
}

# boot_tempdir MEMORY: where User-Mode Linux has the file that is its memory, which it runs programs from. In most containers
# /dev/shm is small, and not for that. Sets TMPDIR.
boot_tempdir() {
	local dir free
	for dir in "${TMPDIR-}" /dev/shm "$RUN"; do
		[[ -n $dir && -w $dir && ,$(findmnt -no OPTIONS -T "$dir" 2>/dev/null), != *,noexec,* ]] || continue
		free=$(df --output=avail -BM "$dir" 2>/dev/null | tr -dc '0-9\n' | tail -n 1)
		((free >= $(numfmt --from=iec --to-unit=Mi "$1"))) || continue
		export TMPDIR=$dir
		return
	done
	die "User-Mode Linux needs $1 in a directory that is not mounted noexec, and neither /dev/shm nor $CACHE is one; point TMPDIR to one."
}

# boot_uml CPUS MEMORY TIMEOUT APPEND COMMAND: the last is 0 for a shell. Standard output is the guest's
# terminal, standard error the kernel's log.
boot_uml() {
	local ground=()
	(($5)) || ground=(--foreground)
	# shellcheck disable=SC2086 # words
	exec setpriv --pdeathsig TERM timeout "${ground[@]}" --kill-after=5 "$3" "$KERNEL_IMAGE" "mem=$2" "initrd=$RUN/image" \
		seccomp=off con0=fd:0,fd:1 con=null ssl0=fd:3,fd:2 ssl=null console=ttyS0 "uml_dir=$RUN/" \
		loglevel=8 panic=-1 log_buf_len=16M vm.tty=tty0 vm.host="$RUN/host" vm.result=result $KUNIT $CMDLINE $4
}

boot_qemu() {
	# QEMU copies byte by byte what the kernel copies by these instructions, where the processor has them.
	local accel=tcg,thread=multi cpu=max,la57=off,erms=off,fsrm=off,avx=off,avx2=off tty=file,id=tty,path=/dev/fd/1 ground=()
	(($5)) || tty=stdio,id=tty,signal=off ground=(--foreground)
	boot_kvm && accel=kvm cpu=max,la57=off
	exec setpriv --pdeathsig TERM timeout "${ground[@]}" --kill-after=5 "$3" qemu-system-x86_64 -accel "$accel" -cpu "$cpu" \
		-smp "$1" -m "$2" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$KERNEL_IMAGE" -initrd "$RUN/image" \
		-chardev file,id=log,path=/dev/fd/2 -device isa-serial,index=0,chardev=log \
		-chardev "$tty" -device isa-serial,index=1,chardev=tty \
		-chardev "file,id=result,path=$RUN/host/result" -device isa-serial,index=2,irq=4,chardev=result \
		-append "console=ttyS0 loglevel=8 panic=-1 log_buf_len=16M vm.tty=ttyS1 vm.result=/dev/ttyS2 $KUNIT $CMDLINE $4"
}

# boot_virt CPUS MEMORY TIMEOUT APPEND COMMAND: QEMU's own machine for arm64. That has one serial port; the other two are
# on a card.
boot_virt() {
	local tty=file,id=tty,path=/dev/fd/1 ground=()
	(($5)) || tty=stdio,id=tty,signal=off ground=(--foreground)
	exec setpriv --pdeathsig TERM timeout "${ground[@]}" --kill-after=5 "$3" qemu-system-aarch64 -M virt \
		-accel tcg,thread=multi -cpu max,pauth-impdef=on -smp "$1" -m "$2" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$KERNEL_IMAGE" -initrd "$RUN/image" \
		-chardev file,id=log,path=/dev/fd/2 -serial chardev:log \
		-chardev "$tty" -chardev "file,id=result,path=$RUN/host/result" \
		-device pci-serial-2x,chardev1=tty,chardev2=result \
		-append "console=ttyAMA0 loglevel=8 panic=-1 log_buf_len=16M vm.tty=ttyS0 vm.result=/dev/ttyS1 $KUNIT $CMDLINE $4"
}

# boot_kvm: whether a guest boots with KVM here. The device may be there, and even answer, while none does; so one is
# booted, once after each start of the host for each kernel. That none did holds for a day. RUST_PERNET_KVM, yes or no,
# goes before.
boot_kvm() {
	local known key
	[[ -z ${RUST_PERNET_KVM-} ]] || { [[ $RUST_PERNET_KVM == yes ]]; return; }
	[[ -w /dev/kvm ]] || return 1
	key="$(cat /proc/sys/kernel/random/boot_id) ${KERNEL_IMAGE#"$CACHE"/}"
	known=$(awk -v key="$key" -v now="$EPOCHSECONDS" '$1 " " $2 == key && ($3 == "yes" || now - $4 < 86400) { print $3 }' \
		"$CACHE/kvm" 2>/dev/null | tail -n 1)
	if [[ -z $known ]]; then
		timeout --kill-after=1 10 qemu-system-x86_64 -accel kvm -cpu max,la57=off -m "$MEMORY" -nodefaults \
			-no-user-config -display none -no-reboot -kernel "$KERNEL_IMAGE" -initrd "$RUN/image" \
			-serial none -append "panic=-1 rdinit=/bin/reboot -- -f" >/dev/null 2>&1 </dev/null &&
			known=yes || known=no
		# Those of earlier starts say nothing any more. Another guest may write it at once.
		{ grep -sF "${key% *} " "$CACHE/kvm"; echo "$key $known $EPOCHSECONDS"; } >"$RUN/kvm" && mv "$RUN/kvm" "$CACHE/kvm"
	fi
	[[ $known == yes ]]
}
