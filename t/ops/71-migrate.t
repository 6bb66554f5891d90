#!/bin/sh
test_description='earmark migrate: a schema is old or new, never between'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"

# The schema that the first N migrations make, as text; migration's own table
# is there from the first.
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

em_bare >first || exit 1

test_expect_success 'a fresh database is brought to the newest schema' '
	echo "schema 0 -> $levels" >want &&
	test_cmp want first &&
	test "$(em_sql "PRAGMA user_version")" = "$levels" &&
	test "$(em_sql "PRAGMA journal_mode")" = wal &&
	test "$(em_sql "SELECT count(*) FROM migration")" = "$levels" &&
	schema_after "$levels" >want &&
	schema_of "$EM_STATE/earmark.db" | test_cmp want - &&
	test "$(stat -c %a "$EM_STATE/earmark.db")" = 600
'

test_expect_success 'again does nothing' '
	em_cli migrate >out &&
	echo "schema $levels is up to date" >want &&
	test_cmp want out
'

test_expect_success 'two at once do not harm each other' '
	rm -f "$EM_STATE"/earmark.db* &&
	em_cli migrate >one & one=$! &&
	em_cli migrate >two & two=$! &&
	wait $one && wait $two &&
	test "$(em_sql "SELECT count(*) FROM migration")" = "$levels"
'

test_expect_success 'a newer schema is left alone by every program' '
	em_sql "UPDATE user SET id = id WHERE id < 0; PRAGMA user_version = 99" &&
	refuses 4 "newer version" em_cli migrate &&
	refuses 4 "newer version" em_cli user list &&
	test_expect_code 4 "$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    --once 2>err &&
	grep -q "newer version" err &&
	test "$(em_sql "PRAGMA user_version")" = 99
'

test_expect_success 'an older schema is refused until it is migrated' '
	em_sql "SELECT 1; " >/dev/null &&
	em_sql "UPDATE user SET id = id WHERE id < 0; PRAGMA user_version = 1" &&
	refuses 4 "run migrate" em_cli user list
'

test_expect_success 'a migration that was applied in another form is noticed' '
	rm -f "$EM_STATE"/earmark.db* &&
	em_cli migrate &&
	em_sql "UPDATE migration SET hash = '\''00'\'' WHERE level = 2" &&
	refuses 4 "differs" em_cli migrate
'

test_expect_success 'a file that is no database is not touched' '
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

# Databases of all earlier versions, with people, favorites, audit and money.
test_expect_success 'databases of all earlier versions' '
	mkdir levels &&
	for level in $(seq "$levels"); do
		make_level "$level" "levels/$level.db" &&
		"$EM_SRC/t/faults/tools/schemas.py" "levels/$level.db" || return 1
	done
'

# counts FILE: how many rows its tables have, those that are there from level N
counts() {
	for table in user device_session listener favorite favorite_log flyer \
	    audit transfer entry wallet_line; do
		sqlite3 -readonly "$1" "SELECT count(*) FROM $table" 2>/dev/null |
		    sed "s/^/$table /"
	done
}

# counted: what accounts store is counted as if it had been from the start
counted() {
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

test_expect_success 'each of them comes up to date in one step, rows and all' '
	schema_of "levels/$levels.db" >newest &&
	for level in $(seq $((levels - 1))); do
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

# Writes, syncs and, for the moments between, allocations. By time alone it was
# always over, or had not begun.
test_expect_success 'killed at any of its steps, it is old or new, never between' '
	"$EM_SRC/t/faults/tools/fail_nth.py" nth &&
	"$EM_SRC/t/faults/tools/kill_at_each_step.py" migrate "$EM_STATE" "$EM_BUILD" "$PWD/nth" \
	    levels $per >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_done
