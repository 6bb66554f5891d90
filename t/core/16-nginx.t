#!/bin/sh
test_description='core: responses and limits of nginx'
. "$(dirname "$0")/../lib.sh"

em_conf limits.address_rate=10
em_start

# raw BYTES: sends unmodified bytes to the HTTP port. Prints the response.
raw() {
	/usr/bin/python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.sendall(sys.argv[2].encode("latin-1").decode("unicode_escape").encode("latin-1"))
try:
    while d := s.recv(65536):
        sys.stdout.write(d.decode("latin-1"))
        s.settimeout(0.3)
except TimeoutError:
    pass
' "${URL##*:}" "$1"
}

# raw_is BYTES STATUS CODE: succeeds if the raw response has this status and
# the error envelope with this code.
raw_is() {
	raw "$1" | tr -d '\r' >out
	head -n 1 out | grep -q " $2 " || { note "$(head -n 3 out)"; return 1; }
	sed '1,/^$/d' out | jq -e --arg code "$3" \
	    '.error == $code and .message != "" and .request_id != ""' >/dev/null
}

envelope() {
	expect "$@" &&
	check_json '.message != "" and (.message | type) == "string"' &&
	[ "$(json .request_id)" = "$(header X-Request-Id)" ] &&
	[ "$(header X-Content-Type-Options)" = nosniff ] &&
	case $(header Content-Type) in
	application/json*) ;;
	*) note "Content-Type: $(header Content-Type)"; false ;;
	esac
}

test_expect_success 'unknown paths return 404 in the envelope' '
	for path in / /nope /api /api/v1 /api/v2/listeners /media /media/ \
	    /media/x.png /.earmark/400 /index.html /auth/nope /userx \
	    /api/v1/customer /api/flyers/1/favorite/x; do
		api GET $path && envelope 404 not_found || return 1
	done
'

test_expect_success 'paths with escapes, empty segments or dot segments return 404' '
	for path in /listeners%2f1 //health /health/. /auth/../health \
	    /health%20 /%68ealth /auth/..%2fhealth; do
		api GET $path && envelope 404 not_found || return 1
	done
'

test_expect_success 'responses to HEAD have no body' '
	api HEAD /nope && expect 404 && api HEAD /health && expect 200 &&
	raw_head=$(raw "HEAD /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") &&
	test "$(printf "%s" "$raw_head" | grep -c not_found)" = 0
'

test_expect_success 'nginx keeps a valid X-Request-Id and replaces an invalid one' '
	for path in /nope /health /auth/nope; do
		api GET $path -H "X-Request-Id: abc-DEF-123" &&
		test "$(header X-Request-Id)" = abc-DEF-123 || return 1
	done &&
	api GET /nope -H "X-Request-Id: abc-DEF-123" &&
	test "$(json .request_id)" = abc-DEF-123 &&
	long=$(printf %065d 0) &&
	for path in /nope /health; do
		for id in short "has space 1" "quote\"quote" $long "semi;colon1"; do
			api GET $path -H "X-Request-Id: $id" &&
			header X-Request-Id | grep -Eq "^[0-9a-f]{32}$" ||
			    return 1
		done
	done
'

test_expect_success 'a body may have 64 KiB, and a larger one returns 413' '
	head -c 65536 /dev/zero >most && head -c 65537 /dev/zero >more &&
	api POST /auth/login @most && expect 400 invalid_json &&
	api POST /auth/login @more && envelope 413 payload_too_large &&
	api POST /auth/login -H "Transfer-Encoding: chunked" @more &&
	envelope 413 payload_too_large &&
	api POST /nope @more && envelope 413 payload_too_large
'

