#!/bin/sh
# npm installs the linters and generators. Only this test uses them.
test_description='openapi: linters report nothing, generated clients compile'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

packages=$EM_BUILD/t/npm-api

npm_need "$packages" "$EM_SRC"/t/npm/api/*
em_start

test_expect_success 'npm installed the versions of the lock file' '
	npm_there
'

# redocly FILE, spectral FILE: succeed if the linter reports nothing. The file
# out contains the report.
redocly() {
	(cd "$packages" && node lint.js "$1") >out 2>&1 &&
	! grep -E "^ .* (error|warning) " out
}
# The rules of spectral about examples compile a schema for each of them, which
# takes 15 s, and redocly checks the same.
rules=spectral.yaml
[ "${EARMARK_FAULT-}" = full ] || rules=spectral-fast.yaml
spectral() {
	(cd "$packages" && node_modules/.bin/spectral lint "$1" \
	    --ruleset "$rules" --fail-severity hint --format text) \
	    >out 2>&1
}
# clean LINTER: succeeds if LINTER reports nothing about the served document.
clean() {
	"$1" "$PWD/served.json" || {
		note "$(head -n 40 out)"
		return 1
	}
}
test_expect_success 'GET /openapi.json returns the document' '
	api GET /openapi.json && expect 200 && cp "$body" served.json &&
	cp served.json "$packages/openapi.json"
'
test_expect_success 'redocly reports no errors and no warnings' '
	clean redocly
'
test_expect_success 'spectral reports nothing' '
	clean spectral
'
test_expect_success 'redocly and spectral report errors of an invalid document' '
	jq ".paths |= with_entries(select(.key | test(\"/(register|verify-otp)$\"))) |
	    .paths[\"/api/v1/auth/verify-otp\"].post |=
	    (.operationId = \"register\" | .tags = [\"absence\"] |
		del(.description))" served.json >wrong.json &&
	! redocly "$PWD/wrong.json" && grep operation-operationId-unique out &&
	grep operation-tag-defined out &&
	! spectral "$PWD/wrong.json" && grep operation-description out
'

test_expect_success 'openapi-typescript generates types' '
	(cd "$packages" && rm -f client.js schema.d.ts &&
	node_modules/.bin/openapi-typescript openapi.json -o schema.d.ts) \
	    >out 2>&1 || { note "$(cat out)"; return 1; }
'
test_expect_success 'a client that uses the types compiles with tsc' '
	(cd "$packages" && node_modules/.bin/tsc -p .) >out 2>&1 || {
		note "$(head -n 20 out)"
		return 1
	}
'
# generates NAME COMMAND...: succeeds if a generator creates clients/NAME
# without warnings.
generates() {
	made=$packages/clients/$1 generator=$2
	shift 2
	(cd "$packages" && "node_modules/.bin/$generator" "$@") >out 2>&1 &&
	! grep -i warn out && [ -e "$made" ] || {
		note "$(head -n 20 out)"
		return 1
	}
}
test_expect_success 'five other generators generate clients' '
	rm -rf "$packages/clients" && mkdir -p "$packages/clients/zod" &&
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
test_expect_success 'tsc --strict accepts all clients and reports wrong uses' '
	(cd "$packages" && node_modules/.bin/tsc -p tsconfig.clients.json) \
	    >out 2>&1 || {
		note "$(head -n 20 out)"
		return 1
	}
'
test_expect_success 'setup: a customer and a listener' '
	em_user ana && em_user lis customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 600, '\''en'\'', 1)"
'
test_expect_success 'the client signs in, saves a favorite and reads it' '
	node "$packages/client.js" "$URL" ana "$EM_PASSWORD" "$ID_lis" >seen 2>err &&
	jq -e ".status == 200 and .saved.is_favorited and .me == \"ana\" and
	    .wrong == \"cannot_favorite_self\" and .absent == \"not_found\" and
	    (.favorites | map([.id, .name])) == [[$ID_lis, \"lis\"]]" seen || {
		note "$(cat seen err)"
		return 1
	}
'
test_expect_success 'the favorite of the client is stored' '
	[ "$(em_sql "SELECT count(*) FROM favorite WHERE user_id = $ID_ana AND
	    entity_id = $ID_lis")" = 1 ]
'

test_done
