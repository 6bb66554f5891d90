#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark doctor: reports problems and nothing else'
. "$(dirname "$0")/../lib.sh"

# is NAME STATUS [TEXT]: succeeds if the check NAME has this result. $options
# are those of doctor.
options=
is() {
	# shellcheck disable=SC2086
	em_cli doctor --json $options >doctor.json
	jq -e --arg name "$1" --arg status "$2" --arg text "${3-}" \
	    '.checks[] | select(.name == $name) | .status == $status and
	    (.message | contains($text))' doctor.json >out || {
		note "$1 is not $2:" "$(jq -c --arg name "$1" \
		    '.checks[] | select(.name == $name)' doctor.json)"
		return 1
	}
	[ "$2" = ok ] || echo "$1" >>found
}

# with KEY=VALUE... NAME STATUS [TEXT]: does the same with a changed
# configuration.
with() {
	cp "$EM_STATE/earmark.conf" kept.conf
	while [ "${1%%=*}" != "$1" ]; do
		key=${1%%=*}
		sed -i "/^${key#*.} *=/d" "$EM_STATE/earmark.conf"
		printf '[%s]\n%s\n' "${1%%.*}" "${1#*.}" >>"$EM_STATE/earmark.conf"
		shift
	done
	found=0
	is "$@" || found=1
	cp kept.conf "$EM_STATE/earmark.conf"
	return $found
}

em_argon
em_start || exit 1

test_expect_success 'a running installation has no bad checks' '
	{ em_until "em_cli doctor >out" || { note "$(cat out)"; false; }; } &&
	! grep -q "^bad" out &&
	grep -q "^ok    pool favorites" out && grep -q "^ok    jobs" out
'

