#!/bin/sh
test_description='clients: an optimistic store of styles, creatives and documents'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-clients.sh
. "$EM_SRC/t/lib-clients.sh"
em_conf limits.write_rate=0
em_start

test_expect_success 'setup: customers and objects of the studio' '
	em_user ana && em_user ben &&
	em_sql "INSERT INTO style(uuid, owner_id, name, created_at, updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8)
	    SELECT randomblob(16), $ID_ben, i, i, i FROM n;
	    INSERT INTO creative(uuid, owner_id, is_published, created_at,
		updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
	    SELECT randomblob(16), $ID_ben, 1, i, i FROM n;
	    INSERT INTO document(uuid, owner_id, title, is_public, created_at,
		updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8)
	    SELECT randomblob(16), $ID_ben, i, 1, i, i FROM n" &&
	for kind in styles creatives documents; do
		api GET "/api/$kind?limit=100" -t "$TOKEN_ana" && expect 200 &&
		json "[.items[].id]" >$kind || return 1
	done &&
	context ana ben -- --slurpfile styles styles \
	    --slurpfile creatives creatives --slurpfile documents documents \
	    --argjson workers "[$(em_workers favorites | sed "s/ *\$//; s/ /,/g")]" \
	    ". + {styles: \$styles[0], creatives: \$creatives[0],
	    documents: \$documents[0], workers: \$workers}"
'

# shellcheck disable=SC2034
client=studio_favorites.js
test_expect_success 'creating twice returns 409, deleting twice 404' '
	scenario $client create
'

test_expect_success 'a heart changes at once, and lists and details of creatives agree' '
	scenario $client heart
'

test_expect_success 'clicks without waiting end in the state of the last one' '
	scenario $client clicks
'

test_expect_success 'toggles with is_favorite set a state' '
	scenario $client wanted
'

test_expect_success 'a toggle whose response was lost is repeated without a second change' '
	scenario $client lost
'

test_expect_success 'toggles of two tabs are all counted' '
	scenario $client race
'

test_expect_success 'pages, filters and orders are complete' '
	scenario $client pages
'

test_expect_success 'favorites of deleted and hidden objects can be removed, not added' '
	scenario $client gone
'

test_expect_success 'rejected changes revert the heart' '
	scenario $client rejected
'

test_done
