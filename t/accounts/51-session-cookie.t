#!/bin/sh
test_description='/auth/session: sessions with cookies, protection against forged requests'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
APP=https://app.example.com
em_conf server.cors_origins="$APP"
em_conf auth.refresh_ttl=2000000
em_conf auth.session_ttl=6000000
em_start

# sign_in NAME [KIND [COOKIE-HEADER]]: signs in with a cookie from a page of
# this server. Sets $cookie (NAME=VALUE) and $csrf.
sign_in() {
	set -- "$1" "${2:-cookie}" "${3-}"
	api POST /auth/login -H "Origin: $URL" -H "Cookie: $3" "{\"identifier\":\"$1\",
	    \"password\":\"$EM_PASSWORD\",\"session\":\"$2\"}" && expect 200 &&
	cookie=$(header Set-Cookie) && cookie=${cookie%%;*} &&
	csrf=$(json .csrf_token)
}
# reads PATH [OPTION]...: sends a GET with $cookie.
reads() {
	api GET "$@" -H "Cookie: $cookie"
}
# writes METHOD PATH [OPTION]...: sends a write with $cookie and $csrf.
writes() {
	api "$@" -H "Cookie: $cookie" -H "X-CSRF-Token: $csrf" -H "Origin: $URL"
}
is() {
	[ "$1" = "$2" ] || { note "expected $1, got $2"; return 1; }
}

test_expect_success 'setup: users' '
	em_user ana && em_user bob && em_user root admin
'

test_expect_success 'a sign-in with session "cookie" sets a cookie and returns no tokens' '
	sign_in ana && is 1 "$(header Set-Cookie | wc -l)" &&
	header Set-Cookie | grep -Eqx "__Host-earmark=[A-Za-z0-9_-]{43}; Max-Age=2000000; Path=/; HttpOnly; Secure; SameSite=Lax" &&
	check_json "keys == [\"csrf_token\", \"user\"] and
	    (.csrf_token | test(\"^[A-Za-z0-9_-]{43}$\"))" &&
	! grep -q "${cookie#*=}" "$body" &&
	is 0 "$(em_sql "SELECT count(*) FROM refresh_token AS r JOIN device_session AS d
	    ON d.id = r.session_id WHERE d.cookie IS NOT NULL")" &&
	! grep -raq "${cookie#*=}" "$EM_STATE"
'

test_expect_success 'session "token" and no session return tokens without a cookie' '
	for member in "" ",\"session\":\"token\""; do
		api POST /auth/login "{\"identifier\":\"ana\",\"password\":\"$EM_PASSWORD\"$member}" &&
		expect 200 && check_json ".access_token and (has(\"csrf_token\") | not)" &&
		is "" "$(header Set-Cookie)" || return 1
	done &&
	api POST /auth/login "{\"identifier\":\"ana\",\"session\":\"x\"}" && expect 400
'

test_expect_success 'a request that sets a cookie needs an allowed origin' '
	n=$(em_sql "SELECT count(*) FROM device_session") &&
	for origin in "" "Origin: null" "Origin: https://evil.example" "Origin: $URL.evil.example" \
	    "Origin: $APP:444"; do
		for path in login verify-otp mfa link; do
			case $path in
			login) more="\"identifier\":\"ana\",\"password\":\"$EM_PASSWORD\"" ;;
			verify-otp) more="\"identifier\":\"ana\",\"code\":\"123456\"" ;;
			mfa) more="\"mfa_token\":\"x\",\"code\":\"123456\"" ;;
			link) more="\"token\":\"x\"" ;;
			esac
			for kind in cookie staff_cookie; do
				api POST /auth/$path -H "$origin" "{$more,\"session\":\"$kind\"}" &&
				expect 403 csrf && is "" "$(header Set-Cookie)" || return 1
			done
		done
	done &&
	is "$n" "$(em_sql "SELECT count(*) FROM device_session")" &&
	api POST /auth/login -H "Origin: $APP" "{\"identifier\":\"ana\",
	    \"password\":\"$EM_PASSWORD\",\"session\":\"cookie\"}" && expect 200 &&
	is true "$(header Access-Control-Allow-Credentials)"
'