# problem METHOD PATH STATUS [BODY]: succeeds if nginx chooses the media type of
# an error by the qualities and the order of Accept.
problem() {
	while read -r type accept; do
		em_until "api $1 $2 -H \"Accept: $accept\" ${4-};
		    [ \$status = $3 ]" || return 1
		case $(header Content-Type) in
		$type*) ;;
		*) note "$accept: $(header Content-Type)"; return 1 ;;
		esac
	done <<-\EOF
	application/json */*
	application/problem+json application/problem+json
	application/problem+json application/json;q=0.4, application/problem+json;q=0.5
	application/json application/problem+json;q=0.4, application/json;q=0.45
	application/json application/json, application/problem+json
	application/problem+json application/problem+json;q=0.5, application/json;q=0.5
	application/json application/problem+json;q=0, application/json;q=0
	application/json application/problem+json;q=0.2, */*;q=0.3
	EOF
}

test_expect_success 'nginx evaluates Accept with qualities, as workers do' '
	problem GET /nope 404 && problem POST /auth/login 413 @more &&
	seen=$("$EM_SRC"/t/tools/accept_differential.py "$URL")
	same=$?
	note "$seen"
	[ $same = 0 ]
'

test_expect_success 'an image may have 12 MiB, and a larger one returns 413' '
	head -c 12582912 /dev/zero >most && head -c 12582913 /dev/zero >more &&
	for path in /user/profile/image /api/v1/user/profile/image/; do
		api PUT $path @most && expect 401 token_required &&
		api PUT $path -H "Transfer-Encoding: chunked" @most &&
		expect 401 token_required &&
		api PUT $path @more && envelope 413 payload_too_large ||
		    return 1
	done &&
	api PUT /user/profile @most && envelope 413 payload_too_large
'

test_expect_success 'DELETE may have a body, also with chunked encoding' '
	api DELETE /customer/favorites "{\"listener_id\":1}" &&
	expect 401 token_required &&
	api DELETE /customer/favorites -H "Transfer-Encoding: chunked" \
	    "{\"listener_id\":1}" &&
	expect 401 token_required
'

test_expect_success 'unsupported methods return 405 with Allow' '
	api PUT /auth/login "{}" && envelope 405 method_not_allowed &&
	test "$(header Allow)" = POST &&
	api PROPFIND /listeners && envelope 405 method_not_allowed &&
	header Allow | grep -qw GET && header Allow | grep -qw HEAD &&
	api TRACE /listeners && envelope 405 method_not_allowed &&
	test -n "$(header Allow)" &&
	api POST /openapi.json "{}" && envelope 405 method_not_allowed &&
	test "$(header Allow)" = "GET, HEAD"
'

test_expect_success 'malformed requests return 400 in the envelope' '
	raw_is "GET /health HTTP/1.1\r\n\r\n" 400 bad_request &&
	raw_is "GET /he alth HTTP/1.1\r\nHost: x\r\n\r\n" 400 bad_request &&
	raw_is "get /health HTTP/1.1\r\nHost: x\r\n\r\n" 400 bad_request &&
	raw_is "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n" 400 bad_request &&
	raw_is "GET /../x HTTP/1.1\r\nHost: x\r\n\r\n" 400 bad_request &&
	raw_is "\x16\x03\x01\x02\r\n\r\n" 400 bad_request &&
	raw_is "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n" 400 bad_request &&
	raw_is "GET / HTTP/3.0\r\nHost: x\r\n\r\n" 505 version_not_supported &&
	raw_is "GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" 400 bad_request &&
	raw_is "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" 400 bad_request &&
	raw_is "POST /auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n" 501 not_implemented &&
	long=$(printf %09000d 0) &&
	raw_is "GET /health?$long HTTP/1.1\r\nHost: x\r\n\r\n" 414 uri_too_long &&
	raw_is "GET /health HTTP/1.1\r\nHost: x\r\nA: $long\r\n\r\n" 400 bad_request
'

test_expect_success 'a request with two Authorization headers returns 400' '
	raw_is "GET /user/profile HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n" 400 bad_request
'

