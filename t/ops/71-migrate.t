#!/bin/sh
test_description='earmark migrate: migrations are atomic'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"

# Prints the schema after the first N migrations. The table migration exists
# from the start.
schema_after() {
	rm -f reference.db
	{
		echo "CREATE TABLE migration (x);"
		find "$EM_SRC/sql/migrations" -name '*.sql' | sort | head -n "$1" |
		    while read -r file; do cat "$file"; done
	} | sqlite3 reference.db &&
	sqlite3 reference.db "SELECT type, name FROM sqlite_schema
	    WHERE name <> 'migration' ORDER BY type, name"
}

schema_of() {
	sqlite3 -readonly "$1" "SELECT type, name FROM sqlite_schema
	    WHERE name <> 'migration' ORDER BY type, name"
}

em_folder && em_cli migrate >first || exit 1

test_expect_success 'migrate creates the newest schema' '
	echo "schema 0 -> $levels" >want &&
	test_cmp want first &&
	test "$(em_sql "PRAGMA user_version")" = "$levels" &&
	test "$(em_sql "PRAGMA journal_mode")" = wal &&
	test "$(em_sql "SELECT count(*) FROM migration")" = "$levels" &&
	schema_after "$levels" >want &&
	schema_of "$EM_STATE/earmark.db" | test_cmp want - &&
	test "$(stat -c %a "$EM_STATE/earmark.db")" = 600
'

test_expect_success 'a second migrate changes nothing' '
	em_cli migrate >out &&
	echo "schema $levels is up to date" >want &&
	test_cmp want out
'

test_expect_success 'two simultaneous migrations succeed' '
	rm -f "$EM_STATE"/earmark.db* &&
	em_cli migrate >one & one=$! &&
	em_cli migrate >two & two=$! &&
	wait $one && wait $two &&
	test "$(em_sql "SELECT count(*) FROM migration")" = "$levels"
'

# Other commands give up after 5 s.
test_expect_success 'migrate waits for a longer migration' '
	rm -f "$EM_STATE"/earmark.db* &&
	{ flock -F "$EM_STATE/writer.lock" sleep 6 & } && holder=$! &&
	em_until "! flock -n \"$EM_STATE/writer.lock\" true" &&
	em_cli migrate && wait $holder
'

test_expect_success 'all programs reject a newer schema' '
	em_sql "UPDATE user SET id = id WHERE id < 0; PRAGMA user_version = 99" &&
	refuses 4 "newer version" em_cli migrate &&
	refuses 4 "newer version" em_cli user list &&
	test_expect_code 4 "$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    --once 2>err &&
	grep -q "newer version" err &&
	test "$(em_sql "PRAGMA user_version")" = 99
'

test_expect_success 'programs reject an older schema until it is migrated' '
	em_sql "SELECT 1; " >/dev/null &&
	em_sql "UPDATE user SET id = id WHERE id < 0; PRAGMA user_version = 1" &&
	refuses 4 "run migrate" em_cli user list
'

test_expect_success 'migrate reports an applied migration with another hash' '
	rm -f "$EM_STATE"/earmark.db* &&
	em_cli migrate &&
	em_sql "UPDATE migration SET hash = '\''00'\'' WHERE level = 2" &&
	refuses 4 "differs" em_cli migrate
'

test_expect_success 'a file that is not a database is unchanged' '
	rm -f "$EM_STATE"/earmark.db* &&
	echo "this is a letter to my aunt, long enough to have a header" \
	    >"$EM_STATE/earmark.db" &&
	cp "$EM_STATE/earmark.db" before &&
	test_expect_code 4 em_cli migrate 2>err &&
	test_cmp before "$EM_STATE/earmark.db" &&
	rm -f "$EM_STATE/earmark.db" &&
	ln -s "$PWD/elsewhere" "$EM_STATE/earmark.db" &&
	refuses 4 "regular file" em_cli migrate &&
	test ! -e elsewhere && rm "$EM_STATE/earmark.db"
'

# The versions from which a database is migrated: the first one, that of the
# first release, the last one, and random ones; with EARMARK_FAULT=full all.
SEED=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
export SEED
earlier=$(seq $((levels - 1)))
[ "${EARMARK_FAULT-}" = full ] || {
	note "SEED=$SEED"
	earlier=$(awk -v seed="$SEED" -v n="$levels" 'BEGIN {
		srand(seed)
		print 1, 2 + int(18 * rand()), 20, 21 + int((n - 22) * rand()), n - 1
	}')
}

# The databases contain accounts, favorites, audit rows and transfers.
test_expect_success 'setup: databases of earlier versions' '
	mkdir levels &&
	for level in $earlier $levels; do
		make_level "$level" "levels/$level.db" &&
		"$EM_SRC/t/faults/tools/schemas.py" "levels/$level.db" || return 1
	done
'

# counts FILE: prints the number of rows of the tables that exist, with their
# present names.
counts() {
	for table in user device_session listener favorite favorite_log flyer \
	    audit transfer entry wallet_line wallet_entry; do
		sqlite3 -readonly "$1" "SELECT count(*) FROM $table" 2>/dev/null |
		    sed "s/^/$table /; s/^wallet_line/wallet_entry/"
	done
}