test_expect_success '--json contains the same checks' '
	em_cli doctor --json >doctor.json &&
	jq -e ".ok and (.checks | length > 15 and all(.[];
	    (.name | length > 0) and (.message | length > 0) and
	    (.status | IN(\"ok\", \"warn\"))))" doctor.json &&
	jq -r ".checks[].name" doctor.json | sort -u >names &&
	test "$(jq ".checks | length" doctor.json)" = "$(wc -l <names)"
'

test_expect_success 'an administrator who can get no code is a warning' '
	is staff ok && echo "$EM_PASSWORD" | em_cli user add boss --role admin \
	    --password-stdin >out 2>err && is staff warn boss &&
	em_cli user set-email boss boss@example.org && is staff ok
'

test_expect_success 'a key or database readable by others is bad' '
	chmod 644 "$EM_STATE/key" &&
	test_expect_code 1 em_cli doctor >out &&
	is key bad 0644 &&
	chmod 600 "$EM_STATE/key" && is key ok &&
	chmod 606 "$EM_STATE/earmark.db" && is "database file" bad &&
	chmod 600 "$EM_STATE/earmark.db"
'

test_expect_success 'a folder for large responses that cannot be made is bad' '
	rm -rf "$EM_STATE/spool" && is "spool folder" ok &&
	test -d "$EM_STATE/spool" && test -z "$(ls -A "$EM_STATE/spool")" &&
	with paths.spool_dir=/proc/nowhere "spool folder" bad "responses fail"
'

test_expect_success 'jobs that do not run are bad' '
	kill "$(cat "$EM_STATE/run/jobs.pid")" &&
	em_until "is jobs bad \"does not run\"" &&
	test_expect_code 1 em_cli doctor >out
'

test_expect_success 'old pending messages cause a warning' '
	em_sql "INSERT INTO outbox(channel, template, due_at, expires_at, created_at)
	    VALUES (2, '\''x'\'', 1, 9999999999999, 1)" &&
	is outbox warn "1 messages"
'

test_expect_success 'a pool without workers is bad' '
	kill "$(cat "$EM_STATE/run/catalog.pid")" &&
	em_until "is \"pool catalog\" bad" &&
	is "pool favorites" ok
'

test_expect_success 'a pool whose socket is missing is bad' '
	mv "$EM_STATE/run/wallet.sock" aside &&
	is "pool wallet" bad "does not respond" &&
	mv aside "$EM_STATE/run/wallet.sock" && is "pool wallet" ok
'

test_expect_success 'a stopped earmark-realtime is bad' '
	kill "$(cat "$EM_STATE/run/realtime.pid")" &&
	em_until "is realtime bad \"does not run\""
'

test_expect_success 'weak password hashing, missing keys and a long log are reported' '
	with server.cors_origins=https://a.b origins warn "config origins" &&
	with auth.argon_mem_kib=64 configuration warn "less than 19 MiB" &&
	with payments.providers=stripe payments bad stripe &&
	is log ok &&
	em_sql "CREATE TABLE filler (x); INSERT INTO filler
	    VALUES (zeroblob(300000)); DROP TABLE filler" &&
	with jobs.wal_truncate_bytes=65536 log warn KiB
'

# The sandbox credits all payments, so clients would get money for free.
test_expect_success 'the sandbox with a public base_url is bad' '
	with server.base_url=https://api.example.org payments bad \
	    "public address" &&
	with server.base_url=https://8.8.8.8 payments bad "public address" &&
	with server.base_url=http://192.168.0.10:3001 payments ok &&
	with server.base_url=https://api.example.org payments.providers= \
	    payments ok "no provider"
'

# ready NAME STATUS TEXT [KEY=VALUE]: a configuration that is ready for a launch,
# with one other value, has this result.
ready() {
	launch_name=$1 launch_status=$2 launch_text=$3
	shift 3
	options=--launch
	with server.base_url=https://api.example.org payments.providers= \
	    billing.max_rate=20000 delivery.sms=webhook \
	    delivery.sms_url=https://sms.example.org \
	    delivery.email=smtp delivery.smtp_url=smtps://mail.example.org \
	    delivery.mail_from=a@example.org \
	    rtc.turn_urls=turn:turn.example.org:3478 \
	    rtc.turn_secret_file=turn backup.copy_command=true \
	    auth.staff_mfa=required "$@" \
	    "$launch_name" "$launch_status" "$launch_text" || {
		options=
		return 1
	}
	options=
}

test_expect_success 'a complete configuration is ready for a launch' '
	echo 0123456789abcdef >"$EM_STATE/turn" && chmod 600 "$EM_STATE/turn" &&
	for name in address sandbox "codes by SMS" "codes by e-mail" turn \
	    "backup copy" "maximum rate" "second factor"; do
		ready "$name" ok "" || return 1
	done
'

test_expect_success 'doctor --launch names what is missing and how to fix it' '
	ready sandbox bad "set payments.providers" payments.providers=sandbox &&
	ready "codes by SMS" bad "or to none if" delivery.sms=file &&
	ready "codes by SMS" ok "e-mail addresses only" delivery.sms=none &&
	ready "codes by e-mail" bad "set delivery.email" delivery.email=file &&
	ready push warn "set delivery.push" &&
	ready turn bad "set rtc.turn_urls" rtc.turn_urls= &&
	ready turn ok Agora rtc.turn_urls= rtc.provider=agora &&
	ready "backup copy" bad "set archive.command or backup.copy_command" backup.copy_command= &&
	ready "maximum rate" bad "set billing.max_rate" billing.max_rate=0 &&
	ready "second factor" warn "set auth.staff_mfa" auth.staff_mfa=optional &&
	ready address bad "set server.base_url" \
	    server.base_url=http://api.example.org &&
	ready address warn "not a public" server.base_url=http://127.0.0.1:3001 &&
	ready sandbox warn "private address" server.base_url=http://10.0.0.1 \
	    payments.providers=sandbox
'

test_expect_success 'doctor --launch fails for a new installation, doctor does not' '
	{ em_cli doctor >out || :; } && ! grep -q "maximum rate" out &&
	test_expect_code 1 em_cli doctor --launch >out &&
	grep "^bad   codes by SMS " out && grep "^bad   turn " out
'

test_expect_success 'a clock before the last write is bad' '
	touch -d "+1 hour" "$EM_STATE/earmark.db" &&
	is clock bad "earlier than the last write" &&
	touch "$EM_STATE/earmark.db"
'

test_expect_success 'folders and sockets accessible to others are bad' '
	is "database folder" ok && is "media folder" ok && is "run folder" ok &&
	chmod 777 "$EM_STATE/media" && is "media folder" bad 0777 &&
	chmod 711 "$EM_STATE/media" &&
	chmod 666 "$EM_STATE/run/favorites.sock" &&
	is "pool favorites" bad "all users" &&
	chmod 660 "$EM_STATE/run/favorites.sock" && is "pool favorites" ok &&
	chmod 777 "$EM_STATE/run" && is "run folder" bad 0777 &&
	chmod 755 "$EM_STATE/run" && is "run folder" ok &&
	mode=$(stat -c %a "$EM_STATE") &&
	chmod 777 "$EM_STATE" && is "database folder" bad 0777 &&
	chmod "$mode" "$EM_STATE" && is "database folder" ok
'

test_expect_success 'missing and old backups and restore tests are reported' '
	is backup warn "none was made" && is "restore drill" warn &&
	em_cli backup >out && em_cli drill >out &&
	is backup ok && is "restore drill" ok && is "backup folder" ok 0700 &&
	cp doctor.json all.json &&
	chmod 755 "$EM_STATE/backups" && is "backup folder" bad 0755 &&
	chmod 700 "$EM_STATE/backups" &&
	em_sql "UPDATE backup_log SET began_at = began_at - 800000000,
	    at = at - 800000000" &&
	is backup bad overdue && is "restore drill" warn overdue &&
	test_expect_code 1 em_cli backup /nowhere/at/all 2>err &&
	is backup bad "the last one failed: /nowhere" &&
	em_cli backup >out && is backup ok
'

test_expect_success 'errors found by the jobs are bad' '
	em_sql "INSERT INTO chain_check_log(name, ok, checked_at, whole_at, links,
	    entries, head, first_wrong) VALUES ('\''ledger'\'', 0, 1000, 1000, 1, 2,
	    zeroblob(32), '\''transfer 1: no'\'')
	    ON CONFLICT (name) DO UPDATE SET ok = 0,
	    first_wrong = excluded.first_wrong, checked_at = excluded.checked_at" &&
	is ledger bad "transfer 1: no" &&
	em_sql "UPDATE chain_check_log SET ok = 1, first_wrong = NULL,
	    checked_at = 1000
	    WHERE name = '\''ledger'\''" &&
	is ledger warn "verified 1970" &&
	now=$(date +%s) &&
	em_sql "UPDATE chain_check_log SET checked_at = ${now}000, whole_at = ${now}000
	    WHERE name = '\''ledger'\''" && is ledger ok &&
	em_sql "UPDATE chain_check_log SET whole_at = (${now} - 200000) * 1000
	    WHERE name = '\''ledger'\''" && is ledger warn "completely"
'

# certificate DAYS: creates a certificate. 0 means expired.
certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -subj /CN=x -keyout key.pem -out csr.pem 2>/dev/null &&
	openssl x509 -req -in csr.pem -signkey key.pem -days "$1" \
	    -out "$EM_STATE/tls.crt" 2>/dev/null
}

