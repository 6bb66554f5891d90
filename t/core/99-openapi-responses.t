#!/bin/sh
# Compares all responses that the other tests have recorded with openapi.json.
# It runs last and waits for tests that still run.

test_description='core: responses of all tests conform to openapi.json'
. "$(dirname "$0")/../lib-static.sh"

answers=$build/t/answers
mkdir -p "$answers"

others_run() {
	for file in "$answers"/*.pid; do
		[ -e "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null &&
		    return 0
	done
	return 1
}

left=290
while others_run && [ $left -gt 0 ]; do
	sleep 1
	left=$((left - 1))
done

# Uses responses of existing scripts only. If all have run, all operations must
# be covered.
seen='' all=--coverage
for script in "$src"/t/*/*.t; do
	file=$answers/$(basename "$script" .t).txt
	grep -q '^em_start' "$script" || continue
	if [ -e "$file" ]; then
		seen="$seen $file"
	else
		all=
	fi
done
[ -n "$seen" ] || {
	skip_all='no answers were recorded yet'
	test_done
}

validate() {
	show "$src/t/tools/validate.py" "$@"
}

test_expect_success 'examples in openapi.json conform to their schemas' '
	validate "$build/openapi.json"
'

test_expect_success 'all recorded responses are documented' '
	validate $all "$build/openapi.json" $seen
'

test_expect_success 'a missing example and an example with another type are reported' '
	jq "del(.paths[\"/api/v1/auth/login\"].post.requestBody
	    .content[\"application/json\"].example)" \
	    "$build/openapi.json" >less.json &&
	! "$src/t/tools/validate.py" less.json >out &&
	grep "post /api/v1/auth/login body: no example" out &&
	jq ".paths[\"/health/live\"].get.responses[\"200\"]
	    .content[\"application/json\"].example.more = 1" \
	    "$build/openapi.json" >more.json &&
	! "$src/t/tools/validate.py" more.json >out &&
	grep "get /health/live 200: example: .*Additional" out
'

# judge LINE BODY [HEADER]: validates one response. The following tests prove
# that the comparison can fail.
judge() {
	{
		printf '%s %s application/json\n' "$1" "${#2}"
		printf '%s\r\n' 'HTTP/1.1 200 OK' \
		    'X-Request-Id: 0123456789abcdef' "${3:-X: y}" ''
		printf '%s\n' "$2"
	} >one
	"$src/t/tools/validate.py" "$build/openapi.json" one >out 2>&1
}

test_expect_success 'a documented response is accepted' '
	judge "GET /health/live 200" "{\"status\":\"ok\"}"
'

test_expect_success 'an additional member is reported' '
	! judge "GET /health/live 200" "{\"status\":\"ok\",\"more\":1}" &&
	grep "Additional properties" out
'

test_expect_success 'an undocumented status or path is reported' '
	! judge "GET /health/live 201" "{\"status\":\"ok\"}" &&
	grep "status 201 is not documented" out &&
	! judge "GET /nowhere 200" "{}" &&
	grep "a path that is not documented" out
'

gone='{"error":"gone","message":"x","request_id":"0123456789abcdef"}'
test_expect_success 'an undocumented error code is reported' '
	! judge "GET /api/v1/listeners/7 404" "$gone" &&
	grep "gone.* is not documented" out
'

ranking='{"kind":"flyer","window":"7d","items":[],"next_cursor":null}'
test_expect_success 'a missing header is reported' '
	judge "GET /api/v1/popular?kind=flyer 200" "$ranking" "ETag: W/\"0a\"" &&
	! judge "GET /api/v1/popular?kind=flyer 200" "$ranking" &&
	grep "no header ETag" out
'

test_done
