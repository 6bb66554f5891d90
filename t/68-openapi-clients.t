#!/bin/sh
# What is fetched by npm is for this test alone: nothing of Earmark needs it.
test_description='openapi: redocly finds no fault, and TypeScript speaks it'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

room=$EM_BUILD/t/npm-api
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
export REDOCLY_TELEMETRY REDOCLY_SUPPRESS_UPDATE_NOTICE

npm_need "$room" "$EM_SRC"/t/npm/api/*
em_start

test_expect_success 'npm fetched what the lock file says' '
	npm_there
'

# lint FILE: no fault at all, or they are in the file out.
lint() {
	(cd "$room" && node_modules/.bin/redocly lint "$1" --config lint.yaml \
	    --format stylish --max-problems 40) >out 2>&1
}
test_expect_success 'redocly: no error, no warning' '
	lint "$EM_SRC/openapi.yaml" && ! grep -E "^ .* (error|warning) " out || {
		note "$(cat out)"
		return 1
	}
'
test_expect_success 'what is served is of the same quality' '
	api GET /openapi.json && expect 200 && cp "$body" served.json &&
	lint "$PWD/served.json"
'
test_expect_success 'redocly finds what is wrong' '
	sed "s/operationId: verifyOtp/operationId: register/
	    s/^      tags: \[presence\]/      tags: [absence]/" \
	    "$EM_SRC/openapi.yaml" >wrong.yaml &&
	! lint "$PWD/wrong.yaml" && grep operation-operationId-unique out &&
	grep operation-tag-defined out
'

test_expect_success 'openapi-typescript makes types of it' '
	cp served.json "$room/openapi.json" &&
	(cd "$room" && rm -f client.js schema.d.ts &&
	node_modules/.bin/openapi-typescript openapi.json -o schema.d.ts) \
	    >out 2>&1 || { note "$(cat out)"; return 1; }
'
test_expect_success 'a program that uses them is right, as tsc judges' '
	(cd "$room" && node_modules/.bin/tsc -p .) >out 2>&1 || {
		note "$(head -n 20 out)"
		return 1
	}
'
test_expect_success 'a customer and a listener' '
	em_user ana && em_user lis customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 600, '\''en'\'', 1)"
'
test_expect_success 'it signs in, saves a favorite, and reads it back' '
	node "$room/client.js" "$URL" ana "$EM_PASSWORD" "$ID_lis" >seen 2>err &&
	jq -e ".status == 200 and .saved.is_favorited and .me == \"ana\" and
	    .wrong == \"cannot_favorite_self\" and .absent == \"not_found\" and
	    (.favorites | map([.id, .name])) == [[$ID_lis, \"lis\"]]" seen || {
		note "$(cat seen err)"
		return 1
	}
'
test_expect_success 'the favorite is there' '
	[ "$(em_sql "SELECT count(*) FROM favorite WHERE user_id = $ID_ana AND
	    entity_id = $ID_lis")" = 1 ]
'

test_done
