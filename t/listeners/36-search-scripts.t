#!/bin/sh
# shellcheck disable=SC2016
test_description='search: texts of all scripts'
. "$(dirname "$0")/../lib.sh"
em_conf limits.search_rate=0
em_conf limits.write_rate=0
em_start
vectors=$EM_SRC/t/tools/vectors

# finds PATH FILTER QUERY...: succeeds if each search has one result.
finds() {
	path=$1 filter=$2
	shift 2
	for q; do
		api GET "$path$q" -t "$TOKEN_root" && expect 200 &&
		check_json "$filter == 1" || { note "$path$q"; return 1; }
	done
}
# misses PATH FILTER QUERY...: succeeds if no search has a result.
misses() {
	path=$1 filter=$2
	shift 2
	for q; do
		api GET "$path$q" -t "$TOKEN_root" && expect 200 &&
		check_json "$filter == 0" || { note "$path$q"; return 1; }
	done
}
hits='lodz tower%20%E0%A5%A4 %E3%82%BF%E3%83%AF%E3%83%BC friendly
    %E0%A4%AC%E0%A4%BE%E0%A4%B9%E0%A4%B0 STRASSE'
misses='%E0%A4%B9%E0%A4%B0 %E0%A4%A6%E0%A4%BF%E0%A4%B2 odz riendly'
text='Łódź 東京タワー tower 🤗Friendly बाहर दौलत Straße'

test_expect_success 'setup: accounts and flyers' '
	em_user ana && em_user root customer admin &&
	em_user lis customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 500, '\''en'\'', 1)
	    ON CONFLICT (user_id) DO UPDATE SET verification = 1" &&
	"$EM_SRC/t/tools/searches.py" rows "$vectors/search.tsv" \
	    "$vectors/naughty_strings.json" >rows &&
	em_cli import flyers rows
'

test_expect_success 'searches in more than 12 scripts find what they must, and nothing else' '
	grep -v "^#" "$vectors/search.tsv" | cut -f 1 | sort -u >scripts &&
	[ "$(wc -l <scripts)" -ge 12 ] &&
	[ "$(grep -v "^#" "$vectors/search.tsv" | cut -f 3,4 | tr "\t|" "\n\n" |
	    wc -l)" -ge 400 ] &&
	"$EM_SRC/t/tools/searches.py" run "$URL" "$EM_BUILD" \
	    "$vectors/search.tsv" >seen 2>&1
	wrong=$?
	note "$(cat seen)"
	[ $wrong = 0 ]
'

test_expect_success 'each text of the big list of naughty strings finds itself' '
	"$EM_SRC/t/tools/searches.py" run "$URL" "$EM_BUILD" \
	    "$vectors/naughty_strings.json" >seen 2>&1
	wrong=$?
	note "$(cat seen)"
	[ $wrong = 0 ]
'

test_expect_success 'listeners, destinations, tickets and questions follow the same rules' '
	api PUT /user/profile -t "$TOKEN_lis" "{\"bio\":\"$text\"}" &&
	expect 200 &&
	api POST /api/v1/destinations -t "$TOKEN_root" "{\"name\":\"$text\",
	    \"city\":\"x\",\"country\":\"y\"}" && expect 201 &&
	api POST /support/ticket -t "$TOKEN_ana" "{\"subject\":\"help\",
	    \"body\":\"b\"}" && expect 201 && ticket=$(json .id) &&
	api POST "/support/tickets/$ticket/replies" -t "$TOKEN_ana" \
	    "{\"body\":\"$text\"}" && expect 201 &&
	api POST /support/faq -t "$TOKEN_root" "{\"category\":\"c\",
	    \"question\":\"q\",\"answer\":\"$text\"}" && expect 201 &&
	finds "/listeners?q=" .total_count $hits &&
	misses "/listeners?q=" .total_count $misses &&
	finds "/api/v1/destinations?q=" .pagination.total $hits &&
	misses "/api/v1/destinations?q=" .pagination.total $misses &&
	finds "/admin/tickets?q=" "(.tickets | length)" $hits help &&
	misses "/admin/tickets?q=" "(.tickets | length)" $misses &&
	finds "/support/faq?q=" .total_count $hits &&
	misses "/support/faq?q=" .total_count $misses
'

test_expect_success 'a query of separators finds nothing' '
	misses "/listeners?q=" .total_count %E0%A5%A4 %F0%9F%A4%97 %E2%80%8F "%22" "*" &&
	misses "/api/flyers/?page=1&q=" .count %E0%A5%A4 %F0%9F%A4%97 %E2%80%8F
'

test_expect_success 'changes and deletions keep the indexes consistent' '
	api PUT /user/profile -t "$TOKEN_lis" "{\"bio\":\"京都 ｶﾞｽ\"}" &&
	expect 200 &&
	finds "/listeners?q=" .total_count %E3%82%AC%E3%82%B9 %E4%BA%AC%E9%83%BD &&
	misses "/listeners?q=" .total_count $hits &&
	em_sql "DELETE FROM flyer WHERE id % 2" &&
	for t in listener_text flyer_text destination_text ticket_text \
	    faq_text; do
		em_sql "INSERT INTO $t($t) VALUES ('\''integrity-check'\'')" ||
		    return 1
	done
'

test_expect_success 'the filter by interest compares the words of whole interests' '
	em_sql "UPDATE user SET interests = '\''Łódź'\'' || char(10) ||
	    '\''Übung & Musik'\'' || char(10) || '\''🎵'\'' || char(10) ||
	    '\''東京'\'' WHERE id = $ID_lis" &&
	finds "/listeners?interest=" .total_count lodz %C5%81%C3%93D%C5%B9 \
	    %C3%BCbung%20musik %C3%9CBUNG%20%26%20MUSIK %F0%9F%8E%B5 \
	    %E6%9D%B1%E4%BA%AC &&
	misses "/listeners?interest=" .total_count lod lodz%20ubung ubung \
	    musik%20ubung %F0%9F%8E%B6 %E6%9D%B1
'

test_done
