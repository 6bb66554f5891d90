#!/bin/sh
test_description='POST /auth/refresh-token: rotation and reuse'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.session_ttl=8000000
em_start

refresh() {
	post refresh-token refresh_token="$1"
}

# Signs in as ana or $1. Sets R (refresh token) and T (access token).
sign_in() {
	post login identifier="${1:-ana}" password="$EM_PASSWORD" &&
	expect 200 && R=$(json .refresh_token) T=$(json .access_token)
}

# Exchanges R for its successor. Sets OLD, R and T.
rotate() {
	OLD=$R && refresh "$R" && expect 200 &&
	R=$(json .refresh_token) T=$(json .access_token)
}

# Moves the use of all used tokens into the past, beyond the 10 s grace period.
past_grace() {
	em_sql 'UPDATE refresh_token SET spent_at = spent_at - 11000
	    WHERE spent_at IS NOT NULL'
}

alive() {
	api GET /user/profile -t "$1" && expect 200
}

dead() {
	api GET /user/profile -t "$1" && expect 401 token_invalid
}

test_expect_success 'a refresh token returns a new pair of tokens' '
	person ana && sign_in && first=$T && rotate &&
	check_json "keys == [\"access_token\", \"expires_in\", \"refresh_token\",
	    \"token_type\"] and .token_type == \"Bearer\" and .expires_in == 900" &&
	test "$(header Cache-Control)" = no-store &&
	test "$R" != "$OLD" && test "$T" != "$first" &&
	alive "$T" && alive "$first"
'

test_expect_success 'repeated refreshes keep the same login session' '
	sign_in && device=$(em_sql "SELECT max(id) FROM device_session") &&
	for n in 1 2 3 4 5; do rotate || return 1; done &&
	test "$(em_sql "SELECT max(id) FROM device_session")" = "$device" &&
	test "$(em_sql "SELECT count(*) FROM refresh_token
	    WHERE session_id = $device")" = 6 && alive "$T"
'

test_expect_success 'a session that is used ends auth.session_ttl seconds after the sign-in' '
	sign_in && device=$(em_sql "SELECT max(id) FROM device_session") &&
	em_sql "UPDATE device_session SET created_at = created_at - 7999880000
	    WHERE id = $device" && rotate && check_json ".expires_in <= 120" &&
	alive "$T" && em_sql "UPDATE device_session SET created_at =
	    created_at - 120000 WHERE id = $device" &&
	refresh "$R" && expect 401 token_invalid
'

test_expect_success 'refresh tokens are stored as hashes' '
	em_sql "SELECT hex(hash) FROM refresh_token" >hashes &&
	raw=$(printf %s= "$R" | tr _- /+ | base64 -d 2>/dev/null |
	    od -An -v -tx1 | tr -d " \n") &&
	test ${#raw} = 64 && ! grep -qi "$raw" hashes &&
	grep -qi "$(printf %s= "$R" | tr _- /+ | base64 -d 2>/dev/null |
	    sha256sum | cut -c1-64)" hashes
'

test_expect_success 'a repeat within ten seconds returns the same pair' '
	sign_in && refresh "$R" && expect 200 && json . >one &&
	refresh "$R" && expect 200 && json . >two &&
	refresh "$R" && expect 200 && json . >three &&
	jq "del(.expires_in)" one >a && jq "del(.expires_in)" two >b &&
	jq "del(.expires_in)" three >c && test_cmp a b && test_cmp a c &&
	R=$(jq -r .refresh_token two) && rotate && alive "$T"
'

test_expect_success 'a repeat after ten seconds returns a new pair and keeps the session' '
	sign_in && rotate && lost=$R && past_grace &&
	refresh "$OLD" && expect 200 && R=$(json .refresh_token) &&
	test "$R" != "$lost" && json . >one &&
	refresh "$OLD" && expect 200 && json . >two &&
	jq "del(.expires_in)" one >a && jq "del(.expires_in)" two >b &&
	test_cmp a b && rotate && alive "$T"
'

