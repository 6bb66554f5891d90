#!/bin/sh
test_description='audit: the hash chain reveals changes'
. "$(dirname "$0")/../lib.sh"
em_bare || exit 1

# tamper SQL: runs SQL on a copy of the database without the audit triggers.
tamper() {
	cp "$EM_STATE/kept.db" "$EM_STATE/earmark.db" &&
	rm -f "$EM_STATE/earmark.db-wal" "$EM_STATE/earmark.db-shm" &&
	sqlite3 "$EM_STATE/earmark.db" "DROP TRIGGER IF EXISTS audit_no_update;
	    DROP TRIGGER IF EXISTS audit_no_delete; DROP TRIGGER IF EXISTS audit_chained; $1"
}
# broken TEXT: succeeds if audit verify fails with TEXT.
broken() {
	em_cli audit verify >out 2>err
	[ $? = 1 ] && [ ! -s out ] && grep -q "broken: .*$1" err || {
		note "wanted '$1', got: $(cat out err)"
		return 1
	}
}
sound() {
	em_cli audit verify >out && grep -q "^ok: $1 rows, $2 of them" out || {
		note "$(cat out)"
		return 1
	}
}
keep() {
	sqlite3 "$EM_STATE/earmark.db" "PRAGMA wal_checkpoint(TRUNCATE)" \
	    >/dev/null && cp "$EM_STATE/earmark.db" "$EM_STATE/kept.db"
}

test_expect_success 'an empty audit is valid' '
	sound 0 0
'

test_expect_success 'six audit rows are valid' '
	for who in ana bob cid; do
		em_cli user add $who --email "$who@mail.example" >/dev/null &&
		em_cli user ban $who --reason "It says \"$who\"" >/dev/null ||
		    return 1
	done && sound 6 0 && keep
'

test_expect_success 'the database rejects a row without a hash' '
	test_must_fail em_sql "INSERT INTO audit(at, action, target)
	    VALUES (1, '\''x'\'', '\''y'\'')" 2>err && grep chained err
'

test_expect_success 'a change of any column is reported' '
	for set in "at = at + 1" "actor_id = 1" "action = action || '\''x'\''" \
	    "target = '\''user:9'\''" "before = NULL" "before = '\'''\''" \
	    "after = replace(after, '\''cid'\'', '\''dan'\'')" \
	    "request_id = '\''x'\''" "hash = zeroblob(32)"; do
		tamper "UPDATE audit SET $set
		    WHERE id = (SELECT max(id) FROM audit)" &&
		broken "row 6: the hash" || return 1
	done &&
	tamper "UPDATE audit SET hash = NULL WHERE id = 3" &&
	broken "row 3 has no hash"
'

test_expect_success 'removed rows are reported' '
	tamper "DELETE FROM audit WHERE id = 1" && broken "row 1 is missing" &&
	tamper "DELETE FROM audit WHERE id = 4" && broken "row 4 is missing" &&
	tamper "DELETE FROM audit WHERE id > 4" &&
	broken "rows 5 to 6 are missing" &&
	tamper "DELETE FROM audit" && broken "rows 1 to 6 are missing"
'

test_expect_success 'the id of a removed row is not used again' '
	tamper "DELETE FROM audit WHERE id = 6" &&
	em_cli user unban ana >/dev/null && broken "row 6 is missing"
'

test_expect_success 'swapped and inserted rows are reported' '
	tamper "UPDATE audit SET id = 100 WHERE id = 2;
	    UPDATE audit SET id = 2 WHERE id = 5;
	    UPDATE audit SET id = 5 WHERE id = 100" &&
	broken "row 2: the hash" &&
	tamper "INSERT INTO audit(at, action, target, hash)
	    SELECT at, action, target, hash FROM audit WHERE id = 6" &&
	broken "row 7: the hash" &&
	tamper "INSERT INTO audit(id, at, action, target, hash)
	    SELECT -5, at, action, target, hash FROM audit WHERE id = 6" &&
	broken "row 1 is missing"
'

test_expect_success 'the first hash covers rows from before the chain' '
	tamper "UPDATE audit SET hash = NULL" && sound 6 6 &&
	em_cli user unban ana >/dev/null && sound 7 6 &&
	em_cli user unban bob >/dev/null && sound 8 6 && keep &&
	tamper "UPDATE audit SET after = NULL WHERE id = 2" &&
	broken "row 7: .*rows before it" &&
	tamper "DELETE FROM audit WHERE id = 2" && broken "row 2 is missing"
'

test_expect_success 'earmark doctor reports a changed row' '
	tamper "UPDATE audit SET at = 1 WHERE id = 8" &&
	em_cli doctor --json >doctor.json
	jq -e ".checks[] | select(.name == \"audit\") | .status == \"bad\" and
	    (.message | contains(\"row 8\"))" doctor.json &&
	cp "$EM_STATE/kept.db" "$EM_STATE/earmark.db" &&
	{ em_cli doctor --json >doctor.json || :; } &&
	jq -e ".checks[] | select(.name == \"audit\") | .status == \"ok\"" \
	    doctor.json
'

test_done
