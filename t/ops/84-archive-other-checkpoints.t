#!/bin/sh
# Another program runs a checkpoint between two runs of earmark-jobs, so that the
# log can restart before all of it was copied.
# shellcheck disable=SC2016
test_description='archive: checkpoints of other programs'
. "$(dirname "$0")/../lib.sh"

archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=100000
em_conf jobs.wal_truncate_bytes=1000000000
em_allow '"event":"(archive|archive_gap|child)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

# Runs earmark-jobs until the condition holds. The workers keep the database open.
jobs_until() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" >>jobs.log 2>&1 &
	jobs=$!
	em_until "$1"
	until=$?
	kill $jobs && wait $jobs
	return $until
}

# Runs the jobs once, which copies the log.
copy_log() {
	em_jobs >out 2>err
}

# gap TEXT: the next copy of the log finds a gap, for this reason.
gap() {
	was=$(bases) && copy_log && grep -q "archive_gap.*$1" err
}

# Runs a checkpoint of the whole log, as the sqlite3 shell of an operator.
checkpoint() {
	rest=$(sqlite3 "$EM_STATE/earmark.db" "PRAGMA wal_checkpoint($1)") &&
	[ "${rest%%|*}" = 0 ]
}

# Writes as the sqlite3 shell, which runs a checkpoint at its end and removes the
# log if no other program has the database open.
other_write() {
	sqlite3 "$EM_STATE/earmark.db" "INSERT OR REPLACE INTO setting VALUES ('fenced', 0)"
}

# Prints how often the log has restarted, plus a number that does not change.
restarts() {
	log_end && printf "%d\n" "0x$(printf %.8s "$salt")"
}

# The archive restores to all transfers of the database.
complete() {
	restore "$1" --archive "$archive" >restored 2>&1 &&
	[ "$(transfers "$1")" = "$(count)" ]
}

bases() {
	find "$archive" -name base | wc -l
}

# After a gap, earmark-jobs makes a base, and the archive is complete again.
recovers() {
	jobs_until "[ \$(bases) -gt $was ]" &&
	adjust again && jobs_until "complete again"
}

test_expect_success 'setup: an archive with a base and a segment' '
	em_user ana && em_user marker && adjust one &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	em_stop_jobs && adjust two && copy_log && complete first
'

test_expect_success 'one restart of the log after all of it was copied is no gap' '
	before=$(restarts) && checkpoint FULL && adjust three &&
	[ "$(restarts)" = $((before + 1)) ] &&
	copy_log && ! grep archive_gap err && complete second
'

test_expect_success 'exactly one restart with transactions that were not copied is a gap' '
	before=$(restarts) && adjust lost && checkpoint FULL && adjust four &&
	[ "$(restarts)" = $((before + 1)) ] &&
	gap "transactions are missing" &&
	! complete third && recovers
'

test_expect_success 'several restarts with transactions that were not copied are a gap' '
	copy_log && before=$(restarts) &&
	for i in 1 2; do
		adjust "lost $i" && checkpoint RESTART && adjust "kept $i" || return 1
	done &&
	[ "$(restarts)" -gt $((before + 1)) ] &&
	gap "transactions are missing" &&
	recovers
'

test_expect_success 'an emptied log with transactions that were not copied is a gap' '
	copy_log && adjust lost && checkpoint TRUNCATE && adjust five &&
	gap "transactions are missing" &&
	recovers
'

test_expect_success 'setup: all programs stop' '
	copy_log && em_stop
'

# The process ends without closing the database, which would remove the log.
test_expect_success 'one restart of the log while no program runs is a gap' '
	adjust lost && python3 - "$EM_STATE/earmark.db" >seen <<-\EOF &&
	import os, sqlite3, sys
	db = sqlite3.connect(sys.argv[1], isolation_level=None)
	db.execute("INSERT OR REPLACE INTO setting VALUES ('\''fenced'\'', 0)")
	print(db.execute("PRAGMA wal_checkpoint(FULL)").fetchone(), flush=True)
	db.execute("INSERT OR REPLACE INTO setting VALUES ('\''fenced'\'', 0)")
	os._exit(0)
	EOF
	gap "before all of it was copied" &&
	recovers
'

test_expect_success 'a log that another program has removed is a gap' '
	copy_log && adjust lost && other_write &&
	! [ -e "$EM_STATE/earmark.db-wal" ] &&
	gap "restarted by another program" &&
	recovers
'

test_expect_success 'a database that changed after its log was emptied is a gap' '
	sed -i "s/^checkpoint_pages = .*/checkpoint_pages = 10/
	    s/^wal_truncate_bytes = .*/wal_truncate_bytes = 65536/" \
	    "$EM_STATE/earmark.conf" &&
	for i in 1 2 3 4 5 6; do
		adjust "row $i" || return 1
	done &&
	copy_log && copy_log && ! grep archive_gap err &&
	! [ -s "$EM_STATE/earmark.db-wal" ] && complete fourth &&
	other_write &&
	gap "changed the database file" &&
	recovers
'
test_done