# strays FILE: sends a method that no route has to each route of FILE through
# nginx. A known path returns 405, an unknown one 404. Prints "METHOD PATH
# STATUS ALLOW" of each route that nginx does not pass to its pool.
strays() {
	sed 's/{[^}]*}/11111111-1111-4111-8111-111111111111/g; s,/$,,' "$1" |
	while read -r method path; do
		for end in '' /; do
			printf '%s\n' 'request = PROPFIND' 'output = /dev/null' \
			    "url = $URL$path$end" \
			    "write-out = \"$method $path %{http_code} %header{allow}\\n\"" \
			    next
		done
	done >ask
	curl -s -K ask >got
	[ "$(wc -l <got)" = $((2 * $(wc -l <"$1"))) ] || echo "some are missing"
	awk '{
		all = $0
		gsub(",", "")
		for (i = 4; i <= NF && $i != $1; i++)
			;
		if ($3 != 405 || i > NF)
			print all
	}' got
}

test_expect_success 'nginx passes all routes to their pools, with and without a trailing slash' '
	for pool in $(em_pools); do
		"$EM_BUILD/earmark-$pool" --routes || return 1
	done | grep -v " /\.earmark/" | awk "{ print \$1, \$2 }" |
	    sort -u >routes &&
	test "$(wc -l <routes)" -gt 30 &&
	strays routes >lost &&
	{ test_must_be_empty lost || { note "$(cat lost)"; return 1; }; } &&
	echo "GET /health/nowhere" >routes && strays routes >lost &&
	grep -q 404 lost
'

test_expect_success 'paths of the listener app work with and without /api/v1' '
	api GET /listeners && expect 200 && cp body one &&
	for path in /listeners/ /api/v1/listeners /api/v1/listeners/; do
		api GET $path && expect 200 && test_cmp one body || return 1
	done
'

test_expect_success '/openapi.json returns the description with base_url as its server' '
	api GET /openapi.json && expect 200 &&
	jq "del(.servers[].url)" body >have &&
	jq "del(.servers[].url)" "$EM_BUILD/openapi.json" >want &&
	test_cmp want have &&
	check_json "(.servers | map(.url)) == [\"$URL\"]" &&
	test "$(header Cache-Control)" = "public, max-age=300" &&
	api GET /openapi.json/ && expect 200 &&
	api HEAD /openapi.json && expect 200
'
test_expect_success '/openapi.json returns 304 until the file or base_url changes' '
	api GET /openapi.json && expect 200 && etag=$(header ETag) &&
	api GET /openapi.json -H "If-None-Match: $etag" && expect 304 &&
	test "$(header ETag)" = "$etag" &&
	cp "$EM_STATE/openapi.json" kept &&
	sed "s/\"title\":\"Earmark\"/\"title\":\"Another\"/" kept \
	    >"$EM_STATE/openapi.json" &&
	api GET /openapi.json -H "If-None-Match: $etag" && expect 200 &&
	check_json ".info.title == \"Another\"" &&
	cp kept "$EM_STATE/openapi.json" &&
	conf=$EM_STATE/earmark.conf && cp "$conf" conf.kept &&
	sed "s,^base_url = .*,base_url = https://example.com/\"," conf.kept >"$conf" &&
	em_cli pools restart system &&
	api GET /openapi.json && expect 200 && changed=$(header ETag) &&
	check_json ".servers[0].url == \"https://example.com/\\\"\"" &&
	test "$changed" != "$etag" &&
	cp conf.kept "$conf" && em_cli pools restart system
'
em_allow '"event":"openapi"'
test_expect_success '/openapi.json returns 500 if the file is missing or incomplete' '
	mv "$EM_STATE/openapi.json" kept &&
	api GET /openapi.json && expect 500 internal &&
	echo "{\"openapi\":\"3.1.0\"}" >"$EM_STATE/openapi.json" &&
	api GET /openapi.json && expect 500 internal &&
	mkfifo pipe && rm "$EM_STATE/openapi.json" &&
	mv pipe "$EM_STATE/openapi.json" &&
	api GET /openapi.json && expect 500 internal &&
	rm "$EM_STATE/openapi.json" && mv kept "$EM_STATE/openapi.json" &&
	api GET /openapi.json && expect 200