test_expect_success 'codes and links sign in with a cookie' '
	api POST /auth/continue "{\"identifier\":\"+919876543210\"}" && expect 202 &&
	code=$(em_code +919876543210) &&
	api POST /auth/verify-otp "{\"identifier\":\"+919876543210\",\"code\":\"$code\",
	    \"session\":\"cookie\"}" && expect 403 csrf &&
	api POST /auth/verify-otp -H "Origin: $URL" "{\"identifier\":\"+919876543210\",
	    \"code\":\"$code\",\"session\":\"cookie\"}" && expect 201 &&
	check_json ".csrf_token and .is_new and (has(\"access_token\") | not)" &&
	cookie=$(header Set-Cookie) && cookie=${cookie%%;*} &&
	reads /user/profile && expect 200 &&
	link=$(em_cli user link ana | sed -n "s|.*#/sign-in/||p" | head -n 1) &&
	[ -n "$link" ] &&
	api POST /auth/link -H "Origin: $URL" "{\"token\":\"$link\",\"session\":\"cookie\"}" &&
	expect 200 && check_json ".csrf_token and .user.username == \"ana\"" &&
	header Set-Cookie | grep -q "^__Host-earmark="
'

test_expect_success 'the second factor completes a sign-in with a cookie' '
	em_user mia && api POST /user/mfa/totp -t "$TOKEN_mia" && expect 200 &&
	secret=$(json .secret) &&
	api POST /user/mfa/totp/verify -t "$TOKEN_mia" \
	    "{\"code\":\"$(oathtool --totp --base32 "$secret")\"}" && expect 200 &&
	recovery=$(json ".recovery_codes[0]") &&
	api POST /auth/login -H "Origin: $URL" "{\"identifier\":\"mia\",
	    \"password\":\"$EM_PASSWORD\",\"session\":\"staff_cookie\"}" &&
	expect 401 mfa_required && is "" "$(header Set-Cookie)" &&
	api POST /auth/mfa -H "Origin: $URL" -H "Cookie: __Host-earmark=old" \
	    "{\"mfa_token\":\"$(json .mfa_token)\",\"code\":\"$recovery\",
	    \"session\":\"staff_cookie\"}" && expect 200 &&
	header Set-Cookie | grep -Eqx "__Host-earmark-staff=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax"
'

test_expect_success 'reads need the cookie only, and writes also the CSRF token and the origin' '
	sign_in ana && reads /user/profile && expect 200 &&
	check_json ".username == \"ana\"" &&
	reads /user/profile -H "Origin: https://evil.example" && expect 200 &&
	is "" "$(header Access-Control-Allow-Origin)" &&
	reads /user/profile -H "Origin: $APP" && expect 200 &&
	is "$APP" "$(header Access-Control-Allow-Origin)" &&
	is true "$(header Access-Control-Allow-Credentials)" &&
	writes PUT /user/settings "{\"language\":\"en\"}" && expect 200 &&
	api PUT /user/settings "{\"language\":\"en\"}" -H "Cookie: $cookie" \
	    -H "X-CSRF-Token: $csrf" -H "Origin: $APP" && expect 200 &&
	api PUT /user/settings "{\"language\":\"en\"}" -H "Cookie: $cookie" \
	    -H "X-CSRF-Token: $csrf" && expect 403 csrf &&
	api PUT /user/settings "{\"language\":\"en\"}" -H "Cookie: $cookie" \
	    -H "Origin: $URL" && expect 403 csrf &&
	reads /user/profile -H "X-CSRF-Token: x" && expect 403 csrf
'

test_expect_success 'a preflight request allows X-CSRF-Token' '
	for path in /user/profile /realtime; do
		api OPTIONS $path -H "Origin: $APP" \
		    -H "Access-Control-Request-Method: POST" && expect 204 &&
		header Access-Control-Allow-Headers | grep -q "X-CSRF-Token" &&
		is true "$(header Access-Control-Allow-Credentials)" &&
		api OPTIONS $path -H "Origin: https://evil.example" &&
		is "" "$(header Access-Control-Allow-Credentials)" || return 1
	done
'

test_expect_success 'the server accepts its own origin over TLS' '
	api_base=$TLS_URL api PUT /user/settings "{\"language\":\"en\"}" \
	    -H "Cookie: $cookie" -H "X-CSRF-Token: $csrf" -H "Origin: $TLS_URL" &&
	expect 200 &&
	api_base=$TLS_URL api PUT /user/settings "{\"language\":\"en\"}" \
	    -H "Cookie: $cookie" -H "X-CSRF-Token: $csrf" \
	    -H "Origin: http${TLS_URL#https}" && expect 403 csrf
'

test_expect_success 'a token is used instead of a cookie, without CSRF protection' '
	sign_in ana && em_login bob &&
	reads /user/profile -t "$TOKEN_bob" && check_json ".username == \"bob\"" &&
	api PUT /user/settings "{\"language\":\"en\"}" -H "Cookie: $cookie" \
	    -t "$TOKEN_bob" && expect 200 &&
	reads /user/profile -t nonsense && expect 401 token_invalid
'

