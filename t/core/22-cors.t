#!/bin/sh
test_description='core: CORS headers and formats of the responses of nginx'
. "$(dirname "$0")/../lib.sh"

ORIGIN=https://app.example.com
em_conf server.cors_origins="$ORIGIN,http://localhost:5173"
em_conf limits.address_rate=10
em_start

# readable METHOD PATH [OPTION]...: sends a request from the page of ORIGIN.
# Succeeds if the page can read the response.
readable() {
	api "$@" -H "Origin: $ORIGIN" &&
	[ "$(grep -ci "^access-control-allow-origin:" "$headers")" = 1 ] &&
	[ "$(header Access-Control-Allow-Origin)" = "$ORIGIN" ] &&
	header Access-Control-Expose-Headers | grep -q Retry-After &&
	[ "$(grep -ci "^vary:.*origin" "$headers")" = 1 ] || {
		note "$1 $2: $(cat "$headers")"
		return 1
	}
}

# unreadable METHOD PATH: the same for a page of another origin.
unreadable() {
	for origin in https://evil.example null "$ORIGIN.evil.example"; do
		api "$@" -H "Origin: $origin" &&
		[ -z "$(header Access-Control-Allow-Origin)" ] &&
		header Vary | grep -q Origin || return 1
	done
}

# preflight PATH: a page asks whether it may send a GET with a token.
preflight() {
	api OPTIONS "$1" -H "Origin: $ORIGIN" \
	    -H "Access-Control-Request-Method: GET" \
	    -H "Access-Control-Request-Headers: authorization" && expect 204 &&
	[ "$(header Access-Control-Allow-Origin)" = "$ORIGIN" ] &&
	header Access-Control-Allow-Headers | grep -qi authorization &&
	header Access-Control-Allow-Headers | grep -qi last-event-id &&
	header Access-Control-Allow-Methods | grep -q DELETE &&
	[ -n "$(header X-Request-Id)" ]
}

test_expect_success 'pages of configured origins can read errors of nginx' '
	readable GET /nope && expect 404 not_found &&
	head -c 65537 /dev/zero >large &&
	readable POST /auth/login @large && expect 413 &&
	readable GET /realtime -H "Accept: text/event-stream" && expect 401 &&
	readable GET /realtime && expect 426 &&
	unreadable GET /nope && unreadable GET /realtime
'

test_expect_success 'pages of configured origins can read images and openapi.json' '
	printf "\211PNG" >"$EM_STATE/media/0a.png" &&
	chmod 644 "$EM_STATE/media/0a.png" &&
	readable GET /media/0a.png && expect 200 &&
	readable GET /media/nope.png && expect 404 &&
	readable GET /openapi.json && expect 200 &&
	unreadable GET /media/0a.png && unreadable GET /openapi.json
'

test_expect_success 'preflight requests succeed on all paths' '
	for path in /nope /media/0a.png /realtime /api/v1/realtime/ \
	    /openapi.json /customer/favorites /console/x; do
		preflight $path || return 1
	done &&
	api OPTIONS /nope -H "Origin: https://evil.example" && expect 404 &&
	[ -z "$(header Access-Control-Allow-Origin)" ] &&
	api OPTIONS /realtime && expect 405
'

test_expect_success 'pages of configured origins can read event streams' '
	em_user ana &&
	curl -sN --max-time 2 -D stream -o /dev/null "$URL/realtime" \
	    -H "Accept: text/event-stream" -H "Origin: $ORIGIN" \
	    -H "Authorization: Bearer $TOKEN_ana"; tr -d "\r" <stream >stream.txt
	grep -q "^HTTP/1.1 200" stream.txt &&
	grep -qix "access-control-allow-origin: $ORIGIN" stream.txt &&
	[ "$(grep -ci "^access-control-allow-origin:" stream.txt)" = 1 ]
'

test_expect_success 'errors of nginx on flyer routes have the member detail' '
	head -c 65537 /dev/zero >large &&
	for path in /api/flyers "/api/flyers/?a=b" /api/users/me/favorites; do
		api POST "$path" @large && expect 413 payload_too_large &&
		check_json ".detail == .message" || return 1
	done &&
	api POST /api/flyersx @large &&
	check_json "has(\"detail\") | not"
'