'

test_expect_success 'nginx serves images as immutable files with safe headers' '
	printf "\211PNG" >"$EM_STATE/media/0a.png" &&
	chmod 644 "$EM_STATE/media/0a.png" &&
	api GET /media/0a.png && expect 200 &&
	test "$(header Content-Type)" = image/png &&
	test "$(header Cache-Control)" = "public, max-age=31536000, immutable" &&
	test "$(header X-Content-Type-Options)" = nosniff &&
	test -n "$(header X-Request-Id)" &&
	api GET /media/0a.png -H "If-None-Match: $(header ETag)" && expect 304 &&
	ln -s ../key "$EM_STATE/media/key.png" &&
	api GET /media/key.png && envelope 404 not_found &&
	test "$(header Cache-Control)" = no-store &&
	api GET /media/../key && envelope 404 not_found &&
	api GET /media/..%2fkey && envelope 404 not_found
'

test_expect_success 'nginx serves /static/pay.css and no other files of that folder' '
	api GET /static/pay.css && expect 200 &&
	cmp "$body" "$EM_SRC/nginx/html/pay.css" &&
	header Content-Type | grep -q "^text/css" &&
	test "$(header Cache-Control)" = "public, max-age=300" &&
	test "$(header X-Content-Type-Options)" = nosniff &&
	api GET /static/pay.css -H "If-None-Match: $(header ETag)" && expect 304 &&
	api GET /static/ && envelope 404 not_found &&
	api GET /static/../key && envelope 404 not_found &&
	api GET /static/nope.css && envelope 404 not_found &&
	api POST /static/pay.css "{}" && envelope 405 method_not_allowed &&
	test "$(header Allow)" = "GET, HEAD"
'

test_expect_success 'HTTPS works, and plain HTTP on the HTTPS port returns 400' '
	api_base=$TLS_URL && api GET /health && expect 200 &&
	api_base=http://127.0.0.1:${TLS_URL##*:} && api GET /health &&
	envelope 400 bad_request; ret=$?
	api_base=
	return $ret
'

test_expect_success 'the Server header contains no version' '
	api GET /nope && test "$(header Server)" = nginx
'

test_expect_success 'requests from loopback addresses are not rate-limited' '
	for i in $(test_seq 1 60); do
		printf "url = %s/health/live\noutput = /dev/null\n" "$URL"
	done >many && curl -s -w "%{http_code}\n" -K many >got &&
	test "$(sort -u got)" = 200
'

test_expect_success 'nginx logs its own responses without identifiers' '
	api GET "/app/nope@example.org?secret=hunter2" \
	    -H "X-Request-Id: find-me-again" &&
	grep find-me-again "$EM_STATE/log/nginx.log" >line &&
	jq -e ".path == \"/app\" and .status == 404 and .method == \"GET\"" <line &&
	api GET "/hunter2?secret=hunter2" -H "X-Request-Id: find-me-there" &&
	grep find-me-there "$EM_STATE/log/nginx.log" >line &&
	jq -e ".path == \"\" and .status == 404" <line &&
	! grep -rqE "hunter2|nope@example" "$EM_STATE/log"
'

test_expect_success 'the log format knows the first segment of all locations' '
	regex=$(sed -n "s/^if (.uri ~ \"\(.*\)\") {/\1/p" \
	    "$EM_SRC/nginx/earmark-own.conf.in") &&
	grep -oE "^.*location [=^~ ]*/[^ ]* \{" \
	    "$EM_SRC/nginx/earmark-locations.conf.in" |
	    grep -oE "/[^ ]*" | grep -vE "^/$|^/\.earmark" >paths &&
	[ "$(wc -l <paths)" -gt 60 ] && ! grep -vP "$regex" paths
'