test_expect_success 'a repeat is possible at any age, several times' '
	sign_in && rotate && lost=$OLD &&
	for n in 1 2 3; do
		em_sql "UPDATE refresh_token SET spent_at = spent_at - 2591000000,
		    expires_at = expires_at - 2591000000
		    WHERE session_id = (SELECT max(id) FROM device_session)" &&
		refresh "$lost" && expect 200 && R=$(json .refresh_token) ||
		    return 1
	done && rotate && alive "$T" &&
	refresh "$lost" && expect 401 refresh_reused && dead "$T"
'

test_expect_success 'a reuse is a security event, and notifies the user once' '
	count() {
		em_sql "SELECT (SELECT count(*) FROM security_log WHERE kind = 12),
		    (SELECT count(*) FROM notification
		    WHERE data LIKE \"%account.refresh_reused%\")"
	} &&
	em_sql "DELETE FROM security_log; DELETE FROM notification" &&
	sign_in && rotate && rotate && test "$(count)" = "0|0" && first=$OLD &&
	rotate && refresh "$first" && expect 401 refresh_reused &&
	refresh "$first" && expect 401 refresh_reused &&
	test "$(count)" = "1|1" && sign_in && api GET /user/security -t "$T" &&
	check_json "[.events[].kind] | index(\"refresh_reused\") != null"
'

test_expect_success 'using a replaced successor ends the login session' '
	sign_in && other=$R && sign_in && rotate && replaced=$R && past_grace &&
	refresh "$OLD" && expect 200 && R=$(json .refresh_token) &&
	refresh "$replaced" && expect 401 refresh_reused &&
	test "$(header WWW-Authenticate)" = Bearer &&
	dead "$T" && refresh "$R" && expect 401 token_invalid &&
	refresh "$OLD" && expect 401 refresh_reused &&
	refresh "$other" && expect 200
'

test_expect_success 'reuse ends the session at once if the successor was already used' '
	sign_in && rotate && parent=$OLD && rotate &&
	refresh "$parent" && expect 401 refresh_reused &&
	dead "$T" && refresh "$R" && expect 401
'

test_expect_success 'reuse of an old token invalidates all tokens that follow it' '
	sign_in && old=$R && rotate && a=$T && rotate && b=$T && rotate && c=$T &&
	refresh "$old" && expect 401 refresh_reused &&
	for t in $a $b $c; do dead $t || return 1; done &&
	for n in 1 2; do refresh "$R" && expect 401 || return 1; done &&
	refresh "$OLD" && expect 401
'

test_expect_success 'a session that ended by reuse stays ended after a restart' '
	device=$(em_sql "SELECT max(id) FROM device_session") &&
	test "$(em_sql "SELECT revoked_at IS NOT NULL FROM device_session
	    WHERE id = $device")" = 1 &&
	for pid in $(em_workers auth) $(em_workers user); do
		kill -9 "$pid" || return 1
	done && sleep 1 && refresh "$R" && expect 401 && dead "$T"
'

test_expect_success '50 simultaneous refreshes return one pair and end no session' '
	sign_in && obj refresh_token="$R" >once &&
	before=$(em_sql "SELECT count(*) FROM refresh_token") &&
	seq 50 | xargs -P 50 -I N curl -s -o many.N -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @once \
	    "$URL/auth/refresh-token" | sort | uniq -c | tr -s " " >out &&
	echo " 50 200" >want && test_cmp want out &&
	jq -r .refresh_token many.* | sort -u >new && test "$(wc -l <new)" = 1 &&
	jq -r .access_token many.* | sort -u >access &&
	test "$(wc -l <access)" = 1 && alive "$(cat access)" &&
	test "$(em_sql "SELECT count(*) FROM refresh_token")" = $((before + 1)) &&
	R=$(cat new) && rotate && alive "$T"
'

test_expect_success '50 simultaneous repeats after ten seconds return one pair' '
	sign_in && rotate && past_grace && obj refresh_token="$OLD" >once &&
	seq 50 | xargs -P 50 -I N curl -s -o many.N -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @once \
	    "$URL/auth/refresh-token" | sort | uniq -c | tr -s " " >out &&
	echo " 50 200" >want && test_cmp want out &&
	jq -r .refresh_token many.* | sort -u >new && test "$(wc -l <new)" = 1 &&
	test "$(cat new)" != "$R" && R=$(cat new) && rotate && alive "$T"
'

test_expect_success '50 simultaneous reuses of a token whose successor was used end the session' '
	sign_in && rotate && parent=$OLD && rotate && past_grace &&
	obj refresh_token="$parent" >once &&
	seq 50 | xargs -P 50 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @once \
	    "$URL/auth/refresh-token" | sort | uniq -c | tr -s " " >out &&
	echo " 50 401" >want && test_cmp want out && dead "$T"
'

test_expect_success 'simultaneous refreshes with two tokens leave one valid token' '
	for round in 1 2 3 4 5; do
		sign_in && rotate && obj refresh_token="$OLD" >old.json &&
		obj refresh_token="$R" >new.json &&
		for f in old new old new old new; do echo $f; done |
		    xargs -P 6 -I F curl -s -o /dev/null \
		    -H "Content-Type: application/json" -d @F.json \
		    "$URL/auth/refresh-token" &&
		device=$(em_sql "SELECT max(id) FROM device_session") &&
		test "$(em_sql "SELECT count(*) FROM refresh_token
		    WHERE session_id = $device AND spent_at IS NULL")" = 1 ||
		    return 1
	done
'

test_expect_success 'an expired refresh token returns 401' '
	sign_in && em_sql "UPDATE refresh_token SET expires_at = 1
	    WHERE session_id = (SELECT max(id) FROM device_session)" &&
	refresh "$R" && expect 401 token_invalid && alive "$T"
'

test_expect_success 'logout invalidates the refresh token at once' '
	sign_in && api POST /auth/logout -t "$T" && expect 204 &&
	test ! -s "$body" && refresh "$R" && expect 401 token_invalid &&
	dead "$T" && api POST /auth/logout -t "$T" && expect 401
'

test_expect_success 'a banned account gets 403 for its refresh token' '
	person ben && sign_in ben &&
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_ben" &&
	refresh "$R" && expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_ben" &&
	refresh "$R" && expect 200
'

test_expect_success 'values that are not refresh tokens return 401' '
	sign_in &&
	for bad in x "$T" "${R%?}" "${R}A" "$R=" " $R" "$(echo "$R" | tr a-z A-Z)" \
	    "$(printf %043d 0)" "$(printf %0512d 0)" "null" "%00"; do
		refresh "$bad" && expect 401 token_invalid || return 1
	done &&
	api GET /user/profile -t "$R" && expect 401 token_invalid &&
	refresh "$R" && expect 200
'

test_expect_success 'a refresh token with other unused bits in its last character returns 401' '
	sign_in && last=$(printf %s "$R" | tail -c 1) &&
	letters=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ &&
	before=${letters%%"$last"*} && at=${#before} &&
	next=$(printf %s "$letters" | cut -c$((at + 2))) &&
	refresh "${R%?}$next" && expect 401 token_invalid && refresh "$R" && expect 200
'

test_expect_success 'POST /auth/refresh-token rejects invalid bodies' 'bodies_refused refresh-token'

test_expect_success 'POST /auth/refresh-token rejects invalid members' '
	refuse_each refresh-token 400 validation_failed <<-\END &&
	{"refresh_token":""}
	{"refresh_token":null}
	{"refresh_token":1}
	{"refresh_token":["x"]}
	{"refresh_token":{}}
	{"refresh_token":false}
	{"refreshToken":""}
	{"refresh_token":"x","refreshToken":"x"}
	{"RefreshToken":"x"}
	END
	refresh "$(printf %0513d 0)" && expect 400 validation_failed
'

test_expect_success 'jobs delete expired refresh tokens and sessions without tokens' '
	devices=$(em_sql "SELECT count(*) FROM device_session") &&
	em_jobs "$(date -u -d "+40 days" +%FT%TZ)" &&
	test "$(em_sql "SELECT count(*) FROM refresh_token")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM device_session")" = 0 &&
	test "$devices" -gt 5
'

test_done
