#!/bin/sh
# shellcheck disable=SC2016
test_description='favorites: ranking of the last hours and days'
. "$(dirname "$0")/../lib.sh"

T=2040-06-15T12:00:00Z
ms=$(($(date -u -d "$T" +%s) * 1000))

# log USER FLYER ACTION HOURS: logs a save (1) or unsave (0) HOURS ago.
log() {
	em_sql "INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    VALUES ($1, 2, $2, $3, $ms - $4 * 3600000, 'r')"
}

# ranking WINDOW: prints "entity:saves" of the flyers, best first.
ranking() {
	em_sql "SELECT group_concat(entity_id || ':' || saves, ' ') FROM
	    (SELECT * FROM popular WHERE window = $1 AND kind = 2 ORDER BY rank)"
}

em_bare >/dev/null || exit 1
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
    SELECT randomblob(16), 1, 'user' || i, 'R' || i, 1, 1 FROM n;
    INSERT INTO flyer(publisher_id, title, created_at, updated_at)
    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
    SELECT 1, 'flyer' || i, 1, 1 FROM n" || exit 1

test_expect_success 'without saves the ranking is empty' '
	em_jobs $T >out &&
	test "$(em_sql "SELECT count(*) FROM popular")" = 0
'

test_expect_success 'each window has its own ranking' '
	log 1 1 1 1 && log 2 1 1 2 && log 3 2 1 1 &&
	log 4 2 1 30 && log 5 2 1 40 && log 6 3 1 200 &&
	log 7 3 1 300 && log 8 3 1 400 && log 9 3 1 500 &&
	log 10 4 1 800 &&
	em_jobs $T >out &&
	test "$(ranking 0)" = "1:2 2:1" &&
	test "$(ranking 1)" = "2:3 1:2" &&
	test "$(ranking 2)" = "3:4 2:3 1:2"
'

test_expect_success 'a second run of the job counts no save twice' '
	em_jobs $T >out &&
	grep -q "^popular-count 0$" out &&
	grep -q "^popular-24h 0$" out &&
	test "$(ranking 2)" = "3:4 2:3 1:2"
'

test_expect_success 'an unsave removes its own save from the ranking, regardless of its time' '
	log 6 3 0 0 && log 1 1 0 0 &&
	em_jobs $T >out &&
	test "$(ranking 0)" = "1:1 2:1" &&
	test "$(ranking 2)" = "2:3 3:3 1:1"
'

test_expect_success 'saving and unsaving repeatedly does not raise the rank' '
	for n in 1 2 3 4 5 6; do
		log 11 5 1 0 && log 11 5 0 0 || return 1
	done &&
	log 11 6 1 0 &&
	em_jobs $T >out &&
	test "$(ranking 0)" = "1:1 2:1 6:1"
'

test_expect_success 'thousands of other changes in between do not raise the rank either' '
	for n in 1 2; do
		log 14 7 1 0 && em_sql "INSERT INTO favorite_log(user_id, kind,
		    entity_id, action, at, request_id)
		    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
		    SELECT 14, 3, 1, i % 2, $ms, '\''r'\'' FROM n" && log 14 7 0 0 ||
		    return 1
	done && log 15 8 1 0 && em_jobs $T >out &&
	test "$(ranking 0)" = "1:1 2:1 6:1 8:1" && log 15 8 0 0 &&
	em_jobs $T >out && em_sql "DELETE FROM popular_hour WHERE saves = 0"
'

test_expect_success 'an unsave of a save outside of all windows changes nothing' '
	log 10 4 0 0 &&
	em_jobs $T >out &&
	test "$(ranking 0)" = "1:1 2:1 6:1" &&
	test "$(em_sql "SELECT count(*) FROM popular_hour WHERE saves < 0")" = 0
'

test_expect_success 'saves leave a window when they are older' '
	em_jobs 2040-06-17T12:00:00Z >out &&
	test "$(ranking 0)" = "" &&
	test "$(ranking 1)" = "2:3 1:1 6:1" &&
	em_jobs 2040-08-01T00:00:00Z >out &&
	test "$(em_sql "SELECT count(*) FROM popular")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM popular_hour")" = 0
'

test_expect_success 'at most 100 items are ranked, equal ones by id' '
	em_sql "INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    SELECT 12, 2, id, 1, $ms, '\''r'\'' FROM flyer;
	    INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    SELECT 13, 2, id, 1, $ms, '\''r'\'' FROM flyer WHERE id > 148" &&
	em_jobs $T >out &&
	test "$(em_sql "SELECT count(*), max(rank), min(rank) FROM popular WHERE window = 0")" = "100|100|1" &&
	test "$(ranking 0 | cut -d " " -f -4)" = "149:2 150:2 1:1 2:1"
'

test_expect_success 'deleted items are not ranked' '
	em_sql "DELETE FROM flyer WHERE id = 149" &&
	em_jobs $T >out &&
	test "$(ranking 0 | cut -d " " -f -3)" = "150:2 1:1 2:1"
'

test_expect_success 'one run of the job counts 3,000 saves' '
	em_sql "DELETE FROM popular_hour WHERE hour > 0" &&
	em_sql "INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
	    SELECT 1 + i % 20, 2, 1 + i / 20 % 3, 1, $ms, '\''r'\'' FROM n" &&
	em_jobs $T >out &&
	grep -q "^popular-count 3000$" out &&
	test "$(em_sql "SELECT sum(saves) FROM popular_hour")" = 3000
'

# A ranking remains for 15 minutes. The first one must not be of the rows that
# were counted before. At most one batch of 50 may be missing.
test_expect_success 'the first ranking of many saves contains all except the last batch' '
	em_sql "DELETE FROM popular; DELETE FROM popular_hour" &&
	em_sql "INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999)
	    SELECT 1 + i % 20, 2, 1 + i % 3, 1, unixepoch() * 1000, '\''r'\''
	    FROM n" &&
	em_start && em_until "[ -n \"\$(ranking 2)\" ]" &&
	note "$(ranking 2)" &&
	test "$(em_sql "SELECT count(*) = 3 AND min(saves) >= 9983 AND max(saves) <= 10000
	    AND sum(saves) >= 29950
	    FROM popular WHERE window = 2 AND kind = 2")" = 1
'

test_done
