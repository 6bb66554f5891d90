#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark doctor: it finds what is not well, and only that'
. "$(dirname "$0")/lib.sh"

# is NAME STATUS [TEXT]: what the doctor says of it.
is() {
	em_cli doctor --json >doctor.json
	jq -e --arg name "$1" --arg status "$2" --arg text "${3-}" \
	    '.checks[] | select(.name == $name) | .status == $status and
	    (.message | contains($text))' doctor.json >out || {
		note "$1 is not $2:" "$(jq -c --arg name "$1" \
		    '.checks[] | select(.name == $name)' doctor.json)"
		return 1
	}
}

em_start || exit 1

test_expect_success 'a running installation is well' '
	left=100 &&
	while ! em_cli doctor >out; do
		left=$((left - 1))
		[ $left -gt 0 ] || { note "$(cat out)"; return 1; }
		sleep 0.1
	done &&
	! grep -q "^bad" out &&
	grep -q "^ok    pool favorites" out && grep -q "^ok    jobs" out
'

test_expect_success 'the JSON says the same' '
	em_cli doctor --json >doctor.json &&
	jq -e ".ok and (.checks | length > 15 and all(.[];
	    (.name | length > 0) and (.message | length > 0) and
	    (.status | IN(\"ok\", \"warn\"))))" doctor.json &&
	jq -r ".checks[].name" doctor.json | sort -u >names &&
	test "$(jq ".checks | length" doctor.json)" = "$(wc -l <names)"
'

test_expect_success 'a key that others can read is bad' '
	chmod 644 "$EM_STATE/key" &&
	test_expect_code 1 em_cli doctor >out &&
	is key bad 0644 &&
	chmod 600 "$EM_STATE/key" && is key ok &&
	chmod 606 "$EM_STATE/earmark.db" && is "database file" bad &&
	chmod 600 "$EM_STATE/earmark.db"
'

test_expect_success 'jobs that do not run are bad' '
	kill "$(cat "$EM_STATE/run/jobs.pid")" &&
	left=100 &&
	until is jobs bad "does not run"; do
		left=$((left - 1)); [ $left -gt 0 ] || return 1; sleep 0.1
	done &&
	test_expect_code 1 em_cli doctor >out
'

test_expect_success 'messages that wait for long are worth a look' '
	em_sql "INSERT INTO outbox(lane, template, due_at, expires_at, created_at)
	    VALUES (2, '\''x'\'', 1, 9999999999999, 1)" &&
	is outbox warn "1 messages"
'

test_expect_success 'a pool without workers is bad' '
	kill "$(cat "$EM_STATE/run/catalog.pid")" &&
	left=100 &&
	until is "pool catalog" bad; do
		left=$((left - 1)); [ $left -gt 0 ] || return 1; sleep 0.1
	done &&
	is "pool favorites" ok
'

test_expect_success 'a clock that was set back is bad' '
	touch -d "+1 hour" "$EM_STATE/earmark.db" &&
	is clock bad "before the last write" &&
	touch "$EM_STATE/earmark.db"
'

test_expect_success 'folders and sockets that others can reach are bad' '
	is "database folder" ok && is "media folder" ok && is "run folder" ok &&
	chmod 777 "$EM_STATE/media" && is "media folder" bad 0777 &&
	chmod 711 "$EM_STATE/media" &&
	chmod 666 "$EM_STATE/run/favorites.sock" &&
	is "pool favorites" bad "everybody" &&
	chmod 660 "$EM_STATE/run/favorites.sock" && is "pool favorites" ok
'

test_expect_success 'backups and drills are looked at' '
	is backup warn "none was made" && is "restore drill" warn &&
	em_cli backup >out && em_cli drill >out &&
	is backup ok && is "restore drill" ok && is "backup folder" ok 0700 &&
	chmod 755 "$EM_STATE/backups" && is "backup folder" bad 0755 &&
	chmod 700 "$EM_STATE/backups" &&
	em_sql "UPDATE care SET began_at = began_at - 800000000,
	    at = at - 800000000" &&
	is backup bad late && is "restore drill" warn late &&
	test_expect_code 1 em_cli backup /nowhere/at/all 2>err &&
	is backup bad "the last one failed: /nowhere" &&
	em_cli backup >out && is backup ok
'

test_expect_success 'what the jobs found wrong is bad' '
	em_sql "INSERT INTO proof(name, ok, checked_at, whole_at, links, entries,
	    head, wrong) VALUES ('\''ledger'\'', 0, 1000, 1000, 1, 2,
	    zeroblob(32), '\''transfer 1: no'\'')
	    ON CONFLICT (name) DO UPDATE SET ok = 0,
	    wrong = excluded.wrong, checked_at = excluded.checked_at" &&
	is ledger bad "transfer 1: no" &&
	em_sql "UPDATE proof SET ok = 1, wrong = NULL, checked_at = 1000
	    WHERE name = '\''ledger'\''" &&
	is ledger warn "proved 1970"
'

# A certificate of so many days; 0: ended.
certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -subj /CN=x -keyout key.pem -out csr.pem 2>/dev/null &&
	openssl x509 -req -in csr.pem -signkey key.pem -days "$1" \
	    -out "$EM_STATE/tls.crt" 2>/dev/null
}

test_expect_success 'a certificate is looked at before it ends' '
	certificate 0 && is certificate bad ended &&
	certificate 20 && is certificate warn days &&
	certificate 400 && is certificate ok &&
	echo nonsense >"$EM_STATE/tls.crt" && is certificate bad "can not be read" &&
	rm "$EM_STATE/tls.crt" && em_cli doctor >out
	! grep -q certificate out
'

test_expect_success 'a schema of another version is bad' '
	em_stop &&
	em_sql "UPDATE user SET id = id WHERE id < 0; PRAGMA user_version = 2" &&
	is schema bad "run migrate" &&
	em_sql "UPDATE user SET id = id WHERE id < 0; PRAGMA user_version = 77" &&
	is schema bad "newer version"
'

test_expect_success 'a damaged database is bad' '
	rm -f "$EM_STATE"/earmark.db* && em_cli migrate &&
	em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
	    SELECT randomblob(16), 1, '\''user'\'' || i, '\''R'\'' || i, 1, 1 FROM n" &&
	is integrity ok &&
	page=$(em_sql "SELECT rootpage FROM sqlite_schema WHERE name = '\''user'\''") &&
	sqlite3 "$EM_STATE/earmark.db" "PRAGMA wal_checkpoint(TRUNCATE)" >out &&
	dd if=/dev/urandom of="$EM_STATE/earmark.db" bs=4096 seek="$((page - 1))" \
	    count=1 conv=notrunc 2>dd.err &&
	is integrity bad &&
	head -c 8192 /dev/urandom >"$EM_STATE/earmark.db" &&
	is database bad &&
	rm "$EM_STATE/earmark.db" &&
	is database bad "there is no database"
'

test_done