test_expect_success 'nginx returns 502 in the envelope if a pool does not run' '
	kill "$(cat "$EM_STATE/run/system.pid")" &&
	em_until "test -z \"\$(em_workers system 2>/dev/null)\"" &&
	api GET /health && envelope 502 unavailable &&
	test "$(header Retry-After)" = 1 &&
	problem GET /health 502 &&
	api GET /listeners && expect 200
'

# The requests contain "hunter2" and an e-mail address. nginx must log neither
# if a pool does not run.
test_expect_success 'nginx logs no secrets of requests to a pool that does not run' '
	for pool in calls user admin wallet; do
		kill "$(cat "$EM_STATE/run/$pool.pid")" &&
		em_until "test -z \"\$(em_workers $pool 2>/dev/null)\"" || return 1
	done &&
	for path in "/realtime/ticket?ticket=hunter2" "/user/hunter2@example.org" \
	    "/admin/users?q=hunter2@example.org" "/pay/hunter2?key=hunter2" \
	    "/user/%68unter2?a=%68unter2"; do
		api GET "$path" -H "Referer: http://x/?key=hunter2" &&
		envelope 502 unavailable || return 1
	done &&
	api GET "/realtime?ticket=$(printf "hunter2%025d" 0)" \
	    -H "Accept: text/event-stream" && [ "$status" -ge 500 ] &&
	rm "$EM_STATE/run/wallet.sock" &&
	api GET "/pay/hunter2?key=hunter2" -H "X-Request-Id: no-such-socket" &&
	envelope 502 unavailable &&
	! grep -raE "hunter2|%68unter2|example\.org" "$EM_STATE/log" &&
	grep no-such-socket "$EM_STATE/log/nginx.log" | jq -e ".status == 502 and
	    .path == \"/pay\" and .upstream_status == \"502\" and
	    (.upstream | test(\"^unix:.*/wallet.sock$\"))"
'

test_expect_success 'nginx returns 504 in the envelope if a pool does not respond' '
	em_stop && em_start &&
	sed -i s/fastcgi_read_timeout.*/"fastcgi_read_timeout 1s;"/ \
	    "$EM_STATE/nginx/earmark-fastcgi.conf" &&
	em_reload_nginx &&
	kill -STOP $(em_workers listeners) &&
	api GET /listeners; kill -CONT $(em_workers listeners)
	envelope 504 unavailable && test "$(header Retry-After)" = 1
'

# Makes nginx take client addresses from a header of the test.
real_addresses() {
	sed -i "s|^http {|http {\nset_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;|" \
	    "$EM_STATE/nginx.conf" &&
	em_reload_nginx
}

# from FORMAT: sends 60 requests from the addresses FORMAT gives for 1 to 60.
# Prints each status once.
from() {
	for i in $(test_seq 1 60); do
		# shellcheck disable=SC2059
		printf "url = %s/version\noutput = /dev/null\nheader = \"X-Forwarded-For: $1\"\n" \
		    "$URL" "$i"
		printf "write-out = \"%%{http_code}\\\\n\"\nnext\n"
	done >each && curl -s -K each | sort -u | tr "\n" " "
}

# from_is FORMAT STATUSES: compares the output of from.
from_is() {
	from_got=$(from "$1")
	[ "$from_got" = "$2 " ] || { note "$1: $from_got"; return 1; }
}

test_expect_success 'the rate limit counts IPv6 /64 networks and IPv4 addresses' '
	em_stop && em_start && real_addresses &&
	from_is 2001:db8:0:1::%x "200 429" &&
	from_is 2001:db8:0:2:%x:1:2:3 "200 429" &&
	from_is 2001:db8:1:%x::1 200 &&
	from_is 192.0.2.%d 200 &&
	from_is 192.0.2.250%.0s "200 429" &&
	from_is ::ffff:198.51.100.%d 200 &&
	from_is ::ffff:198.51.100.250%.0s "200 429" &&
	from_is 127.0.0.%d 200
'

# together FORMAT: sends 60 simultaneous requests to a stopped worker. Prints
# how many were rejected.
together() {
	# shellcheck disable=SC2046
	kill -STOP $(em_workers listeners)
	for i in $(test_seq 1 60); do
		# shellcheck disable=SC2059
		curl -s -o /dev/null -w "%{http_code}\n" --max-time 20 \
		    -H "X-Forwarded-For: $(printf "$1" "$i")" "$URL/listeners" &
	done >codes
	em_until "[ \$(cat codes | wc -l) -ge ${2:-0} ]"
	sleep 0.5
	# shellcheck disable=SC2046
	kill -CONT $(em_workers listeners)
	wait
	grep -c 429 codes
}

test_expect_success 'the connection limit counts the same networks and addresses' '
	em_stop && em_conf limits.address_rate=1000 && em_start &&
	real_addresses && [ "$(together 2001:db8:0:1::%x 10)" = 10 ] &&
	[ "$(together 2001:db8:1:%x::1)" = 0 ]
'

# uploads N FORMAT: begins N uploads without the last byte of their bodies, six
# with each token of the file tokens, from the addresses FORMAT gives for 0 to
# N - 1. Succeeds if exactly $rejected of them get 429 at once.
uploads() {
	/usr/bin/python3 - "${URL##*:}" "$1" "$2" "$rejected" <<-\END
	import select, socket, sys, time
	port, n, network, want = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
	waiting, tokens = [], open("tokens").read().split()
	for i in range(n):
	    s = socket.create_connection(("127.0.0.1", port))
	    s.sendall(b"PUT /user/profile/image HTTP/1.1\r\nHost: x\r\n"
	        b"Content-Length: 1000000\r\nAuthorization: Bearer %s\r\n"
	        b"X-Forwarded-For: %s\r\n\r\n" % (tokens[i // 6].encode(),
	        (network % i if "%" in network else network).encode()))
	    waiting.append(s)
	rejected, end = 0, time.monotonic() + 8
	while rejected < int(want) and time.monotonic() < end:
	    for s in select.select(waiting, [], [], 0.1)[0]:
	        waiting.remove(s)
	        rejected += s.recv(100)[9:12] == b"429"
	sys.exit(rejected != int(want) or select.select(waiting, [], [], 1)[0] != [])
	END
}

test_expect_success 'nginx stores at most 10 bodies of images of a client, and 100 together' '
	for i in $(test_seq 1 18); do
		em_user "user$i" && eval "echo \$TOKEN_user$i" || return 1
	done >tokens &&
	rejected=3 && uploads 13 2001:db8:0:2::1 &&
	rejected=0 && em_until "uploads 100 2001:db8:%x::1" &&
	rejected=5 && em_until "uploads 105 2001:db9:%x::1"
'

test_expect_success 'the clients of a network have at most 25 of these uploads' '
	rejected=5 && em_until "uploads 30 2001:db8:4:%x::1" &&
	em_until "uploads 30 198.51.100.%d" &&
	em_until "uploads 30 ::ffff:203.0.113.%d" &&
	rejected=0 && em_until "uploads 100 198.51.%d.7" &&
	em_until "uploads 100 ::ffff:203.0.%d.7"
'

test_expect_success 'an address above the rate limit gets 429' '
	em_stop && em_conf limits.exempt_networks=10.0.0.0/8 &&
	em_conf limits.address_rate=1 && em_start &&
	sed -i "s,^url = [^/]*//[^/]*,url = $URL," many &&
	em_until "curl -s -w \"%{http_code}\\n\" -K many >got;
	    grep -q 200 got && grep -q 429 got" &&
	em_until "curl -s -K many >got; api GET /health && [ \$status = 429 ]" &&
	envelope 429 rate_limited &&
	test "$(header Retry-After)" = 1 &&
	test "$(header RateLimit-Limit)" = 1 &&
	test "$(header RateLimit-Remaining)" = 0 &&
	problem GET /health 429
'

test_done
