#!/bin/sh
# Each statement of the closed list must be valid, use indexes, and be used.
test_description='static: SQL statements, their plans and their use'
. "$(dirname "$0")/../lib-static.sh"

plans=$build/t/tools/plans

test_expect_success 'all statements can be prepared and have good plans' '
	show "$plans" &&
	grep -Eq "^[1-9][0-9]+ statements, 0 wrong" said
'

test_expect_success 'all statements are used, and only in lib/' '
	sed -n "s/^	\(Q_[A-Z0-9_]*\),$/\1/p" "$build/lib/db/names.h" |
	    sort >listed &&
	test -s listed &&
	cat "$src"/lib/domain/*/*.c "$src"/lib/db/*.c |
	    grep -o "Q_[A-Z0-9_]*" | sort -u >used &&
	comm -23 listed used >unused &&
	! grep -n "\<Q_[A-Z]" "$src"/fcgi/*/*.c "$src"/fcgi/routes/*/*.c \
	    "$src"/cmd/*/*.c >>unused
	quiet cat unused
'

# unknown_indexes FILE...: prints the identifiers in "-- index:" lines that the
# schema does not have.
sqlite3 "$build/t/empty.db" "SELECT name FROM sqlite_schema
    UNION SELECT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%'" |
    sort -u >known
unknown_indexes() {
	grep -hE "^-- index: " "$@" | grep -oE "[a-z]+(_[a-z0-9]+)+" | sort -u |
	    comm -23 - known
}

test_expect_success 'the indexes that statements name exist' '
	echo "-- index: flyer_owner, no_such_index" >wrong.sql &&
	[ "$(unknown_indexes wrong.sql | tail -n 1)" = no_such_index ] &&
	quiet unknown_indexes "$src"/sql/queries/*/*.sql
'

test_expect_success 'other files contain no SQL' '
	grep -nE "\"[^\"]*(SELECT .* FROM|INSERT INTO|UPDATE .* SET|DELETE FROM)" \
	    "$src"/lib/base/*.c "$src"/lib/domain/*/*.c "$src"/lib/json/*.c \
	    "$src"/lib/crypto/*.c "$src"/lib/net/*.c "$src"/lib/providers/*.c \
	    "$src"/fcgi/*/*.c "$src"/fcgi/routes/*/*.c \
	    "$src"/cmd/*/*.c >found
	quiet cat found
'

# Control: the check of plans must be able to fail.
test_expect_success 'scans, sorts and missing indexes are reported' '
	! "$plans" "SELECT * FROM user" "SELECT id FROM flyer ORDER BY address" \
	    "SELECT rowid FROM flyer_text" "SELECT id FROM flyer_place" \
	    "SELECT f.id FROM user AS u CROSS JOIN flyer AS f
		ON f.address = u.bio WHERE u.id < :id" \
	    "SELECT id FROM user WHERE id = ?1" "SELECT nothing FROM user" >out &&
	for text in "1: a scan: SCAN user" "2: a sort:" \
	    "3: a scan: SCAN flyer_text" "4: a scan: SCAN flyer_place" \
	    "5: .*an index is missing" "6: .*without a name" \
	    "7: not SQL of this schema"; do
		grep -q "argument: $text" out || {
			echo "# not reported: $text" >&5
			sed "s/^/# /" out >&5
			return 1
		}
	done
'

test_expect_success 'indexed searches are not reported' '
	show "$plans" "SELECT * FROM user WHERE id = :id" \
	    "SELECT rowid FROM flyer_text WHERE flyer_text MATCH :q" \
	    "SELECT id FROM flyer_place WHERE lat0 > :lat" \
	    "SELECT value FROM json_each(:ids)"
'

test_done