test_expect_success 'malformed and unknown cookies are rejected' '
	for value in "" x "${cookie#*=}A" "$(printf %s "${cookie#*=}" | tr A-Za-z N-ZA-Mn-za-m)"; do
		api GET /user/profile -H "Cookie: __Host-earmark=$value" &&
		expect 401 token_invalid || return 1
	done &&
	api GET /user/profile -H "Cookie: earmark=${cookie#*=}" &&
	expect 401 token_required &&
	api GET /user/profile -H "Cookie: a=b; x__Host-earmark=1;$cookie ; c=d" &&
	expect 401 &&
	api GET /user/profile -H "Cookie: a=b;  $cookie; c=d" && expect 200 &&
	api GET /user/profile -t "${cookie#*=}" && expect 401 token_invalid
'

test_expect_success 'administration accepts only the staff cookie or a token' '
	sign_in root && user=$cookie user_csrf=$csrf &&
	reads /admin/users && expect 401 token_required &&
	reads /admin/users -H "X-CSRF-Token: $csrf" && expect 401 token_required &&
	writes DELETE /admin/users/$ID_bob/devices/1 && expect 401 token_required &&
	sign_in root staff_cookie "$user" && staff=$cookie &&
	reads /admin/users && expect 200 &&
	api GET /admin/users -H "Cookie: __Host-earmark=${cookie#*=}" && expect 401 &&
	api GET /admin/users -H "Cookie: __Host-earmark-staff=${user#*=}" &&
	expect 401 &&
	api GET /admin/users -t "$TOKEN_root" && expect 200
'

test_expect_success 'the CSRF token selects one of two cookies' '
	sign_in ana && both=$cookie ana=$csrf && sign_in root staff_cookie &&
	both="$both; $cookie" root=$csrf && cookie=$both &&
	reads /user/profile && check_json ".username == \"ana\"" &&
	reads /user/profile -H "X-CSRF-Token: $root" &&
	check_json ".username == \"root\"" &&
	reads /auth/session && expect 200 &&
	check_json ".user.username == \"ana\" and .csrf_token == \"$ana\"" &&
	reads /auth/session/staff && expect 200 &&
	check_json ".user.username == \"root\" and .csrf_token == \"$root\" and
	    .renew_at == null" &&
	reads /auth/session/staff -H "X-CSRF-Token: $ana" && expect 200 &&
	check_json ".user == null" &&
	reads /admin/users && expect 200 &&
	reads /admin/users -H "X-CSRF-Token: $ana" && expect 401 token_required
'

test_expect_success 'GET /auth/session with a token has no CSRF token' '
	api GET /auth/session -t "$TOKEN_ana" && expect 200 &&
	check_json "[.csrf_token, .expires_at, .renew_at] == [null, null, null]
	    and .user.username == \"ana\"" &&
	api POST /auth/session -t "$TOKEN_ana" && expect 409 no_cookie &&
	for path in /auth/session /auth/session/staff; do
		api GET $path && expect 200 &&
		check_json ". == {csrf_token: null, expires_at: null,
		    renew_at: null, user: null, sends_sms: true}" || return 1
	done
'

test_expect_success 'a renewal extends the cookie of a customer' '
	sign_in ana &&
	em_sql "UPDATE device_session SET used_at = used_at - 1999000000
	    WHERE cookie IS NOT NULL AND user_id = $ID_ana" &&
	reads /auth/session && expect 200 && before=$(json .expires_at) &&
	check_json ".renew_at < .expires_at" &&
	writes POST /auth/session && expect 200 &&
	header Set-Cookie | grep -q "^$cookie; Max-Age=2000000;" &&
	check_json ".expires_at > \"$before\" and .csrf_token == \"$csrf\"" &&
	em_sql "UPDATE device_session SET used_at = used_at - 2000000000
	    WHERE cookie IS NOT NULL AND user_id = $ID_ana" &&
	reads /auth/session && expect 401 token_invalid &&
	writes POST /auth/session && expect 401
'

test_expect_success 'a staff cookie expires 12 hours after the sign-in' '
	sign_in root staff_cookie &&
	em_sql "UPDATE device_session SET created_at = created_at - 43000000
	    WHERE user_id = $ID_root AND staff" &&
	reads /admin/users && expect 200 &&
	writes POST /auth/session && expect 200 && is "" "$(header Set-Cookie)" &&
	em_sql "UPDATE device_session SET created_at = created_at - 200000
	    WHERE user_id = $ID_root AND staff" &&
	reads /admin/users && expect 401 token_invalid
'

