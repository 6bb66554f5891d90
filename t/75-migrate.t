#!/bin/sh
test_description='earmark migrate: a schema is old or new, never between'
. "$(dirname "$0")/lib.sh"

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
levels=$(find "$EM_SRC/sql/migrations" -name '*.sql' | wc -l)

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
	refuses 4 "plain file" em_cli migrate &&
	test ! -e elsewhere && rm "$EM_STATE/earmark.db"
'

# killed_after SECONDS: a migration of a new database, ended so.
killed_after() {
	rm -f "$EM_STATE"/earmark.db*
	"$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" migrate >/dev/null 2>&1 &
	sleep "$1"
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	return 0
}

# By the end of the sweep the migration is long done.
test_expect_success 'killed at any moment, the schema is one that a migration left' '
	seen= i=0 &&
	while [ $i -lt 30 ]; do
		i=$((i + 1))
		killed_after "$(printf "0.%04d" "$((i * 14))")"
		[ -e "$EM_STATE/earmark.db" ] || continue
		level=$(sqlite3 "$EM_STATE/earmark.db" "PRAGMA user_version") &&
		seen="$seen $level" &&
		schema_after "$level" >want &&
		schema_of "$EM_STATE/earmark.db" | test_cmp want - &&
		em_cli migrate >/dev/null &&
		test "$(em_sql "PRAGMA integrity_check")" = ok &&
		test "$(em_sql "SELECT count(*) FROM migration")" = "$levels" ||
		return 1
	done &&
	note "levels seen:$seen"
'

test_done
