#!/bin/sh
# The time of earmark promote with a database of at least 1 GB (in the normal
# check: 20 MB, without a limit). The verification may take 15 s of it; see
# standby_proof.h.
# shellcheck disable=SC2016
test_description='standby: the time of a promotion'
. "$(dirname "$0")/../lib.sh"

rows=5000 limit=0
[ "${EARMARK_FAULT-}" != full ] || rows=350000 limit=30

em_temp
archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_allow '"event":"(archive|child|fenced|standby)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"
# shellcheck source=t/lib-standby.sh
. "$EM_SRC/t/lib-standby.sh"
second_machine second

# Waits for up to 20 minutes.
wait_for() {
	left=1200
	until eval "$1"; do
		left=$((left - 1))
		[ $left -gt 0 ] && sleep 1 || { note "timeout: $1"; return 1; }
	done
}

test_expect_success 'setup: a standby has followed a large database' '
	em_user ana && em_user marker && em_stop &&
	sqlite3 "$EM_STATE/earmark.db" "CREATE TABLE filler (id INTEGER PRIMARY KEY,
	    text TEXT);
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
	    SELECT i + 1 FROM n WHERE i < $rows)
	    INSERT INTO filler (text) SELECT hex(randomblob(1500)) FROM n" &&
	rm -rf "$EM_STATE/earmark.db-archive" "$archive"/* &&
	start_machine "$EM_STATE" &&
	wait_for "[ -f \"$archive/bases\" ]" && archived &&
	follow --archive "$archive" &&
	wait_for "[ -f \"$second/earmark.db.standby-position\" ]" &&
	archived && followed
'

test_expect_success 'promote takes over in less than 30 s' '
	size=$(stat -c %s "$EM_STATE/earmark.db") &&
	em_cli ledger adjust ana 1 --reason last >out && archived &&
	begin=$(now_ms) && standby promote >out && passed=$(($(now_ms) - begin)) &&
	note "$((size / 1000000)) MB: $passed ms" "$(cat out)" &&
	[ "$(transfers "$second")" = "$(em_sql "SELECT count(*) FROM transfer")" ] &&
	{ [ $limit = 0 ] || [ $passed -lt $((limit * 1000)) ]; }
'
em_stop
test_done
