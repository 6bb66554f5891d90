#!/bin/sh
# Restores at random times are compared with a recorded history. A full disk,
# damaged files and missing files of the archive.
test_description='archive: restores'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

times=5 flips=6 commits=8
[ "${EARMARK_FAULT-}" != full ] || times=100 flips=300 commits=200
SEED=${SEED:-$(date +%N | sed 's/^0*//')}
note "SEED=$SEED"

# Sets $number to a random number of 0 to $1 - 1.
random() {
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	number=$((SEED / 65536 * 32768 % $1))
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	number=$(((number + SEED / 65536) % $1))
}

em_temp
archive=$EM_TEMP/archive
mkdir "$archive"
small=
if mount -t tmpfs -o size=24m tmpfs "$archive" 2>/dev/null; then
	small=yes
	trap 'left=$?; em_stop; umount -l "$archive"; (exit $left); em_exit' EXIT
fi
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_allow '"event":"(archive|child)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

test_expect_success 'setup: a history with the time before and after each commit' '
	em_user ana && em_user marker &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	first=$(count) && : >history &&
	for n in $(seq $commits); do
		before=$(now_ms) && adjust || return 1
		echo "$((first + n)) $before $(now_ms)" >>history
		random 300 && sleep "$(printf "0.%03d" $number)"
	done &&
	archived
'

# If the time is within a command, both numbers are right.
test_expect_success 'restore --at returns the last commit before a random time' '
	begin=$(head -n 1 history | cut -d" " -f3) &&
	end=$(tail -n 1 history | cut -d" " -f3) &&
	for n in $(seq $times); do
		random $((end - begin)) && at=$((begin + number)) &&
		text=$(date -u -d "@${at%???}" +%FT%T).$(printf %s "$at" | tail -c 3)Z &&
		restore at --archive "$archive" --at "$text" >out || return 1
		least=$(awk "\$3 < $at { n = \$1 } END { print n }" history)
		most=$(awk "\$2 <= $at { n = \$1 } END { print n }" history)
		got=$(transfers at)
		[ "$got" -ge "$least" ] && [ "$got" -le "$most" ] ||
		    { note "$text: $got, expected $least to $most"; return 1; }
	done
'

if [ -n "$small" ]; then
	test_expect_success 'a full archive disk delays nothing and leaves a recent commit' '
		kept=$(count) &&
		failures=$(metric earmark_archive_failures_total) &&
		{ dd if=/dev/zero of="$archive/filler" bs=64k status=none || :; } 2>/dev/null &&
		test -s "$archive/filler" &&
		for n in 1 2 3 4 5 6; do
			adjust || return 1
			api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"full $n\"}" &&
			expect 201 || return 1
		done &&
		em_until "[ \$(metric earmark_archive_failures_total) -gt ${failures:-0} ]" &&
		restore full --archive "$archive" >out &&
		[ "$(transfers full)" -ge "$kept" ] &&
		rm "$archive/filler" &&
		archived &&
		restore full --archive "$archive" >out &&
		[ "$(transfers full)" = "$(count)" ] &&
		[ "$(find "$archive" -name base | wc -l)" = 1 ]
	'
fi

# A damaged copy of the configuration does not prevent a restore.
test_expect_success 'a flipped byte of any file is rejected' '
	em_stop && base=$(basename "$(dirname "$(find "$archive" -name base)")") &&
	find "$archive" -type f | sort >files &&
	for n in $(seq $flips); do
		random "$(wc -l <files)" &&
		file=$(sed -n "$((number + 1))p" files) &&
		cp "$file" keep && random "$(stat -c %s keep)" &&
		byte=$(od -An -tu1 -j $number -N 1 keep) &&
		printf "\\$(printf %o $((byte ^ 32)))" |
		    dd of="$file" bs=1 seek=$number conv=notrunc status=none &&
		if restore bad --archive "$archive" >out 2>&1; then
			[ "${file##*/}" = conf ]
		fi &&
		grep -q "is damaged" out ||
		    { note "byte $number of $file:" "$(cat out)"; return 1; }
		cp keep "$file" || return 1
	done
'

test_expect_success 'a missing file is rejected' '
	{
		echo "$archive/bases" && echo "$archive/$base/base" &&
		find "$archive/$base" -name "0*-*" | sort | sed -n "1p;2p;\$p"
	} >files &&
	while read -r file; do
		mv "$file" keep &&
		refuses 1 "missing in the archive\|bases: No such file" \
		    restore bad --archive "$archive" ||
		    { note "$file"; return 1; }
		mv keep "$file" || return 1
	done <files &&
	restore good --archive "$archive" >out &&
	[ "$(transfers good)" = "$(count)" ]
'
test_done
