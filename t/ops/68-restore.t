#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark restore'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"

em_allow '"event":"(db_fault|db_full)"'
em_start || exit 1
old=$EM_STATE

# Prints the newest backup of the first installation.
newest() {
	find "$old/backups" -mindepth 1 -maxdepth 1 -name 'earmark-*' | sort |
	    tail -n 1
}

test_expect_success 'setup: data, a backup, and later data' '
	em_user ana && em_user bob listener && em_user adm admin &&
	em_cli ledger adjust ana 5000 --reason "to begin with" >out &&
	printf "\377\330\377\340\000\020JFIF" >"$EM_STATE/media/one.jpg" &&
	em_sql "UPDATE user SET image = '\''one.jpg'\'' WHERE username = '\''ana'\''" &&
	api GET "/events?after=0" -t "$TOKEN_ana" && expect 200 &&
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"before\"}" && expect 201 &&
	flyer=$(json .id) &&
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_ana" && expect 201 &&
	em_cli backup >out && backup=$(newest) &&
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"after\"}" && expect 201 &&
	lost=$(json .id) &&
	api POST "/api/flyers/$lost/favorite/" -t "$TOKEN_ana" && expect 201 &&
	em_cli ledger adjust ana 77 --reason "later" >out &&
	api GET "/events?after=0" -t "$TOKEN_ana" && expect 200 &&
	seq=$(json ".events[-1].seq") && [ "$seq" -gt 0 ] &&
	api GET /api/v1/me/changes -t "$TOKEN_ana" && expect 200 &&
	cursor=$(json .cursor) && [ -n "$cursor" ] &&
	em_user late && late=$ID_late late_token=$TOKEN_late
'

test_expect_success 'restore is rejected while the service runs' '
	refuses 1 "stop all programs first" em_cli restore "$backup" --replace
'

test_expect_success 'restore is rejected while the jobs or another reader runs' '
	em_stop &&
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" 2>jobs.log & jobs=$! &&
	em_until "grep -q \"\\\"event\\\":\\\"ready\\\"\" jobs.log" &&
	refuses 1 "stop all programs first" em_cli restore "$backup" --replace &&
	kill $jobs && wait $jobs &&
	mkfifo hold &&
	{ sqlite3 "$EM_STATE/earmark.db" <hold >out & } && exec 7>hold &&
	echo "SELECT count(*) FROM user;" >&7 &&
	em_until "[ -s out ]" &&
	refuses 1 "has .*earmark.db open" em_cli restore "$backup" --replace &&
	exec 7>&- && wait
'

test_expect_success 'restore replaces a database only with --replace' '
	sum=$(sha256sum <"$EM_STATE/earmark.db") &&
	refuses 1 "replace" em_cli restore "$backup" &&
	refuses 1 "is not a backup" em_cli restore "$EM_STATE" --replace &&
	refuses 1 "^earmark: nowhere: No such file .*name a backup" \
	    em_cli restore nowhere --replace &&
	refuses 1 "^earmark: nowhere: No such file .*archive\.dir" \
	    em_cli restore --archive nowhere --replace &&
	test "$sum" = "$(sha256sum <"$EM_STATE/earmark.db")"
'

# damaged TEXT: succeeds if the restore of the copy fails and changes nothing.
damaged() {
	sum=$(sha256sum <"$EM_STATE/earmark.db")
	test_expect_code "${2-4}" em_cli restore bad --replace 2>err &&
	grep -q "$1" err && rm -r bad && cp -r "$backup" bad &&
	test "$sum" = "$(sha256sum <"$EM_STATE/earmark.db")"
}

test_expect_success 'a damaged backup is rejected and changes nothing' '
	cp -r "$backup" bad &&
	printf x | dd of=bad/earmark.db bs=1 seek=70000 conv=notrunc 2>dd.err &&
	damaged "earmark.db of the backup is damaged" &&
	printf x >>bad/media/one.jpg && damaged "media/one.jpg of the backup" &&
	rm bad/media/one.jpg && damaged "does not contain media/one.jpg" 1 &&
	sqlite3 bad/earmark.db "PRAGMA user_version = 99" &&
	(cd bad && sha256sum earmark.db backup.json media/one.jpg >SHA256SUMS) &&
	damaged "newer version" &&
	sqlite3 bad/earmark.db "DROP TRIGGER entry_no_update;
	    UPDATE entry SET amount = amount + 1 WHERE account_id < 16" &&
	(cd bad && sha256sum earmark.db backup.json media/one.jpg >SHA256SUMS) &&
	damaged "ledger is broken"
'

test_expect_success 'restore --replace keeps the previous database in another file' '
	em_cli restore "$backup" --replace >out &&
	grep -q "^restored $(basename "$backup"): schema $levels, 1 transfers" out &&
	kept=$(sed -n "s/^the previous database is //p" out) &&
	test "$(sqlite3 "$kept" "SELECT count(*) FROM user
	    WHERE username = '\''late'\''")" = 1 &&
	test "$(sqlite3 "$kept" "PRAGMA integrity_check")" = ok &&
	test ! -e "$kept-wal" && test ! -e "$EM_STATE/earmark.db-wal" &&
	test "$(stat -c "%a %h" "$EM_STATE/earmark.db")" = "600 1" &&
	test -z "$(find "$EM_STATE" -name "*restoring*")" &&
	test "$(em_sql "SELECT count(*) FROM user WHERE username = '\''late'\''")" = 0 &&
	test "$(em_sql "SELECT name FROM backup_log ORDER BY id DESC LIMIT 1")" = "$(basename "$backup")" &&
	em_cli ledger verify >out