# counted: succeeds if the counters equal the rows they count, and if no absent
# address is verified.
counted() {
	[ "$(em_sql "SELECT count(*) FROM user WHERE
	    (email IS NULL AND email_ok) OR (phone IS NULL AND phone_ok)")" = 0 ] &&
	em_sql "SELECT publisher_id, count(*), sum(content_bytes) FROM flyer
	    GROUP BY publisher_id ORDER BY publisher_id" >want &&
	em_sql "SELECT user_id, n_rows, n_bytes FROM quota_usage
	    WHERE n_rows > 0 ORDER BY user_id" >out && test_cmp want out &&
	em_sql "SELECT t.user_id, t.kind, count(l.seq) FROM favorite_total AS t
	    LEFT JOIN favorite_log AS l ON l.user_id = t.user_id
	    AND l.kind = t.kind GROUP BY 1, 2 ORDER BY 1, 2" >want &&
	em_sql "SELECT user_id, kind, log_n FROM favorite_total
	    ORDER BY 1, 2" >out && test_cmp want out
}

test_expect_success 'a database of an earlier version is migrated with all rows' '
	schema_of "levels/$levels.db" >newest &&
	for level in $earlier; do
		rm -f "$EM_STATE"/earmark.db* &&
		cp "levels/$level.db" "$EM_STATE/earmark.db" &&
		counts "$EM_STATE/earmark.db" >had &&
		refuses 4 "run migrate" em_cli user list &&
		em_cli migrate >out && echo "schema $level -> $levels" >want &&
		test_cmp want out &&
		schema_of "$EM_STATE/earmark.db" | test_cmp newest - &&
		counts "$EM_STATE/earmark.db" >now &&
		! grep -vxFf now had &&
		test "$(em_sql "PRAGMA integrity_check")" = ok &&
		test -z "$(em_sql "PRAGMA foreign_key_check")" &&
		counted &&
		em_cli ledger verify >out &&
		em_cli audit verify >out &&
		em_cli user list --limit 1 >out && test -s out || {
			note "from level $level"
			return 1
		}
	done
'

if em_sanitized; then
	note 'no kills: the sanitizers have a malloc of their own'
	test_done
fi
per=2
[ "${EARMARK_FAULT-}" != full ] || per=0

# Kills at writes, syncs and allocations. Kills by time would come before or
# after the migration.
test_expect_success 'a migration killed at any step leaves the old or the new schema' '
	"$EM_SRC/t/faults/tools/fail_nth.py" nth &&
	"$EM_SRC/t/faults/tools/kill_at_each_step.py" migrate "$EM_STATE" "$EM_BUILD" "$PWD/nth" \
	    levels $per >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_expect_success 'reviews of earlier versions count by the present rules' '
	rm -f "$EM_STATE"/earmark.db* && make_level 25 "$EM_STATE/earmark.db" &&
	sqlite3 "$EM_STATE/earmark.db" "
	    INSERT INTO user(id, uuid, status, roles, username, referral_code,
		created_at, updated_at)
	    SELECT value, randomblob(16), 1, 3, '\''user'\'' || value, value, 1, 1
	    FROM json_each('\''[1, 2, 3, 4]'\'');
	    INSERT INTO listener(user_id, rate_per_minute, rating_sum,
		rating_count, languages, registered_at)
	    VALUES (1, 100, 10, 2, '\''en'\'', 1);
	    INSERT INTO session(id, customer_id, listener_id, state, rate,
		commission, per_second, free_ms, started_at, leased_until,
		lasts_until, ended_at, cause, billed_minutes, billed_free, cost,
		cost_bonus, fee, earned, balance)
	    SELECT value ->> 0, value ->> 1, 1, 1, 100, 0, 0, 10000,
		(value ->> 0) * 1000000, (value ->> 0) * 1000000 + 900000, 1,
		(value ->> 0) * 1000000 + (value ->> 2) * 1000, 1, 2, 0, 0, 0, 0,
		0, 0
	    FROM json_each('\''[[1,2,100],[2,2,70],[3,3,69],[4,2,9],[5,4,99]]'\'');
	    INSERT INTO review(session_id, listener_id, customer_id, rating,
		created_at)
	    SELECT id, 1, customer_id, 1 + id % 5, ended_at FROM session;
	    UPDATE review SET hidden = 1 WHERE session_id = 5;" &&
	em_cli migrate >out &&
	[ "$(em_sql "SELECT group_concat(session_id || hidden || counts)
	    FROM (SELECT * FROM review ORDER BY session_id)")" = \
	    100,201,310,410,510 ] &&
	[ "$(em_sql "SELECT rating_sum, rating_count FROM listener")" = \
	    "13|3" ] &&
	[ "$(em_sql "SELECT name, n FROM counter WHERE name LIKE '\''review:%'\''
	    ORDER BY 1" | paste -sd" ")" = "review:0|2 review:1|3" ]
'

test_done
