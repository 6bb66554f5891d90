#!/bin/sh
test_description='reviews: which ones count, names, and moderation'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

review() {
	api POST "/sessions/$1/review" -t "$(token_of "$2")" "$3"
}
# talk NAME SECONDS RATING [LISTENER]: a session with a review.
talk() {
	start "$1" "${4:-lis}" && ago "$2" && end "$1" &&
	review "$s" "$1" "{\"rating\":$3}"
}
# brief: a session of 69 s and the time of the requests. A slow machine may need a
# second for them, so there are several attempts.
brief() {
	start fay lis && ago 69 && end fay &&
	[ "$(row "ended_at - started_at")" -lt 70000 ]
}
rating() {
	api GET "/listeners/$ID_lis" &&
	check_json ".rating == $1 and .reviews_count == $2"
}
moderate() {
	api POST "/admin/reviews/$2/$1" -t "$TOKEN_adm" "{\"reason\":\"Rude\"}"
}

test_expect_success 'setup: a listener with five good reviews' '
	em_user adm admin && listener lis 600 && listener liz 0 &&
	for who in ana bob cid dan eva; do
		em_user $who && fund $who 100000 && talk $who 100 5 &&
		expect 201 || return 1
	done && rating 5.0 5
'

test_expect_success 'five free reviews cannot lower a rating' '
	for who in fay gus hal ida jon; do
		em_user $who && fund $who 1000 && talk $who 4 1 &&
		expect 409 session_too_short || return 1
	done && rating 5.0 5
'

test_expect_success 'a review requires 60 s that were billed' '
	fund fay 10000 && { brief || brief || brief || brief; } &&
	review "$s" fay "{\"rating\":1}" && expect 409 session_too_short &&
	talk fay 70.5 4 && expect 201 && rating 4.8 6
'

test_expect_success 'minutes of a promotion count as billed' '
	em_user kay && minutes kay 5 && talk kay 100 5 && expect 201 &&
	rating 4.9 7
'

test_expect_success 'five more reviews of the same customer count as one' '
	for n in 1 1 1 1 1; do
		talk fay 100 $n && expect 201 || return 1
	done && last=$s && rating 4.4 7 &&
	api GET "/listeners/$ID_lis/reviews" && check_json ".total_count == 7 and
	    ([.reviews[].review_id] | index($last) != null) and
	    (.reviews | length) == 7"
'

test_expect_success 'the latest review counts, also of an earlier session' '
	start ana lis && ago 100 && end ana && early=$s &&
	talk ana 100 3 && expect 201 && review "$early" ana "{\"rating\":1}" &&
	expect 201 && is 1 "$(em_sql "SELECT rating FROM review
	    WHERE customer_id = $ID_ana AND counts = 1")"
'

test_expect_success 'public reviews contain initials, null for a deleted account' '
	api GET "/listeners/$ID_lis/reviews" &&
	check_json "[.reviews[].username] | sort ==
	    [\"A.\", \"B.\", \"C.\", \"D.\", \"E.\", \"F.\", \"K.\"]" &&
	tag=$(header ETag) &&
	em_sql "UPDATE user SET status = 2 WHERE id = $ID_bob" &&
	api GET "/listeners/$ID_lis/reviews" -H "If-None-Match: $tag" &&
	expect 200 && check_json "[.reviews[].username] |
	    index(null) != null and index(\"B.\") == null"
'

test_expect_success 'GET /admin/reviews lists all reviews with the names of both users' '
	api GET /admin/reviews -t "$TOKEN_adm" && expect 200 &&
	check_json ".total_count == 14 and (.reviews | length) == 14 and
	    .reviews[0].listener_username == \"lis\" and
	    ([.reviews[] | select(.counts)] | length) == 7" &&
	api GET "/admin/reviews?listener_id=$ID_lis&per_page=3" \
	    -t "$TOKEN_adm" && check_json ".total_count == 14 and .has_next" &&
	next=$(json .next_cursor) && api GET \
	    "/admin/reviews?listener_id=$ID_lis&per_page=3&cursor=$next" \
	    -t "$TOKEN_adm" && check_json "(.reviews | length) == 3" &&
	api GET "/admin/reviews?listener_id=$ID_liz" -t "$TOKEN_adm" &&
	check_json ".reviews == [] and .total_count == 0" &&
	api GET "/admin/reviews?hidden=true" -t "$TOKEN_adm" &&
	check_json ".reviews == []" &&
	api GET /admin/reviews -t "$TOKEN_ana" && expect 403
'

test_expect_success 'a hidden review does not count; the previous one does' '
	em_sql "SELECT rating_sum, rating_count FROM listener
	    WHERE user_id = $ID_lis" >before &&
	moderate hide "$last" && expect 200 &&
	check_json ".is_hidden and (.counts | not)" &&
	api GET "/listeners/$ID_lis/reviews" &&
	check_json "([.reviews[].review_id] | index($last)) == null and
	    .total_count == 7" &&
	moderate hide "$last" && expect 200 &&
	api GET "/admin/reviews?hidden=true" -t "$TOKEN_adm" &&
	check_json "[.reviews[].review_id] == [$last] and .total_count == 1" &&
	api GET "/admin/reviews?hidden=false&listener_id=$ID_lis" \
	    -t "$TOKEN_adm" && check_json ".total_count == 13" &&
	moderate unhide "$last" && expect 200 &&
	check_json "(.is_hidden | not) and .counts" &&
	em_sql "SELECT rating_sum, rating_count FROM listener
	    WHERE user_id = $ID_lis" >after && test_cmp before after
'

test_expect_success 'if all reviews of a customer are hidden, none counts' '
	kays=$(em_sql "SELECT session_id FROM review
	    WHERE customer_id = $ID_kay") && moderate hide "$kays" &&
	api GET "/listeners/$ID_lis" && check_json ".reviews_count == 6" &&
	moderate unhide "$kays" && api GET "/listeners/$ID_lis" &&
	check_json ".reviews_count == 7"
'

test_expect_success 'hiding a review is audited and rejects unknown ids and other roles' '
	api GET "/admin/audit?target=review:$last" -t "$TOKEN_adm" &&
	check_json "[.audit[].action] == [\"review.unhide\", \"review.hide\"]
	    and .audit[1].before == {hidden: false, reason: null} and
	    .audit[1].after == {hidden: true, reason: \"Rude\"}" &&
	moderate hide 9999 && expect 404 && moderate hide x && expect 404 &&
	api POST "/admin/reviews/$last/hide" -t "$TOKEN_lis" && expect 403
'

test_expect_success 'ratings equal the mean of the reviews that count' '
	is "" "$(em_sql "SELECT l.user_id FROM listener AS l
	    WHERE (l.rating_sum, l.rating_count) IS NOT (
		SELECT ifnull(sum(rating), 0), count(*) FROM review
		WHERE listener_id = l.user_id AND counts = 1);
	    SELECT customer_id FROM review WHERE counts = 1
	    GROUP BY customer_id, listener_id HAVING count(*) > 1;
	    SELECT 1 FROM review WHERE counts = 1 AND hidden = 1")"
'

test_expect_success 'with reviews.names = yes, public reviews contain usernames' '
	em_stop && em_conf reviews.names=yes &&
	printf "[reviews]\nnames = yes\n" >>"$EM_STATE/earmark.conf" &&
	em_start && api GET "/listeners/$ID_lis/reviews" &&
	check_json "[.reviews[].username] | index(\"ana\") != null"
'

test_done