'

test_expect_success 'a media file exists only if it was restored completely' '
	cp -r "$backup" large && truncate -s 20M large/media/large.png &&
	(cd large && sha256sum media/large.png >>SHA256SUMS) &&
	(trap "" XFSZ && ulimit -f 24576 &&
	    refuses 1 "File too large" em_cli restore large --replace) &&
	test ! -e "$EM_STATE/media/large.png" &&
	test -z "$(find "$EM_STATE/media" -name ".*" -type f)" &&
	em_cli restore large --replace >out &&
	cmp large/media/large.png "$EM_STATE/media/large.png" &&
	rm "$EM_STATE/media/large.png"
'

test_expect_success 'a media file that differs from the backup is replaced' '
	: >"$EM_STATE/media/one.jpg" &&
	em_cli restore "$backup" --replace >out &&
	cmp "$backup/media/one.jpg" "$EM_STATE/media/one.jpg" &&
	test "$(stat -c %a "$EM_STATE/media/one.jpg")" = 644
'

test_expect_success 'sessions and tokens of the backup work after the restore' '
	em_start &&
	api GET /user/profile -t "$TOKEN_ana" && expect 200 &&
	api POST /auth/refresh-token "{\"refresh_token\":\"$REFRESH_ana\"}" && expect 200 &&
	api GET /user/balance -t "$TOKEN_ana" && expect 200 &&
	check_json ".balance == 5000" &&
	api GET /media/one.jpg && expect 200
'

test_expect_success 'ids used after the backup are not used again' '
	em_user new && [ "$ID_new" -gt $((late + 900000)) ] &&
	api GET /user/profile -t "$late_token" && expect 401 &&
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"again\"}" &&
	expect 201 && [ "$(json .id)" -gt $((lost + 900000)) ] &&
	api POST /user/balance/topup -t "$TOKEN_ana" "{\"amount\":5000}" &&
	expect 201 && [ "$(json .payment_id)" -gt 900000 ]
'

test_expect_success 'clients with newer cursors get a full list once' '
	for i in 1 2 3 4 5 6; do
		em_cli ledger adjust ana 1 --reason more >out || return 1
	done &&
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_bob" && expect 201 &&
	api DELETE "/api/flyers/$flyer/favorite/" -t "$TOKEN_bob" && expect 204 &&
	api GET "/events?after=$seq" -t "$TOKEN_ana" && expect 200 &&
	check_json ".resync == true" && next=$(json .last) &&
	em_cli ledger adjust ana 5 --reason more >out &&
	api GET "/events?after=$next" -t "$TOKEN_ana" && expect 200 &&
	check_json ".resync == false and (.events | length) > 0" &&
	api GET "/api/v1/me/changes?since=$cursor" -t "$TOKEN_ana" && expect 200 &&
	check_json ".full == true and (.items | length) == 1" &&
	cursor=$(json .cursor) &&
	api GET "/api/v1/me/changes?since=$cursor" -t "$TOKEN_ana" && expect 200 &&
	check_json ".full == false and .items == []" &&
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_bob" && expect 201 &&
	api DELETE "/api/flyers/$flyer/favorite/" -t "$TOKEN_ana" && expect 204 &&
	api GET "/api/v1/me/changes?since=$cursor" -t "$TOKEN_ana" && expect 200 &&
	check_json ".full == false and (.items | length) == 1"
'

test_expect_success 'a backup can be restored into an empty folder with another key' '
	em_stop && mv "$EM_STATE" "$EM_TEMP/first" &&
	backup=$EM_TEMP/first${backup#"$EM_STATE"} && mkdir "$EM_STATE" &&
	em_write_conf && printf "%064d" 7 >"$EM_STATE/key" &&
	chmod 600 "$EM_STATE/key" &&
	em_cli restore "$backup" >out && grep -q "^restored " out &&
	! grep -q before out &&
	em_start &&
	api GET /user/profile -t "$TOKEN_ana" && expect 401 &&
	em_login ana && api GET /user/balance -t "$TOKEN_ana" && expect 200 &&
	check_json ".balance == 5000" && api GET /media/one.jpg && expect 200 &&
	em_stop
'

test_expect_success 'a damaged database and its log are kept when replaced' '
	head -c 8192 /dev/urandom >"$EM_STATE/earmark.db" &&
	echo "a log" >"$EM_STATE/earmark.db-wal" &&
	sum=$(sha256sum <"$EM_STATE/earmark.db") &&
	em_cli restore "$backup" --replace >out 2>err &&
	kept=$(sed -n "s/^the previous database is //p" out) &&
	test "$sum" = "$(sha256sum <"$kept")" &&
	test "$(cat "$kept-wal")" = "a log" &&
	em_cli ledger verify >out
'

test_expect_success 'a backup of an older schema is migrated' '
	make_level 9 "$EM_TEMP/nine.db" && rm -rf nine && mkdir nine &&
	sqlite3 "$EM_TEMP/nine.db" "VACUUM INTO '\''nine/earmark.db'\''" &&
	(cd nine && sha256sum earmark.db >SHA256SUMS) &&
	em_cli restore nine --replace >out &&
	grep -q "schema $levels" out && em_cli ledger verify >out &&
	test "$(level_of "$EM_STATE/earmark.db")" = "$levels"
'

test_done
