#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark-jobs rebuilds full-text indexes while they are in use'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"

# old_database FILE: creates a database of the newest schema with the indexes of
# earlier versions.
old_database() {
	make_level "$levels" "$1" && sqlite3 "$1" "
	    INSERT INTO user(id, uuid, status, roles, username, bio,
		referral_code, created_at, updated_at)
	    SELECT value, randomblob(16), 1, 3, 'user' || value,
		'Łódź बाहर', value, 1, 1
	    FROM generate_series(1, 150);
	    INSERT INTO listener(user_id, verification, rate_per_minute,
		languages, registered_at)
	    SELECT id, 1, 500, 'en', 1 FROM user;
	    INSERT INTO flyer(publisher_id, title, created_at, updated_at)
	    SELECT 1, 'Łódź 東京タワー', 1, 1 FROM user;
	    INSERT INTO ticket(user_id, subject, body, category, status,
		created_at, updated_at)
	    SELECT id, 'Łódź', 'b', 1, 1, 1, 1 FROM user
	    WHERE id <= 50;
	    INSERT INTO ticket_reply(ticket_id, author_id, kind, body,
		created_at) VALUES (7, 1, 1, '東京タワー', 1);"
}
# finds TABLE QUERY N: succeeds if the index finds N rows.
finds() {
	found=$(em_sql "SELECT count(*) FROM $1 WHERE $1 MATCH '$2'") &&
	[ "$found" = "$3" ] || { note "$1 $2: $found, not $3"; return 1; }
}
consistent() {
	for t in listener_text flyer_text destination_text ticket_text \
	    faq_text; do
		em_sql "INSERT INTO $t($t) VALUES ('integrity-check')" ||
		    return 1
	done
}

em_bare >out || exit 1

test_expect_success 'an upgraded database keeps its indexes until the job has run' '
	old_database old.db && rm -f "$EM_STATE"/earmark.db* &&
	cp old.db "$EM_STATE/earmark.db" &&
	em_cli migrate && finds listener_text "\"Łódź\"*" 150 &&
	finds flyer_text "\"lodz\"*" 0 &&
	[ "$(em_sql "SELECT count(*) FROM search_index WHERE version = 0")" = 5 ] &&
	em_jobs && finds listener_text "\"lodz\"*" 150 &&
	finds listener_text "\"हर\"*" 0 &&
	finds flyer_text "\"タワー\"*" 150 && finds ticket_text "\"lodz\"*" 50 &&
	finds ticket_text "\"タワー\"*" 1 && consistent &&
	[ "$(em_sql "SELECT count(*) FROM search_index
	    WHERE version > 0 AND position IS NULL")" = 5 ] &&
	em_sql "SELECT name FROM sqlite_schema WHERE name GLOB '\''*_next*'\''
	    AND name GLOB '\''*_text*'\''" >left && test_must_be_empty left &&
	em_sql "SELECT type, name, tbl_name FROM sqlite_schema
	    ORDER BY 1, 2" >upgraded &&
	rm -f "$EM_STATE"/earmark.db* && em_cli migrate &&
	em_sql "SELECT type, name, tbl_name FROM sqlite_schema
	    ORDER BY 1, 2" | test_cmp - upgraded
'

if ! em_sanitized; then
test_expect_success 'a job killed at any write or sync continues' '
	cp old.db "$EM_STATE/earmark.db" && em_cli migrate &&
	"$EM_SRC/t/faults/tools/fail_nth.py" nth &&
	"$EM_SRC/t/faults/tools/kill_at_each_step.py" rebuild "$EM_STATE" \
	    "$EM_BUILD" "$PWD/nth" "$PWD/old.db" \
	    "$([ "${EARMARK_FAULT-}" = full ] && echo 60 || echo 6)" \
	    >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'
fi

test_expect_success 'searches succeed in running workers while an index is replaced' '
	rm -rf "$EM_STATE" && em_conf limits.search_rate=0 && em_start &&
	em_user ana &&
	for i in 1 2 3; do
		api POST /api/flyers/ -t "$TOKEN_ana" \
		    "{\"title\":\"Łódź $i\"}" && expect 201 || return 1
	done &&
	for round in 1 2 3; do
		em_sql "UPDATE search_index SET version = 0" &&
		{ em_jobs & } && while :; do
			api GET "/api/flyers/?page=1&q=lodz" && expect 200 &&
			check_json ".count == 3" || return 1
			[ "$(em_sql "SELECT count(*) FROM search_index
			    WHERE version = 0")" != 0 ] || break
		done && wait && api POST /api/flyers/ -t "$TOKEN_ana" \
		    "{\"title\":\"Again $round\"}" && expect 201 || return 1
	done && consistent &&
	api GET "/api/flyers/?page=1&q=again+3" && check_json ".count == 1" &&
	em_cli backup "$PWD/backups" >out &&
	sqlite3 "$(cat out)/earmark.db" "PRAGMA integrity_check" >ok &&
	echo ok >want && test_cmp want ok
'

test_done