test_expect_success 'nginx sends problem details if the client prefers them' '
	for accept in application/problem+json \
	    "application/problem+json, application/json;q=0.9" \
	    "text/html, application/problem+json"; do
		readable GET /nope -H "Accept: $accept" && expect 404 &&
		header Content-Type | grep -q "^application/problem+json" &&
		check_json "keys == [\"code\", \"detail\", \"request_id\",
		    \"status\", \"title\", \"type\"] and .status == 404 and
		    .code == \"not_found\" and .title == \"Not Found\"" &&
		[ "$(json .request_id)" = "$(header X-Request-Id)" ] || return 1
	done &&
	for accept in "*/*" "application/json, application/problem+json" \
	    "application/problem+json;q=0.5, application/json" \
	    "application/problem+json; q=0"; do
		api GET /nope -H "Accept: $accept" && expect 404 not_found &&
		header Content-Type | grep -q "^application/json" || return 1
	done &&
	head -c 65537 /dev/zero >large &&
	api POST /auth/login -H "Accept: application/problem+json" @large &&
	expect 413 && check_json ".status == 413" &&
	api PUT /media/x.png -H "Accept: application/problem+json" &&
	expect 405 && [ "$(header Allow)" = "GET, HEAD" ] &&
	check_json ".status == 405"
'

test_expect_success 'workers compare the qualities of the media types' '
	api GET /customer/favorites \
	    -H "Accept: application/problem+json;q=0.5, application/json" &&
	expect 401 token_required &&
	api GET /customer/favorites \
	    -H "Accept: application/json;q=0.5, application/problem+json" &&
	expect 401 && check_json ".code == \"token_required\""
'

test_expect_success 'the request log has the first segment of a path with problem details' '
	api GET /app/nope -H "Accept: application/problem+json" \
	    -H "X-Request-Id: problem-path-1" && expect 404 &&
	grep problem-path-1 "$EM_STATE/log/nginx.log" |
	    jq -e ".path == \"/app\" and .status == 404"
'

test_expect_success 'doctor compares the origins of nginx with the configuration' '
	em_cli doctor >out; grep -q "^ok *origins" out &&
	cp "$EM_STATE/origins.conf" kept &&
	echo "https://old.example \$http_origin;" >>"$EM_STATE/origins.conf" &&
	em_cli doctor >out; grep -q "^warn *origins.*config origins" out &&
	em_cli config origins >"$EM_STATE/origins.conf" &&
	cmp kept "$EM_STATE/origins.conf" &&
	printf "%s \$http_origin;\n" "$ORIGIN" http://localhost:5173 >want &&
	cmp want kept
'

test_expect_success 'config check rejects origins that browsers do not send' '
	for list in "*" app.example.com https://app.example.com/ "https://a;b"; do
		printf "[server]\ncors_origins = %s\n" "$list" >bad.conf &&
		test_must_fail "$EM_BUILD/earmark" -c bad.conf config check \
		    2>err && grep -q cors_origins err || return 1
	done
'

test_expect_success 'pages can read errors of nginx if a pool does not run or a limit is exceeded' '
	kill "$(cat "$EM_STATE/run/favorites.pid")" &&
	em_until "test -z \"\$(em_workers favorites 2>/dev/null)\"" &&
	readable GET /customer/favorites && expect 502 unavailable &&
	for write in "POST /api/v1/users/me/favorites" \
	    "DELETE /api/v1/users/7/favorites/x"; do
		readable $write && expect 502 &&
		[ "$(json .message)" = \
		    "Could not update Favorites. Please try again." ] || return 1
	done &&
	readable GET /api/v1/users/me/favorites && expect 502 &&
	[ "$(json .message)" != "Could not update Favorites. Please try again." ] &&
	readable GET /api/users/me/favorites/ && expect 502 &&
	check_json ".detail == .message" &&
	sed -i "s/127.0.0.0.8 0;//; s/127.0.0.1 0;//" \
	    "$EM_STATE/nginx/earmark-limits.conf" &&
	em_reload_nginx &&
	for i in $(test_seq 1 60); do
		printf "url = %s/version\noutput = /dev/null\nnext\n" "$URL"
	done >many && printf "url = %s/version\n" "$URL" >>many &&
	printf "dump-header = last\noutput = last.json\n" >>many &&
	printf "header = \"Origin: %s\"\n" "$ORIGIN" >>many &&
	em_until "curl -s -K many && grep -q \" 429 \" last" &&
	jq -e ".error == \"rate_limited\"" last.json &&
	grep -qi "^access-control-allow-origin: $ORIGIN" last &&
	preflight /version
'

test_done