test_expect_success 'a new sign-in ends the session that it replaces' '
	sign_in ana && old=$cookie && sign_in ana cookie "$old" &&
	! [ "$old" = "$cookie" ] && reads /user/profile && expect 200 &&
	cookie=$old && reads /user/profile && expect 401 token_invalid
'

test_expect_success 'a sign-out deletes both cookies and ends both sessions' '
	sign_in ana && one=$cookie token=$csrf && sign_in root staff_cookie &&
	two=$cookie && cookie="$one; $two" csrf=$token &&
	api POST /auth/logout -H "Cookie: $cookie" && expect 403 csrf &&
	writes POST /auth/logout && expect 204 &&
	is 2 "$(header Set-Cookie | grep -c "=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax$")" &&
	cookie=$one && reads /user/profile && expect 401 token_invalid &&
	cookie=$two && reads /admin/users && expect 401 token_invalid &&
	em_login ana && api POST /auth/logout -t "$TOKEN_ana" && expect 204 &&
	is "" "$(header Set-Cookie)"
'

test_expect_success 'signing out everywhere and bans end cookies at once' '
	sign_in ana && em_login ana &&
	api POST /auth/logout-all -t "$TOKEN_ana" && expect 204 &&
	reads /user/profile && expect 401 token_invalid &&
	sign_in ana && writes POST /auth/logout-all && expect 204 &&
	is 2 "$(header Set-Cookie | wc -l)" &&
	sign_in bob && em_sql "UPDATE user SET status = 3 WHERE id = $ID_bob" &&
	reads /user/balance && expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_bob"
'

# socket [OPTION]...: opens a WebSocket. Sets $status.
socket() {
	status=$(curl -s -o "$body" --max-time 2 -w "%{http_code}" -H "Upgrade: websocket" \
	    -H "Connection: Upgrade" -H "Sec-WebSocket-Version: 13" --http1.1 \
	    -H "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==" "$@" "$URL/realtime")
	:
}

test_expect_success 'a realtime connection with a cookie needs an allowed origin' '
	sign_in bob && api_method=GET api_path=/realtime &&
	for origin in "" "Origin: null" "Origin: https://evil.example"; do
		socket -H "Cookie: $cookie" -H "$origin" && expect 403 csrf &&
		reads /realtime -H "Accept: text/event-stream" -H "$origin" &&
		expect 403 csrf || return 1
	done &&
	for origin in "$URL" "$APP"; do
		socket -H "Cookie: $cookie" -H "Origin: $origin" &&
		is 101 "$status" || return 1
	done &&
	socket -H "Cookie: ${cookie}x" -H "Origin: $URL" && expect 401 token_invalid &&
	socket -H "Origin: $URL" && expect 401 token_required &&
	api POST /realtime/ticket -H "Cookie: $cookie" -H "Origin: $URL" &&
	expect 403 csrf && writes POST /realtime/ticket && expect 201 &&
	socket --url-query "ticket=$(json .ticket)" && is 101 "$status"
'

test_expect_success 'all writes reject forged requests' '
	sign_in root && user=$cookie user_csrf=$csrf && sign_in root staff_cookie &&
	staff=$cookie staff_csrf=$csrf && sign_in root && ended=$cookie ended_csrf=$csrf &&
	writes POST /auth/logout && expect 204 && sign_in root staff_cookie &&
	staff_ended=$cookie staff_ended_csrf=$csrf && writes POST /auth/logout && expect 204 &&
	cat >cookies.json <<-EOF &&
	{"user": {"cookie": "${user#*=}", "csrf": "$user_csrf", "other": "$ended_csrf",
	  "ended": "${ended#*=}", "ended_csrf": "$ended_csrf"},
	 "staff": {"cookie": "${staff#*=}", "csrf": "$staff_csrf", "other": "$user_csrf",
	  "ended": "${staff_ended#*=}", "ended_csrf": "$staff_ended_csrf"}}
	EOF
	"$EM_SRC/t/tools/csrf_matrix.py" "$URL" "$EM_BUILD" cookies.json >out &&
	[ "$(grep -c "^ok" out)" -gt 100 ] && ! grep -A12 "^not ok" out >bad ||
	{ while IFS= read -r l; do note "$l"; done <bad; false; }
'

test_expect_success 'a session that is used ends auth.session_ttl seconds after the sign-in' '
	sign_in ana && reads /user/profile && expect 200 &&
	em_sql "UPDATE device_session SET created_at = created_at - 5900000000
	    WHERE id = (SELECT max(id) FROM device_session)" &&
	reads /user/profile && expect 200 &&
	em_sql "UPDATE device_session SET created_at = created_at - 100000000
	    WHERE id = (SELECT max(id) FROM device_session)" &&
	reads /user/profile && expect 401
'

test_done
