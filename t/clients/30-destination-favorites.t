#!/bin/sh
test_description='clients: an optimistic store of favorite destinations'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-clients.sh
. "$EM_SRC/t/lib-clients.sh"
em_conf limits.write_rate=0
em_allow 'connect\(\) to unix:'
em_start

test_expect_success 'setup: customers and destinations' '
	em_user ana && em_user ben &&
	em_sql "INSERT INTO destination(uuid, name, city, country, created_at,
		updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
	    SELECT randomblob(16), '\''place '\'' || i, '\''c'\'', '\''India'\'', i, i FROM n" &&
	api GET "/api/v1/destinations?limit=100" && expect 200 &&
	context ana ben -- --slurpfile list "$body" \
	    --argjson workers "[$(em_workers favorites | sed "s/ *\$//; s/ /,/g")]" \
	    ".ids = [\$list[0].items[].id] | .workers = \$workers"
'

# shellcheck disable=SC2034
client=destination_favorites.js
test_expect_success 'a save is shown at once, kept, and reverted by an unsave' '
	scenario $client save
'

test_expect_success '409 and 404 show the state that another device made' '
	scenario $client conflict
'

test_expect_success 'the last of many clicks wins, in the page and in the service' '
	scenario $client clicks
'

test_expect_success 'two devices that change the same destinations agree with the service' '
	scenario $client race
'

test_expect_success 'pages by cursor have each row once while rows move and leave' '
	scenario $client pages
'

test_expect_success '401 reverts the button and leads to the login' '
	scenario $client anonymous
'

test_expect_success 'other accounts get 403, malformed ids 422' '
	scenario $client others
'

test_expect_success 'a timeout reverts the button, and the store then asks for the state' '
	scenario $client hang
'

test_expect_success 'if the pool is down, buttons change back with the documented text' '
	kill "$(cat "$EM_STATE/run/favorites.pid")" &&
	em_until "test -z \"\$(em_workers favorites 2>/dev/null)\"" &&
	scenario $client down
'

test_done
