#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark-jobs: the outbox is delivered at least once'
. "$(dirname "$0")/../lib.sh"

# put N CHANNEL [EXPIRES]: queues N messages with their number as data.
put() {
	em_sql "INSERT INTO outbox(channel, recipient, template, code, title, body,
		data, due_at, expires_at, created_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
	    SELECT $2, '+1555' || i, 'otp_login', '123456', 'Title', 'Body',
		'{\"n\":' || i || '}', 0, ${3:-9999999999999}, 0 FROM n"
}

start_jobs() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    2>>"$EM_STATE/log/jobs.log" &
	jobs=$!
	echo $jobs >"$EM_STATE/run/jobs.pid"	# for em_stop
}

waiting() {
	em_sql "SELECT count(*) FROM outbox WHERE state = 0"
}

children() {
	cat "/proc/$jobs/task/$jobs/children"
}

outbox=
em_bare >/dev/null || exit 1
outbox=$EM_STATE/outbox.jsonl

test_expect_success 'due messages are sent, then code and address are deleted' '
	put 3 1 && put 2 2 && put 1 3 &&
	em_jobs >out &&
	grep -q "^sms 3$" out && grep -q "^email 2$" out && grep -q "^push 1$" out &&
	jq -es "length == 6 and all(.[]; .code == \"123456\" and .title == \"Title\"
	    and .body == \"Body\" and .data.n > 0 and .template == \"otp_login\"
	    and (.to | startswith(\"+1555\")))
	    and ([.[].channel] | sort) == [\"email\", \"email\", \"push\", \"sms\", \"sms\", \"sms\"]" \
	    "$outbox" &&
	em_sql "SELECT DISTINCT state, attempts, recipient, code, title, body, data,
	    done_at > 0 FROM outbox" >out &&
	echo "1|1||||||1" >want &&
	test_cmp want out &&
	test "$(stat -c %a "$outbox")" = 600
'

test_expect_success 'sent messages are not sent again' '
	cp "$outbox" before && em_jobs >out && grep -q "^sms 0$" out &&
	test_cmp before "$outbox"
'

test_expect_success 'absent members are omitted from the message' '
	em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
	    VALUES (randomblob(16), 1, '\''ana'\'', '\''R1'\'', 1, 1);
	    INSERT INTO outbox(channel, user_id, template, due_at, expires_at, created_at)
	    VALUES (3, 1, '\''ping'\'', 0, 9999999999999, 0)" &&
	em_jobs >out &&
	tail -n 1 "$outbox" | jq -e "keys == [\"at\", \"channel\", \"template\", \"to\"]
	    and .to == \"user:1\""
'

test_expect_success 'a message is sent neither before due_at nor after expires_at' '
	cp "$outbox" before &&
	put 1 1 1000 &&
	em_sql "INSERT INTO outbox(channel, recipient, template, due_at, expires_at, created_at)
	    VALUES (1, '\''+1'\'', '\''later'\'', 4102444800000, 9999999999999, 0)" &&
	em_jobs >out &&
	test_cmp before "$outbox" &&
	test "$(em_sql "SELECT state, error, code FROM outbox WHERE expires_at = 1000")" = "2|expired|" &&
	em_jobs 2100-01-02T00:00:00Z >out &&
	tail -n 1 "$outbox" | jq -e ".template == \"later\"" &&
	test "$(waiting)" = 0
'

test_expect_success 'a message that cannot be written is retried until it expires' '
	em_allow message_file &&
	mv "$outbox" kept && mkdir "$outbox" &&
	put 1 2 4102790400000 &&
	test_expect_code 1 em_jobs >out 2>"$EM_STATE/log/once.log" &&
	em_sql "SELECT state, attempts, leased_until, error FROM outbox WHERE state = 0" >out &&
	echo "0|1|0|Is a directory" >want &&
	test_cmp want out &&
	for day in 1 2 3 4 5 6 7 8 9; do
		em_jobs "2100-01-0${day}T00:00:00Z" 2>>"$EM_STATE/log/once.log"
	done >out
	em_sql "SELECT state, attempts, code FROM outbox ORDER BY id DESC LIMIT 1" >out &&
	echo "2|6|" >want &&
	test_cmp want out &&
	rmdir "$outbox" && mv kept "$outbox"
'

test_expect_success 'an incomplete last line is removed from outbox.jsonl' '
	cp "$outbox" before &&
	printf "{\"at\":\"20" >>"$outbox" &&
	put 1 1 && em_jobs >out &&
	head -n -1 "$outbox" | test_cmp before - &&
	jq -es "length > 5" "$outbox"
'

test_expect_success 'earmark-jobs reports when it is ready, and a second one exits' '
	start_jobs &&
	em_until "grep -q \"\\\"ready\\\"\" \"$EM_STATE/log/jobs.log\"" &&
	test "$(children | wc -w)" = 11 &&
	test_expect_code 1 "$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" 2>err &&
	grep -q "another earmark-jobs" err
'

test_expect_success 'a datagram to jobs.sock wakes the jobs' '
	put 1 1 &&
	/usr/bin/python3 -c "
import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b\"\", sys.argv[1])" \
	    "$EM_STATE/run/jobs.sock" &&
	em_until "test \"\$(waiting)\" = 0"
'

test_expect_success 'the jobs find new messages without a datagram' '
	put 1 2 && em_until "test \"\$(waiting)\" = 0"
'

test_expect_success 'a child that dies is started again' '
	em_allow "was ended by signal 9" &&
	old=$(children) &&
	kill -9 $old &&
	em_until "test \"\$(children | wc -w)\" = 11 && test \"\$(children)\" != \"$old\"" &&
	put 3 3 && em_until "test \"\$(waiting)\" = 0"
'

test_expect_success 'after that, earmark-jobs waits without using CPU time' '
	before=$(em_ticks $jobs) && sleep 2 &&
	used=$(($(em_ticks $jobs) - before)) && note "$used ticks" &&
	[ $used -lt 50 ]
'

test_expect_success 'SIGTERM ends earmark-jobs and its children' '
	all=$(children) &&
	kill $jobs && wait $jobs &&
	for pid in $all; do ! kill -0 $pid 2>/dev/null || return 1; done &&
	test ! -e "$EM_STATE/run/jobs.sock"
'

test_expect_success 'children end if earmark-jobs is killed' '
	start_jobs &&
	em_until "test \"\$(children | wc -w)\" = 11" &&
	all=$(children) &&
	kill -9 $jobs && { wait $jobs; true; } &&
	em_until "! kill -0 $(echo $all | sed "s/ / 2>\/dev\/null \&\& ! kill -0 /g") 2>/dev/null"
'

# The test releases the writer lock until the child has claimed a batch. The
# child then sends the batch and waits for the lock to mark it as sent. A kill
# at this time sends the batch twice.
test_expect_success '1500 messages are all sent despite kills, few of them twice' '
	rm -f "$outbox" && em_sql "DELETE FROM outbox" && put 1500 1 &&
	: >"$outbox" && kills=0 &&
	exec 9<>"$EM_STATE/writer.lock" &&
	while [ $kills -lt 5 ]; do
		had=$(wc -l <"$outbox")
		flock 9
		: >"$EM_STATE/log/jobs.log"
		start_jobs 9>&-
		em_until "grep -q \"\\\"ready\\\"\" \"$EM_STATE/log/jobs.log\"" &&
		sleep 0.2 &&
		em_until "flock -u 9; flock 9; sleep 0.02
		    test \$(wc -l <\"$outbox\") -gt $had" &&
		kill -9 $(children) $jobs || return 1
		wait $jobs 2>/dev/null
		flock -u 9
		kills=$((kills + 1))
	done &&
	exec 9>&- &&
	start_jobs && em_until "test \"\$(waiting)\" = 0" &&
	kill $jobs && wait $jobs &&
	jq -s "map(.data.n) | {lines: length, each: (unique | length)}" "$outbox" >count &&
	note "$kills kills: $(tr -d " \n" <count)" &&
	jq -e ".each == 1500 and .lines > 1500 and .lines <= 1500 + 256 * $kills" count &&
	test "$(em_sql "SELECT count(*) FROM outbox WHERE state = 1")" = 1500
'

test_done
