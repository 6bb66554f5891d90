#!/bin/sh
# npm installs the library of Agora for this test only.
test_description='calls: when media credentials are issued'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

app=970CA35de60c44645bbae8a215061b33
certificate=5CFd2fd1755d40ecb72977518be15d3b
em_temp
(umask 077 && echo $certificate >"$EM_TEMP/certificate")
em_conf rtc.provider=agora
em_conf rtc.agora_app_id=$app
em_conf "rtc.agora_certificate_file=$EM_TEMP/certificate"
em_conf limits.write_rate=0
em_conf calls.rings=0
em_conf calls.rings_hour=0
em_conf calls.rings_total=0
em_conf billing.free_seconds=0
em_start

packages=$EM_BUILD/t/npm-agora
npm_need "$packages" "$EM_SRC"/t/npm/agora/*

# keep: stores the response. tokens: decodes all tokens of the stored responses
# with Agora's library, one JSON object per line.
keep() {
	kept=$((${kept:-0} + 1)) && cp "$body" "kept.$kept"
}
tokens() {
	cat kept.* 2>/dev/null | grep -o '007[A-Za-z0-9+/=]*' | sort -u |
	while read -r token; do
		node "$packages/agora.js" $certificate "$token" || exit 1
	done >decoded
	rm -f kept.*
	cat decoded
}
# none, all FILTER: the stored responses have no token; or some tokens, which all
# match FILTER.
none() {
	tokens >tokens.json && [ ! -s tokens.json ] ||
	    { note "$(cat tokens.json)"; false; }
}
all() {
	tokens >tokens.json && [ -s tokens.json ] &&
	jq -se "all($1)" tokens.json >jq.out ||
	    { note "not $1: $(cat tokens.json)"; false; }
}

# ask NAME: stores what each endpoint returns to NAME about the call, and what a
# new realtime connection receives.
ask() {
	who=$(token_of "$1")
	api GET "/calls/$call" -t "$who" && keep &&
	api GET "/events?after=0&limit=500" -t "$who" && expect 200 && keep &&
	api GET "/calls/history" -t "$who" && keep &&
	api POST /agora/token -t "$who" "{\"channelName\":\"$channel\"}" &&
	keep &&
	{
		curl -sN --max-time 1 -H "Authorization: Bearer $who" \
		    -H 'Accept: text/event-stream' \
		    "$URL/realtime?after=0" >"$body"
		grep -q '^event: ' "$body"
	} && keep
}
accept() {
	api POST /call/accept -t "$TOKEN_lis" "{\"callId\":$call}" &&
	expect 200 && s=$(json .session_id)
}
ring() {
	api POST /presence/update -t "$TOKEN_lis" '{"status":"online"}' &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) channel=$(json .channel_name)
}
in_seconds() {
	date -u -d "+$1 seconds" +%Y-%m-%dT%H:%M:%SZ
}
# credentials NAME: prints the events call.credential of NAME.
credentials() {
	api GET "/events?after=0&limit=500" -t "$(token_of "$1")" &&
	jq -c '.events[] | select(.type == "call.credential") | .data' "$body"
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user cat && listener lis 600 && fund cat 600000
'

test_expect_success 'a ringing call has no token anywhere' '
	ring && keep && ask cat && ask lis && none &&
	api GET "/events?after=0" -t "$TOKEN_lis" &&
	check_json ".events[-1].data.rtc == {provider: \"agora\",
	    app_id: \"$app\", channel: \"$channel\"}" &&
	[ "$(em_sql "SELECT tokens_until FROM session")" = "" ]
'

test_expect_success 'after accept each party has tokens of at most token_ttl' '
	accept && keep && ask lis && ask cat &&
	all ".channel == \"$channel\" and .expire > 280 and .expire <= 300 and
	    (.privileges | all(. <= 300))" &&
	jq -s "map(.uid) | unique" tokens.json | jq -e "length == 2" >jq.out
'

test_expect_success 'no token is stored' '
	[ "$(em_sql "SELECT count(*) FROM event WHERE data LIKE '\''%token%'\''
	    OR data LIKE '\''%007%'\''")" = 0 ] &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE data LIKE '\''%token%'\''")" = 0 ]
'

test_expect_success 'both parties get call.credential before their token expires' '
	em_jobs "$(in_seconds 230)" >jobs && credentials cat >list &&
	[ ! -s list ] &&
	em_jobs "$(in_seconds 245)" >jobs &&
	grep -qx "call-credential 1" jobs &&
	for who in cat lis; do
		credentials $who >list && jq -e ".call_id == $call and
		    .session_id == $s and .rtc.channel == \"$channel\" and
		    .rtc.token" list || return 1
	done >jq.out &&
	em_jobs "$(in_seconds 480)" >jobs && credentials cat >list &&
	[ "$(wc -l <list)" = 1 ] &&
	em_jobs "$(in_seconds 486)" >jobs && credentials cat >list &&
	[ "$(wc -l <list)" = 2 ]
'

test_expect_success 'another device of the caller gets no token from the events' '
	api GET "/events?after=0" -t "$TOKEN_cat" && tag=$(header ETag) &&
	api GET "/events?after=0" -t "$TOKEN_cat" -H "If-None-Match: $tag" &&
	expect 304 && mine=$TOKEN_cat && em_login cat &&
	api GET "/events?after=0" -t "$TOKEN_cat" -H "If-None-Match: $tag" &&
	expect 200 && keep && api GET "/calls/$call" -t "$TOKEN_cat" && keep &&
	none && TOKEN_cat=$mine
'

test_expect_success 'after the end no endpoint and no replay has a token' '
	api POST /call/end -t "$TOKEN_cat" "{\"callId\":$call}" && expect 200 &&
	keep && ask cat && ask lis && none &&
	credentials cat >list && jq -e "has(\"rtc\") | not" list >jq.out &&
	em_jobs "$(in_seconds 900)" >jobs && ! grep -q "call-credential [1-9]" jobs
'

test_expect_success 'a ban ends the tokens of both parties' '
	ring && accept && keep && all "true" &&
	api POST /admin/ban-user -t "$TOKEN_adm" "{\"user_id\":$ID_cat,
	    \"reason\":\"test\"}" && expect 200 && ask lis && none &&
	api POST /agora/token -t "$TOKEN_cat" \
	    "{\"channelName\":\"$channel\"}" && expect 403 &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_cat}" &&
	expect 200 && em_login cat
'

test_expect_success 'no token outlives the money' '
	em_user eve && fund eve 1500 &&
	api POST /call/start -t "$TOKEN_eve" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) channel=$(json .channel_name) &&
	accept && keep && ask eve && ask lis &&
	all ".expire <= 120 and .expire > 100" &&
	em_jobs "$(in_seconds 100)" >jobs &&
	! grep -q "call-credential [1-9]" jobs &&
	fund eve 6000 && em_jobs "$(in_seconds 60)" >jobs &&
	grep -qx "call-credential 1" jobs &&
	credentials eve >list && [ "$(wc -l <list)" = 1 ] &&
	api POST /call/end -t "$TOKEN_lis" "{\"callId\":$call}" && expect 200
'

test_expect_success 'without Agora only accepted calls have TURN credentials' '
	(umask 077 && echo turn-secret >"$EM_TEMP/turn") &&
	em_stop && em_conf rtc.provider=webrtc &&
	em_conf rtc.stun_urls=stun:127.0.0.1:3478 &&
	em_conf rtc.turn_urls=turn:127.0.0.1:3478 &&
	em_conf "rtc.turn_secret_file=$EM_TEMP/turn" && em_start && ring &&
	check_json ".rtc == {provider: \"webrtc\", channel: \"$channel\",
	    ice_servers: [{urls: [\"stun:127.0.0.1:3478\"]}]}" &&
	api GET "/events?after=0" -t "$TOKEN_lis" &&
	check_json ".events[-1].data.rtc.ice_servers | length == 1" &&
	accept && check_json ".rtc.ice_servers | length == 2 and
	    (.[1].username | split(\":\")[0] | tonumber) <= now + 300" &&
	api GET "/events?after=0" -t "$TOKEN_cat" &&
	check_json "[.events[] | select(.type == \"call.accepted\")][-1] |
	    .data.rtc.ice_servers | length == 2" &&
	api POST /call/end -t "$TOKEN_cat" "{\"callId\":$call}" && expect 200 &&
	api GET "/events?after=0" -t "$TOKEN_cat" &&
	check_json "[.events[] | select(.data.rtc.ice_servers[1]?)] == []"
'

test_done
