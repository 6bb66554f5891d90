#!/bin/sh
test_description='core: nginx reads the body of an upload after a worker has checked it'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf server.cors_origins=https://app.example.com
em_conf limits.address_rate=1000
em_conf limits.picture_seconds=0
em_start

# Makes nginx take client addresses from a header of the test.
sed -i "s|^http {|http {\nset_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;|" \
    "$EM_STATE/nginx.conf"
em_reload_nginx

printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==' |
    base64 -d >dot.png

# upload NAME [HEADER]: sends a picture as NAME.
upload() {
	eval "token=\$TOKEN_$1" && api PUT /user/profile/image -t "$token" \
	    -H "Content-Type: image/png" ${2:+-H "$2"} @dot.png
}

# slowly N FORMAT HEADERS TEST: begins N uploads from the addresses FORMAT gives
# for 0 to N - 1. Prints the number of each status that arrives before a body
# ("{}" if none), runs TEST while all clients send a byte each 0.2 s, and
# returns its status.
slowly() {
	/usr/bin/python3 - "${URL##*:}" "$@" <<-\END
	import collections, select, socket, subprocess, sys, time
	port, n, network, headers, test = sys.argv[1:]
	clients, statuses = [], collections.Counter()
	for i in range(int(n)):
	    s = socket.create_connection(("127.0.0.1", int(port)))
	    s.sendall(b"PUT /user/profile/image HTTP/1.1\r\nHost: x\r\n"
	        b"Content-Length: 12582912\r\nX-Forwarded-For: %s\r\n%s\r\n" %
	        ((network % (i // 10) if "%" in network else network).encode(),
	        headers.encode().decode("unicode_escape").encode()))
	    clients.append(s)
	waiting, quiet = list(clients), time.monotonic() + 3
	while waiting and time.monotonic() < quiet:
	    for s in select.select(waiting, [], [], 0.1)[0]:
	        waiting.remove(s)
	        statuses[s.recv(100)[9:12].decode()] += 1
	        quiet = time.monotonic() + 3
	print(dict(sorted(statuses.items())))
	sys.stdout.flush()
	child = subprocess.Popen(test, shell=True)
	while child.poll() is None:
	    for s in clients:
	        try:
	            s.send(b"x")
	        except OSError:
	            pass
	    time.sleep(0.2)
	sys.exit(child.returncode)
	END
}

test_expect_success 'setup: users with each kind of credential' '
	em_user ana && em_user bob && em_user eve && em_user zoe &&
	api POST /auth/login -H "Origin: $URL" "{\"identifier\":\"ana\",
	    \"password\":\"$EM_PASSWORD\",\"session\":\"cookie\"}" && expect 200 &&
	cookie=$(header Set-Cookie) && cookie=${cookie%%;*} &&
	csrf=$(json .csrf_token) &&
	em_cli user ban zoe --reason "spam \"and\" \\more: é" &&
	api POST /auth/logout -t "$TOKEN_eve" && expect 204
'

test_expect_success 'refused uploads get the response of the worker before their body arrives' '
	printf "%s\n" "" "Authorization: Bearer x" "Authorization: Basic eDp5" \
	    "Authorization: Bearer $TOKEN_eve" "Authorization: Bearer $TOKEN_zoe" \
	    "Cookie: $cookie" "Cookie: $cookie	X-CSRF-Token: $cookie" \
	    "Cookie: $cookie	X-CSRF-Token: $csrf	Origin: https://evil.example" \
	    >credentials &&
	"$EM_SRC"/t/tools/refused_uploads.py "${URL##*:}" "$EM_STATE/run" \
	    credentials >seen
	same=$?
	note "$(cat seen)"
	[ $same = 0 ] && for code in 204 401 403 404 405; do
		grep -q "$code: " seen || return 1
	done
'

test_expect_success 'signed-in users upload with tokens and cookies, also with chunked encoding' '
	upload bob && expect 200 &&
	upload bob "Transfer-Encoding: chunked" && expect 200 &&
	upload bob "Expect: 100-continue" && expect 200 &&
	api PUT /user/profile/image -H "Cookie: $cookie" -H "Origin: $URL" \
	    -H "X-CSRF-Token: $csrf" @dot.png && expect 200 &&
	api DELETE /user/profile/image -t "$TOKEN_bob" && expect 204 &&
	api PUT /user/profile/image -t "$TOKEN_bob" "{}" && expect 415
'

# logged ID EVENTS: succeeds if the log of the pool has these events.
logged() {
	em_until "grep -q \"$1.*status\" \"$EM_STATE\"/log/user.log" &&
	jq -r "select(.id == \"$1\") | .event" "$EM_STATE"/log/user.log |
	    tr "\n" " " >events && [ "$(cat events)" = "$2 " ]
}

test_expect_success 'a worker logs when it accepts an upload, and each request once' '
	api PUT /user/profile/image -H "X-Request-Id: refused-upload" \
	    @dot.png && expect 401 && logged refused-upload request &&
	upload bob "X-Request-Id: accepted-upload" && expect 200 &&
	logged accepted-upload "upload request" &&
	jq -e "select(.event == \"upload\" and .id == \"accepted-upload\") |
	    .user == $ID_bob" "$EM_STATE"/log/user.log
'

test_expect_success 'a client cannot send the parameter that nginx sends to workers' '
	for name in EARMARK_CHECK EARMARK-CHECK; do
		api GET /user/profile -t "$TOKEN_bob" -H "$name: 1" &&
		expect 200 && check_json ".username == \"bob\"" || return 1
	done
'

test_expect_success '150 slow clients without a valid token do not prevent an upload' '
	slowly 150 203.0.113.%d "" "exit 0" >seen && note "$(cat seen)" &&
	grep -Fqx "{'\''401'\'': 150}" seen &&
	export TOKEN_bob URL && slowly 150 203.0.113.%d \
	    "Authorization: Bearer x\\r\\n" "curl -sf -o answer -X PUT \
	    -H \"Authorization: Bearer \$TOKEN_bob\" --data-binary @dot.png \
	    -H \"X-Forwarded-For: 203.0.113.3\" \$URL/user/profile/image" >seen &&
	note "$(cat seen)" && grep -Fqx "{'\''401'\'': 150}" seen &&
	jq -e ".username == \"bob\"" answer
'

test_expect_success 'an account has at most 6 uploads at once, from all its addresses' '
	slowly 130 203.0.113.%d "Authorization: Bearer $TOKEN_bob\\r\\n" \
	    "curl -sf -o answer -X PUT --data-binary @dot.png \
	    -H \"Authorization: Bearer $TOKEN_ana\" \$URL/user/profile/image" \
	    >seen && note "$(cat seen)" && grep -Fqx "{'\''429'\'': 124}" seen &&
	jq -e ".username == \"ana\"" answer
'

test_expect_success 'nginx returns 504 and 502 if no worker checks an upload' '
	sed -i "\$a fastcgi_read_timeout 1s;" "$EM_STATE/nginx/earmark-check.conf" &&
	em_reload_nginx &&
	kill -STOP $(em_workers user) &&
	api PUT /user/profile/image @dot.png; kill -CONT $(em_workers user)
	expect 504 unavailable && test "$(header Retry-After)" = 1 &&
	kill "$(cat "$EM_STATE/run/user.pid")" &&
	em_until "test -z \"\$(em_workers user 2>/dev/null)\"" &&
	api PUT /user/profile/image @dot.png && expect 502 unavailable &&
	test "$(header Retry-After)" = 1 &&
	api PUT /user/profile/image -H "Accept: application/problem+json" \
	    @dot.png && expect 502 && check_json ".code == \"unavailable\""
'

test_done
