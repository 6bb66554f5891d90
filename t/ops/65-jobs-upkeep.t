#!/bin/sh
test_description='earmark-jobs: checkpoints and the disk reserve'
. "$(dirname "$0")/../lib.sh"

start_jobs() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    2>>"$EM_STATE/log/jobs.log" &
	jobs=$!
	echo $jobs >"$EM_STATE/run/jobs.pid"	# for em_stop
	em_until 'grep -q "\"ready\"" "$EM_STATE/log/jobs.log"'
}

stop_jobs() {
	kill "$jobs" 2>/dev/null && wait "$jobs"
}

# signal_jobs NAME: sends a signal to earmark-jobs and its children.
signal_jobs() {
	# shellcheck disable=SC2046
	kill -s "$1" "$jobs" $(cat "/proc/$jobs/task/$jobs/children")
}

# fill FILE: writes zeros until the disk is full. The jobs must not run
# meanwhile, or FILE also takes the space of the reserve that they delete.
fill() {
	dd if=/dev/zero of="$1" bs=64k 2>dd.err
	test -s "$1"
}

# users N: adds N accounts, each in a transaction of its own.
users() {
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1)) made=$((made + 1))
		em_cli user add "user$made" --phone "+15550$((100000 + made))" \
		    >/dev/null || return 1
	done
}

log_bytes() {
	stat -c %s "$EM_STATE/earmark.db-wal"
}

# Prints the number of accounts in the database file without its log.
in_file() {
	sqlite3 "file:$EM_STATE/earmark.db?immutable=1" \
	    'SELECT count(*) FROM user' 2>/dev/null || echo none
}

em_conf jobs.checkpoint_pages=100
# Larger than the log after the migration and the first run of all jobs.
em_conf jobs.wal_truncate_bytes=5000000
made=0
em_bare >/dev/null || exit 1

test_expect_success 'without jobs the log grows and the file does not change' '
	users 10 &&
	test "$(log_bytes)" -gt 100000 &&
	test "$(in_file)" != 10
'

test_expect_success 'jobs.checkpoint_pages pages are copied to the database file' '
	start_jobs &&
	users 10 &&
	em_until "test \"\$(in_file)\" -ge 10" &&
	test "$(log_bytes)" -gt 100000
'

test_expect_success 'an open read transaction delays only later pages' '
	mkfifo hold &&
	{ sqlite3 -readonly "$EM_STATE/earmark.db" <hold >read 2>&1 & } &&
	reader=$! &&
	exec 8>hold &&
	echo "BEGIN; SELECT count(*) FROM user;" >&8 &&
	em_until "test -s read" &&
	before=$(cat read) &&
	users 10 &&
	sleep 0.5 &&
	echo "SELECT count(*) FROM user; COMMIT;" >&8 &&
	exec 8>&- &&
	wait $reader &&
	printf "%s\n%s\n" "$before" "$before" >want &&
	test_cmp want read &&
	users 10 &&
	em_until "test \"\$(in_file)\" -ge 30"
'

# The log may contain new writes of the jobs.
test_expect_success 'a log above jobs.wal_truncate_bytes is truncated' '
	stop_jobs &&
	n=0 &&
	while [ "$(log_bytes)" -le 5000000 ] && [ $n -lt 60 ]; do
		users 10 && n=$((n + 1)) || return 1
	done &&
	start_jobs &&
	em_until "test \"\$(log_bytes)\" -lt 100000" &&
	test "$(in_file)" = "$(em_sql "SELECT count(*) FROM user")" &&
	stop_jobs
'

test_expect_success 'all committed rows exist after the checkpoints' '
	test "$(em_sql "SELECT count(*) FROM user")" = "$made" &&
	test "$(em_sql "PRAGMA integrity_check")" = ok
'

test_expect_success 'the disk reserve is removed on a full disk and created again later' '
	em_allow "\"event\":\"(db_full|disk_reserve|message_file)\"" &&
	if ! mount -t tmpfs -o size=100m tmpfs "$EM_STATE" 2>/dev/null; then
		note "only root can mount a small disk"
		return 0
	fi &&
	em_bare &&
	start_jobs &&
	em_until "test -s \"$EM_STATE/earmark.db-reserve\"" &&
	signal_jobs STOP &&
	fill "$EM_STATE/filler" &&
	signal_jobs CONT &&
	em_until "test ! -e \"$EM_STATE/earmark.db-reserve\"" &&
	em_until "grep -q \"was deleted\" \"$EM_STATE/log/jobs.log\"" &&
	em_cli user add late --phone +15559999 >out &&
	stop_jobs &&
	rm "$EM_STATE/filler" &&
	em_jobs >out &&
	test "$(stat -c %s "$EM_STATE/earmark.db-reserve")" = 16777216 &&
	test "$(em_sql "PRAGMA integrity_check")" = ok
	left=$?
	em_quiet
	# em_stop would not see the pid.
	[ $left = 0 ] || { signal_jobs CONT && stop_jobs; }
	umount -l "$EM_STATE"
	return $left
'

test_done
