#!/bin/sh
# shellcheck disable=SC2016
test_description='support: frequently asked questions'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_start

# add CATEGORY QUESTION ANSWER [MEMBERS]: adds an entry. Sets $entry to its id.
add() {
	api POST /support/faq -t "$TOKEN_adm" "{\"category\":\"$1\",
	    \"question\":\"$2\",\"answer\":\"$3\"${4:+,$4}}" && expect 201 &&
	entry=$(json .id)
}
# list [QUERY] FILTER: succeeds if the public list matches FILTER.
list() {
	api GET "/support/faq${2:+?$1}" && expect 200 &&
	check_json "${2:-$1}"
}
questions='([.faq[].question] | join(","))'

test_expect_success 'an administrator adds entries, each at the end of the list' '
	em_user adm admin && em_user ana &&
	list ".faq == [] and .categories == [] and .total_count == 0" &&
	add Money "Q1" "When it is paid" && check_json ". == {id: $entry,
	    category: \"Money\", question: \"Q1\", answer: \"When it is paid\",
	    position: 10, published: true, created_at: .created_at,
	    updated_at: .created_at}" && one=$entry &&
	add Calls "Q2" "Press the\\nbutton" && two=$entry &&
	check_json ".position == 20 and .answer == \"Press the\nbutton\"" &&
	add Money "Q3" "Never" && three=$entry &&
	list "$questions == \"Q1,Q2,Q3\" and .total_count == 3 and
	    .categories == [{category: \"Money\", count: 2},
	    {category: \"Calls\", count: 1}]"
'

test_expect_success 'position moves an entry and its category' '
	api PUT "/support/faq/$two" -t "$TOKEN_adm" "{\"position\":5}" &&
	expect 200 && check_json ".position == 5 and .question == \"Q2\"" &&
	list "$questions == \"Q2,Q1,Q3\" and
	    [.categories[].category] == [\"Calls\", \"Money\"]" &&
	list category=Money "$questions == \"Q1,Q3\" and .total_count == 2 and
	    (.categories | length) == 2" &&
	list category=None ".faq == [] and .total_count == 0"
'

test_expect_success 'entries are found by words of question, answer and category' '
	list q=butt "$questions == \"Q2\" and .total_count == 1" &&
	list "q=PAID%20when" "$questions == \"Q1\"" &&
	list q=mon "$questions == \"Q1,Q3\" and .total_count == 2" &&
	list "q=mon&category=Calls" ".faq == []" &&
	list "q=%22%20OR%20*" ".faq == [] and .total_count == 0" &&
	list q= ".total_count == 3" &&
	api PUT "/support/faq/$two" -t "$TOKEN_adm" "{\"answer\":\"Pull\"}" &&
	expect 200 && list q=button ".faq == []" && list q=pull "$questions == \"Q2\""
'

test_expect_success 'the ETag of the list changes exactly when the list does' '
	api GET /support/faq && tag=$(header ETag) && [ -n "$tag" ] &&
	api GET /support/faq -H "If-None-Match: $tag" && expect 304 &&
	api PUT "/support/faq/$one" -t "$TOKEN_adm" "{\"question\":\"Q1\"}" &&
	expect 200 && api GET /support/faq -H "If-None-Match: $tag" &&
	expect 304 &&
	api PUT "/support/faq/$one" -t "$TOKEN_adm" "{\"question\":\"Q1?\"}" &&
	expect 200 && api GET /support/faq -H "If-None-Match: $tag" &&
	expect 200 && tag=$(header ETag) &&
	api GET "/support/faq?category=Money" -H "If-None-Match: $tag" &&
	expect 200 && add Other Q4 x "\"position\":0" &&
	api GET /support/faq -H "If-None-Match: $tag" && expect 200 &&
	tag=$(header ETag) && api DELETE "/support/faq/$entry" \
	    -t "$TOKEN_adm" && expect 204 &&
	api GET /support/faq -H "If-None-Match: $tag" && expect 200 &&
	check_json "$questions == \"Q2,Q1?,Q3\""
'

test_expect_success 'only administrators who ask for drafts get them' '
	add Secret "Q5" "Soon wonderful" "\"published\":false" && draft=$entry &&
	list ".total_count == 3 and
	    ([.categories[].category] | index(\"Secret\")) == null" &&
	list q=wonderful ".faq == [] and .total_count == 0" &&
	list category=Secret ".faq == []" &&
	api GET "/support/faq?drafts=true" -t "$TOKEN_adm" && expect 200 &&
	tag=$(header ETag) && check_json ".total_count == 4 and
	    .faq[-1].published == false" &&
	api GET "/support/faq?drafts=true&q=wonderful" -t "$TOKEN_adm" &&
	check_json ".total_count == 1" &&
	for who in "$TOKEN_ana" ""; do
		api GET "/support/faq?drafts=true" ${who:+-t "$who"} \
		    -H "If-None-Match: $tag" && expect 403 role_required ||
		    return 1
	done &&
	api PUT "/support/faq/$draft" -t "$TOKEN_adm" \
	    "{\"published\":true}" && expect 200 &&
	list q=wonderful ".total_count == 1"
'

test_expect_success 'pages by cursor return each entry once, also at equal positions' '
	for i in 1 2 3 4 5; do
		add Many "M$i" m "\"position\":20" || return 1
	done && list per_page=100 true && json ".faq[].id" >all &&
	[ "$(wc -l <all)" = 9 ] && for q in "" category=Many q=m; do
		list "per_page=100&$q" true && json ".faq[].id" >all &&
		: >paged && c= && while :; do
			api GET "/support/faq?per_page=2&$q${c:+&cursor=$c}" &&
			expect 200 && json ".faq[].id" >>paged || return 1
			c=$(json ".next_cursor // empty")
			[ -n "$c" ] || break
		done && test_cmp all paged || return 1
	done &&
	list "per_page=2&page=2" true && json ".faq[].id" >got &&
	list per_page=100 true && json ".faq[2,3].id" | test_cmp - got &&
	api GET "/support/faq?cursor=x" && expect 400 validation_failed
'

test_expect_success 'only administrators can write entries' '
	body_="{\"category\":\"c\",\"question\":\"q\",\"answer\":\"a\"}" &&
	api POST /support/faq -t "$TOKEN_ana" "$body_" &&
	expect 403 role_required &&
	api POST /support/faq "$body_" && expect 401 &&
	api PUT "/support/faq/$one" -t "$TOKEN_ana" "{}" && expect 403 &&
	api DELETE "/support/faq/$one" -t "$TOKEN_ana" && expect 403 &&
	list "$questions | startswith(\"Q2,Q1?\")"
'

test_expect_success 'invalid members return 400 and change nothing' '
	n=$(em_sql "SELECT count(*) FROM faq") &&
	while read -r field json; do
		api POST /support/faq -t "$TOKEN_adm" "$json" &&
		expect 400 validation_failed && check_json ".fields.$field" ||
		    return 1
	done <<-END &&
	category {"question":"q","answer":"a"}
	question {"category":"c","answer":"a","question":"a\nb"}
	answer {"category":"c","question":"q","answer":"  "}
	position {"category":"c","question":"q","answer":"a","position":-1}
	END
	api PUT "/support/faq/$one" -t "$TOKEN_adm" "{\"answer\":\"\"}" &&
	expect 400 validation_failed &&
	api PUT /support/faq/999999 -t "$TOKEN_adm" "{}" &&
	expect 404 not_found && api DELETE /support/faq/x -t "$TOKEN_adm" &&
	expect 404 not_found &&
	[ "$(json .message)" = "FAQ entry not found" ] &&
	[ "$(em_sql "SELECT count(*) FROM faq")" = "$n" ]
'

test_expect_success 'all changes of an entry are audited' '
	api DELETE "/support/faq/$one" -t "$TOKEN_adm" && expect 204 &&
	api GET "/admin/audit?target=faq:$one" -t "$TOKEN_adm" && expect 200 &&
	check_json "[.audit[].action] == [\"faq.remove\", \"faq.change\",
	    \"faq.add\"] and .audit[0].after == null and
	    .audit[0].before.question == \"Q1?\" and
	    .audit[1].before.question == \"Q1\" and
	    .audit[2].before == null and .audit[2].after == {category: \"Money\",
	    question: \"Q1\", answer: \"When it is paid\", position: 10,
	    published: true} and ([.audit[].actor_id] | unique) == [$ID_adm]"
'

test_done
