#!/bin/sh
# Tests the pages of destinations, of the studio and of favorites in browsers, by
# keyboard.
test_description='app and console: destinations, studio, and favorites of all kinds'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/catalog-*.png
em_start

# destination BODY: creates a destination and sets $id.
destination() {
	api POST /api/v1/destinations -t "$TOKEN_adm" "$1" && expect 201 &&
	id=$(json .id)
}
# command NAME ARGUMENT...: prints a command that sends a request, whose status is
# a success.
command() {
	name=$1
	shift
	{
		printf 'curl -fsS -o /dev/null'
		printf " '%s'" "$@"
	} >"$name"
	printf %s "sh '$PWD/$name'"
}

test_expect_success 'setup: destinations, works of the studio, and favorites of other users' '
	em_user adm admin && em_user ana && em_user bob && em_user cat &&
	em_user lis listener &&
	api POST /listeners/register -t "$TOKEN_lis" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":1}" && expect 201 &&
	destination "{\"name\":\"Mount Bromo\",\"city\":\"Probolinggo\",
	    \"country\":\"Indonesia\",\"summary\":\"A volcano in a sea of sand.\",
	    \"thumbnail_url\":\"https://cdn.example/thumb.jpg\",
	    \"images\":[\"https://cdn.example/crater.jpg\"]}" && bromo=$id &&
	destination "{\"name\":\"Borobudur\",\"city\":\"Yogyakarta\"}" &&
	borobudur=$id &&
	for token in "$TOKEN_bob" "$TOKEN_cat"; do
		api POST /api/v1/users/me/favorites -t "$token" \
		    "{\"destination_id\":\"$bromo\"}" && expect 201 || return 1
	done && em_jobs >out &&
	api POST /api/styles -t "$TOKEN_bob" "{\"name\":\"Calm green\",
	    \"html_url\":\"https://example.com/style.html\",
	    \"screenshot_url\":\"https://shots.example/1.png\"}" && expect 201 &&
	api POST /api/creatives -t "$TOKEN_bob" "{\"is_published\":true,
	    \"publish_url\":\"https://example.com/published.html\"}" && expect 201 &&
	api POST /api/documents -t "$TOKEN_bob" "{\"title\":\"How to listen\",
	    \"content\":\"$(printf "A long text. %.0s" $(seq 60))\",
	    \"sources\":[\"a\"],\"is_public\":true}" && expect 201 &&
	document=$(json .id) &&
	api POST /api/flyers -t "$TOKEN_bob" "{\"title\":\"Flea market\"}" &&
	expect 201 && flyer=$(json .id) &&
	api POST "/api/flyers/$flyer/favorite" -t "$TOKEN_ana" && expect 201
'

test_expect_success 'destinations, works and favorites are shown, saved and removed' '
	jq -n --arg url "$URL" --arg shots "$shots/catalog" \
	    --arg password "$EM_PASSWORD" --arg bromo "$bromo" \
	    --arg document "$document" \
	    --arg save "$(command save -H "Authorization: Bearer $TOKEN_ana" \
		-H "Content-Type: application/json" \
		-d "{\"destination_id\":\"$borobudur\"}" \
		"$URL/api/v1/users/me/favorites")" \
	    --arg drop "$(command drop -X DELETE \
		-H "Authorization: Bearer $TOKEN_bob" \
		"$URL/api/documents/$document")" \
	    "\$ARGS.named" >plan &&
	browse catalog "$(cat plan)" && saw ".wrong == []"
'

test_expect_success 'the changes of the administrator are audited' '
	em_sql "SELECT action, after ->> '\''city'\'' FROM audit
	    WHERE action LIKE '\''destination.%'\'' AND target NOT IN (
	    '\''destination:$bromo'\'', '\''destination:$borobudur'\'')
	    ORDER BY id" >got &&
	printf "destination.%s|%s\n" add "" change Sabang delete "" >want &&
	test_cmp want got
'

test_expect_success 'the favorites are stored' '
	api GET /api/v1/users/me/favorites -t "$TOKEN_ana" &&
	check_json "[.items[].destination_id] == [\"$borobudur\"]" &&
	api GET /api/user-favorites -t "$TOKEN_ana" && check_json ".items == []"
'

test_done
