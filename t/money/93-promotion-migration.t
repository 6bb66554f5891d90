#!/bin/sh
# shellcheck disable=SC2016
test_description='the migration of promotions, redemptions and free minutes'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"
em_bare >/dev/null || exit 1

# query SQL: runs statements without the checks of foreign keys.
query() {
	sqlite3 "$EM_STATE/earmark.db" "$1"
}
is() {
	[ "$1" = "$2" ] || { note "expected $1, got $2"; return 1; }
}
before=$(find "$EM_SRC/sql/migrations" -name '*.sql' | sort |
    grep -n promotion-budget | cut -d: -f1)

test_expect_success 'free minutes that are left and held keep their value' '
	make_level $((before - 1)) "$EM_STATE/earmark.db" &&
	for i in 1 2 3 4; do
		query "INSERT INTO user(id, uuid, status, username,
		    referral_code, created_at, updated_at) VALUES ($i,
		    randomblob(16), 1, '\''u$i'\'', '\''R$i'\'', 0, 0)" || return 1
	done &&
	query "INSERT INTO promotion(id, code, kind, value, redeemed,
		per_user, created_at)
	    VALUES (1, '\''MONEY'\'', 1, 500, 2, 2, 0), (2, '\''OLD'\'', 2, 5, 1, 1, 0),
		(3, '\''NEWER'\'', 2, 3, 2, 1, 0), (4, '\''NONE'\'', 1, 7, 0, 1, 0);
	    INSERT INTO redemption(promotion_id, user_id, n, at)
	    VALUES (1, 1, 1, 10), (1, 1, 2, 20), (2, 1, 1, 30), (3, 1, 1, 40),
		(3, 2, 1, 50);
	    INSERT INTO free_minutes(user_id, n) VALUES (1, 6), (2, 0);
	    INSERT INTO session(customer_id, listener_id, rate, commission,
		per_second, free_ms, started_at, billed_from, leased_until,
		leased_free, lasts_until)
	    VALUES (1, 3, 50000, 2000, 0, 0, 100, 100, 60100, 2, 60100)" &&
	em_cli migrate >/dev/null &&
	is "$(printf "1|MONEY|1|500||51000|0|1000|0\n2|OLD|2|5|20000|10100000|0|0|0
3|NEWER|2|3|20000|6120000|220000|0|0\n4|NONE|1|7||700|0|0|0")" \
	    "$(query "SELECT id, code, kind, value, max_rate, budget, reserved,
	    spent, listed FROM promotion ORDER BY id")" &&
	is "$(printf "1|1|1|0|500|0\n1|1|2|0|500|0\n2|1|1|0|0|0
3|1|1|6|0|220000\n3|2|1|0|0|0")" "$(query "SELECT promotion_id, user_id, n,
	    minutes, spent, reserved FROM redemption ORDER BY id")" &&
	is "1|3|2|100000" "$(query "SELECT h.session_id, r.promotion_id,
	    h.minutes, h.reserved FROM redemption_hold AS h
	    JOIN redemption AS r ON r.id = h.redemption_id")" &&
	query "PRAGMA foreign_key_check; PRAGMA integrity_check" >check &&
	is ok "$(cat check)"
'

test_expect_success 'facts keep their numbers, and the triggers exist again' '
	make_level $((before - 1)) "$EM_STATE/earmark.db" &&
	query "INSERT INTO fact(id, metric, at, n) VALUES (7, 5, 100, 3);
	    INSERT INTO fact(id, metric, at, n) VALUES (9, 5, 100, 3);
	    DELETE FROM fact WHERE id = 9" && query "SELECT replace(name, '\''proved'\'',
	    '\''verified'\'') FROM sqlite_schema
	    WHERE type = '\''trigger'\'' AND name LIKE '\''fact_%'\''
	    AND name <> '\''fact_fee'\'' ORDER BY 1" >want &&
	em_cli migrate >/dev/null && query "INSERT INTO fact(metric, at, n)
	    VALUES (11, 200, 4)" &&
	is "$(printf "7|5|3\n10|11|4")" "$(query "SELECT id, metric, n FROM fact
	    ORDER BY id")" &&
	query "SELECT name FROM sqlite_schema WHERE type = '\''trigger'\''
	    AND name LIKE '\''fact_%'\'' AND name <> '\''fact_promotion'\''
	    ORDER BY name" | test_cmp want -
'

test_expect_success 'paid referrals are kept' '
	make_level $((before - 1)) "$EM_STATE/earmark.db" &&
	for i in 1 2; do
		query "INSERT INTO user(id, uuid, status, username,
		    referral_code, created_at, updated_at) VALUES ($i,
		    randomblob(16), 1, '\''u$i'\'', '\''R$i'\'', 0, 0)" || return 1
	done &&
	query "INSERT INTO payment(id, user_id, provider, status, amount, currency,
		page_key, credited_at, created_at, updated_at)
	    VALUES (5, 2, 1, 1, 1000, '\''INR'\'', randomblob(16), 0, 0, 0);
	    INSERT INTO referral(invited_id, inviter_id, payment_id,
		inviter_bonus, invited_bonus, paid_at)
	    VALUES (2, 1, 5, 700, 300, 60)" && em_cli migrate >/dev/null &&
	is "2|1|5|60|700|300|60|" "$(query "SELECT invited_id, inviter_id,
	    payment_id, topup_at, inviter_bonus, invited_bonus, paid_at, due_at
	    FROM referral")" &&
	is "1|1|700" "$(query "SELECT user_id, paid, earned
	    FROM referral_total")"
'

test_done