test_expect_success 'an expired certificate is bad, and one that expires soon a warning' '
	certificate 0 && is certificate bad expired &&
	certificate 20 && is certificate warn days &&
	certificate 400 && is certificate ok &&
	echo nonsense >"$EM_STATE/tls.crt" && is certificate bad "cannot be read" &&
	rm "$EM_STATE/tls.crt" && em_cli doctor >out
	! grep -q certificate out
'

test_expect_success 'a changed audit row is bad' '
	em_cli user add eve --email eve@example.com >out &&
	em_cli user ban eve --reason test >out && is audit ok &&
	em_sql "DROP TRIGGER audit_no_update; UPDATE audit SET at = 1" &&
	is audit bad "the hash"
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
	rm -f "$EM_STATE"/earmark.db* && em_cli migrate && is database ok &&
	sqlite3 "$EM_STATE/earmark.db" "PRAGMA journal_mode = DELETE" >out &&
	is database bad "not WAL" &&
	head -c 8192 /dev/urandom >"$EM_STATE/earmark.db" &&
	is database bad &&
	rm "$EM_STATE/earmark.db" &&
	is database bad "does not exist: run migrate"
'

mkdir small && mount -t tmpfs -o size=60m tmpfs small 2>/dev/null &&
test_set_prereq SMALL_DISK
test_expect_success SMALL_DISK 'a nearly full disk is bad' '
	found=0 &&
	{ with "paths.db_file=$PWD/small/earmark.db" disk bad "No such file" &&
	: >small/earmark.db &&
	with "paths.db_file=$PWD/small/earmark.db" disk bad "MiB free" &&
	mount -o remount,size=400m small &&
	with "paths.db_file=$PWD/small/earmark.db" disk warn "MiB free"; } ||
	    found=1
	umount small && return $found
'

# All checks of a complete installation are in all.json. The SQLite version is
# only printed.
test_expect_success SMALL_DISK 'the tests above made each check fail once' '
	jq -r ".checks[].name" all.json | grep -vx sqlite |
	    sed "s/^pool .*/pool/" | sort -u >names &&
	sed "s/^pool .*/pool/" found | sort -u | comm -23 names - >never &&
	test_must_be_empty never
'

test_done
