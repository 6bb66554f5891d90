#!/bin/sh
test_description='large deletions during writes'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

documents=100 saves=500
[ "${EARMARK_FAULT-}" != full ] || documents=900 saves=100000

em_conf limits.write_rate=0
em_start

# of N SQL: runs SQL with a table c(n) that contains 1 to N.
of() {
	em_sql "UPDATE user SET id = id WHERE id < 0;
	    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
	    WHERE n < $1) $2"
}

# during COMMAND: runs it while ben writes, until no deletion is pending. The
# file waits contains the status and time of each write.
during() {
	rm -f stop
	(while [ ! -e stop ]; do
		curl -s -o /dev/null -w '%{http_code} %{time_total}\n' -X PUT \
		    -H "Authorization: Bearer $TOKEN_ben" \
		    -H 'Content-Type: application/json' -d '{"bio":"b"}' \
		    "$URL/user/profile"
	done >waits) &
	writer=$!
	"$@" && em_until "[ \"\$(em_sql \"SELECT
	    (SELECT count(*) FROM account_removal) +
	    (SELECT count(*) FROM entity_removal)\")\" = 0 ]"
	done=$?
	: >stop && wait "$writer"
	awk '$1 != 200 { bad++ } $2 > most { most = $2 } { n++ }
	    END { printf "%d writes, %d failed, the slowest %.0f ms\n", n, bad,
		1000 * most; exit bad > 0 || n == 0 }' waits >said &&
	note "$(cat said)" && [ $done = 0 ]
}

# In a full run, no write may take much longer than the slowest one did at
# rest.
quick() {
	[ "${EARMARK_FAULT-}" != full ] ||
	    awk -v rest="$rest" '$2 > 0.1 && $2 > 2 * rest { slow++ }
		END { exit slow > 1 }' waits
}

test_expect_success 'deleting an account with documents of 50 KB does not delay writes' '
	em_user ana && em_user ben && em_user root admin &&
	during sleep 2 &&
	rest=$(awk '\''$2 > most { most = $2 } END { print most }'\'' waits) &&
	of $documents "INSERT INTO document(uuid, owner_id, title, content,
	    is_public, created_at, updated_at) SELECT randomblob(16), $ID_ana,
	    '\''t'\'', printf('\''%.*c'\'', 50000, '\''x'\''), 1, n, n FROM c" &&
	during api DELETE "/user/profile?forfeit=true" -t "$TOKEN_ana" && expect 204 &&
	test "$(em_sql "SELECT count(*) FROM document")" = 0 && quick
'

test_expect_success 'deleting a destination saved by many users does not delay writes' '
	api POST /api/v1/destinations -t "$TOKEN_root" "{\"name\":\"n\"}" &&
	expect 201 && place=$(json .id) &&
	of $saves "INSERT INTO user(uuid, status, username, referral_code,
	    created_at, updated_at) SELECT randomblob(16), 1, '\''u'\'' || n,
	    '\''r'\'' || n, 1, 1 FROM c" &&
	em_sql "INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at, uuid) SELECT u.id, 3, d.id, 1, 1, randomblob(16)
	    FROM user AS u CROSS JOIN destination AS d WHERE u.status = 1" &&
	during api PATCH "/api/v1/destinations/$place" -t "$TOKEN_root" \
	    "{\"city\":\"c\"}" && expect 200 && quick &&
	during api DELETE "/api/v1/destinations/$place" -t "$TOKEN_root" &&
	expect 204 && quick &&
	test "$(em_sql "SELECT count(*) FROM favorite")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM favorite_log WHERE action = 0")" = \
	    $((saves + 2))
'

test_done
