#!/bin/sh
# Tests the pages of flyers of /app/ and of the console in browsers, by keyboard.
test_description='app and console: flyers and their images'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/flyers-*.png
export TZ=UTC
em_start

test_expect_success 'setup: a publisher, a reader, a moderator, and a flyer of another user' '
	em_user ana && em_user ben && em_user mia moderator && em_user pia &&
	api POST /api/flyers -t "$TOKEN_pia" "{\"title\":\"Flea market\",
	    \"image_url\":\"https://pictures.example/poster.jpg\"}" &&
	expect 201 && outside=$(json .id)
'

test_expect_success 'a publisher edits, others search and save, and a moderator deletes flyers' '
	picture=$EM_SRC/sql/demo/pictures/anna_w.jpg &&
	head -c 13000000 /dev/zero >invalid.jpg &&
	cat "$picture" invalid.jpg >large.jpg && echo text >text.jpg &&
	jq -n --arg url "$URL" --arg shots "$shots/flyers" \
	    --arg password "$EM_PASSWORD" --argjson outside "$outside" \
	    --arg picture "$picture" --arg large "$PWD/large.jpg" \
	    --arg invalid "$PWD/invalid.jpg" --arg text "$PWD/text.jpg" \
	    "\$ARGS.named" >plan &&
	browse flyers "$(cat plan)" && saw ".wrong == []"
'

test_expect_success 'the changes are stored, and those of the moderator audited' '
	em_sql "SELECT a.action, u.username, a.before ->> '\''title'\''
	    FROM audit AS a JOIN user AS u ON u.id = a.actor_id
	    WHERE a.target LIKE '\''flyer:%'\'' ORDER BY a.id" >got &&
	{ printf "%s|mia|Jazz in the garden\n" flyer.change flyer.delete &&
	    echo "flyer.delete|mia|Flea market"; } >want &&
	test_cmp want got &&
	em_sql "SELECT before ->> '\''description'\'' =
		'\''Three bands.'\'' || char(10) || '\''Free entry.'\'',
	    before ->> '\''address'\'', before ->> '\''latitude'\'',
	    before ->> '\''longitude'\'', before ->> '\''category'\'',
	    before ->> '\''valid_from'\'', before ->> '\''valid_until'\''
	    FROM audit WHERE action = '\''flyer.delete'\''
	    ORDER BY id LIMIT 1" >got &&
	echo "1|Kossuth tér 1|47.507|19.0457|Music|2030-06-01T18:00:00Z|2030-06-01T23:00:00Z" >want &&
	test_cmp want got &&
	api GET /api/flyers && check_json ".results == []" &&
	[ "$(em_sql "SELECT action FROM report
	    WHERE text = '\''The market does not exist.'\''")" = 2 ]
'

test_done
