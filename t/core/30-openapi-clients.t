#!/bin/sh
# npm fetches the linters and generators. Only this test uses them.
test_description='openapi: linters report nothing, generated clients compile'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

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

# redocly FILE, spectral FILE: succeed if the linter reports nothing. The file
# out has what it reports.
redocly() {
	(cd "$room" && node_modules/.bin/redocly lint "$1" --config lint.yaml \
	    --format stylish --max-problems 40) >out 2>&1 &&
	! grep -E "^ .* (error|warning) " out
}
spectral() {
	(cd "$room" && node_modules/.bin/spectral lint "$1" \
	    --ruleset spectral.yaml --fail-severity hint --format text) \
	    >out 2>&1
}
# clean LINTER: it reports nothing about the served document.
clean() {
	"$1" "$PWD/served.json" || {
		note "$(head -n 40 out)"
		return 1
	}
}
test_expect_success '/openapi.json is served' '
	api GET /openapi.json && expect 200 && cp "$body" served.json &&
	cp served.json "$room/openapi.json"
'
test_expect_success 'redocly reports no error and no warning' '
	clean redocly
'
test_expect_success 'spectral reports nothing' '
	clean spectral
'
test_expect_success 'redocly and spectral report errors of a wrong document' '
	jq ".paths[\"/api/v1/auth/verify-otp\"].post |=
	    (.operationId = \"register\" | .tags = [\"absence\"] |
		del(.description))" served.json >wrong.json &&
	! redocly "$PWD/wrong.json" && grep operation-operationId-unique out &&
	grep operation-tag-defined out &&
	! spectral "$PWD/wrong.json" && grep operation-description out
'

test_expect_success 'openapi-typescript makes types of it' '
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
# generates NAME COMMAND...: a generator makes clients/NAME without a warning.
generates() {
	made=$room/clients/$1 generator=$2
	shift 2
	(cd "$room" && "node_modules/.bin/$generator" "$@") >out 2>&1 &&
	! grep -i warn out && [ -e "$made" ] || {
		note "$(head -n 20 out)"
		return 1
	}
}
test_expect_success 'five more generators make clients' '
	rm -rf "$room/clients" && mkdir -p "$room/clients/zod" &&
	generates hey openapi-ts -i openapi.json -o clients/hey \
	    --plugins @hey-api/typescript @hey-api/sdk @hey-api/client-fetch &&
	generates orval.ts orval --input openapi.json \
	    --output clients/orval.ts --client fetch &&
	generates oazapfts.ts oazapfts openapi.json clients/oazapfts.ts &&
	generates swagger/api.ts swagger-typescript-api generate \
	    -p openapi.json -o clients/swagger -n api.ts &&
	generates zod/index.ts openapi-zod-client openapi.json \
	    -o clients/zod --group-strategy tag-file
'
test_expect_success 'tsc --strict accepts all of them and finds wrong uses' '
	(cd "$room" && node_modules/.bin/tsc -p tsconfig.clients.json) \
	    >out 2>&1 || {
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
