#!/bin/sh
# The follower of a standby, and a promotion, are killed at random moments while
# the primary writes. The promoted database must have all transactions of the
# archive, and a correct ledger.
# shellcheck disable=SC2016
test_description='standby: killed processes'
. "$(dirname "$0")/../lib.sh"

em_temp
archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_allow '"event":"(archive|child|fenced|standby)"'
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"
# shellcheck source=t/lib-standby.sh
. "$EM_SRC/t/lib-standby.sh"

rounds=6 promotions=4
if [ "${EARMARK_FAULT-}" = full ]; then
	rounds=300 promotions=100
fi
SEED=${SEED:-$(date +%N | sed 's/^0*//')}
note "SEED=$SEED"

# Sets $pause to a random time of less than $1 hundredths of a second.
random_pause() {
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	pause=$(awk "BEGIN { print $((SEED / 65536 % $1)) / 100 }")
}

write_rows() {
	while [ ! -e stop ]; do
		em_cli ledger adjust ana 1 --reason row >/dev/null || return
	done
}

test_expect_success 'a follower that is killed at random moments continues' '
	em_start && em_user ana && em_user marker && first=$EM_STATE &&
	em_until "[ -f \"$archive/bases\" ]" && second_machine second
	write_rows & writer=$!
	for round in $(seq $rounds); do
		follow --archive "$archive"
		random_pause 120
		sleep "$pause"
		{ kill -9 $follower && wait $follower; } 2>/dev/null
	done
	: >stop
	wait $writer && archived && em_stop &&
	want=$(em_sql "SELECT count(*) FROM transfer") &&
	[ "$(grep -c "was loaded" follow.err)" -ge 1 ] &&
	! grep -e "\"level\":\"error\"" -e "another history" follow.err
'

# Makes the machine $second, a copy of the standby with an archive of its own.
copy_standby() {
	rm -rf "$second" archive.copy &&
	cp -a "$EM_TEMP/second" "$second" && cp -a "$archive" archive.copy &&
	sed -i "s,^dir .*,dir $PWD/archive.copy," \
	    "$second/earmark.db.standby-position" &&
	sed -i "s,^dir = .*,dir = $PWD/archive.copy," "$second/earmark.conf"
}

test_expect_success 'a promotion that is killed at random moments can be repeated' '
	for round in $(seq $promotions); do
		second=$EM_TEMP/copy && copy_standby || return 1
		"$EM_BUILD/earmark" -c "$second/earmark.conf" promote \
		    >first.out 2>&1 & id=$!
		random_pause 25
		sleep "$pause"
		{ kill -9 $id; wait $id; } 2>/dev/null
		if [ -e "$second/earmark.db.standby-position" ]; then
			standby promote >out 2>&1 || { note "$(cat out)"; return 1; }
		fi
		[ "$(transfers "$second")" = "$want" ] &&
		standby ledger verify >out &&
		standby status --json | jq -e ".archive.epoch == 2" >out &&
		[ -f archive.copy/epoch-2 ] && [ -f archive.copy/bases-2 ] &&
		[ -z "$(find "$second" -name "*.standby-[0-9p]*")" ] ||
		    { note "round $round after $pause s"; return 1; }
	done
'
em_stop
test_done
