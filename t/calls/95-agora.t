#!/bin/sh
# npm installs the library of Agora for this test only.
test_description='calls: Agora tokens and notifications'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

app=970CA35de60c44645bbae8a215061b33
certificate=5CFd2fd1755d40ecb72977518be15d3b
em_temp
(umask 077 && echo $certificate >"$EM_TEMP/certificate" &&
    echo callback-secret >"$EM_TEMP/callback")
em_conf rtc.provider=agora
em_conf rtc.agora_app_id=$app
em_conf "rtc.agora_certificate_file=$EM_TEMP/certificate"
em_conf "rtc.agora_callback_file=$EM_TEMP/callback"
em_conf limits.write_rate=0
em_conf calls.rings=0
em_conf calls.rings_hour=0
em_conf calls.rings_total=0
em_conf billing.free_seconds=0
em_start
em_stop_jobs	# they would change sessions between two steps of a test

packages=$EM_BUILD/t/npm-agora
npm_fetch "$packages" "$EM_SRC"/t/npm/agora/* && test_set_prereq AGORA

# token_has TOKEN FILTER: succeeds if the contents that Agora's library reads from
# TOKEN match FILTER.
token_has() {
	test_have_prereq AGORA || return 0
	node "$packages/agora.js" $certificate "$1" >token.json &&
	jq -e "$2" token.json >jq.out || {
		note "not $2: $(cat token.json)"
		return 1
	}
}

# ring: cat calls lis. take: lis accepts.
ring() {
	api POST /presence/update -t "$TOKEN_lis" '{"status":"online"}' &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) channel=$(json .channel_name)
}
take() {
	ring && step lis accept && s=$(json .session_id)
}
step() {
	api POST "/call/$2" -t "$(token_of "$1")" "{\"callId\":$call}" &&
	expect 200
}

# began SECONDS: moves the start of the call SECONDS into the past.
began() {
	ago "$1" && em_sql "UPDATE call SET accepted_at = (SELECT started_at
	    FROM session WHERE id = $s), created_at = created_at - $1 * 1000
	    WHERE id = $call"
}

# notify TYPE NAME SEQ AGO [ID [REASON]]: sends an Agora notification of AGO
# seconds ago. AGO @N: N seconds after the start of the session $s. NAME - omits
# the user. Sets $at, in Unix time.
notices=0
notify() {
	notices=$((notices + 1))
	case $4 in
	@*) at=$(($(row started_at) / 1000 + ${4#@})) ;;
	*) at=$(($(date +%s) - $4)) ;;
	esac
	who=$([ "$2" = - ] || echo ",\"uid\":$(id_of "$2")")
	printf '{"noticeId":"%s","productId":1,"eventType":%d,"notifyMs":%d,"payload":{"channelName":"%s","ts":%d,"clientSeq":%d,"reason":%d,"platform":1%s}}' \
	    "${5:-n$notices}" "$1" "${at}000" "$channel" "$at" "$3" "${6:-0}" \
	    "$who" \
	    >notice
	send notice
}
# send FILE [SECRET]: sends a signed notification.
send() {
	api POST /agora/callback -H "Agora-Signature-V2: $(openssl dgst \
	    -sha256 -hmac "${2:-callback-secret}" -r <"$1" | cut -c 1-64)" \
	    -H 'Content-Type: application/json' "@$1"
}
notify_ok() {
	notify "$@" && expect 200 && check_json .received
}
state() {
	em_sql "SELECT state FROM call WHERE id = $call"
}
# jobs_at TIME: runs the jobs at a Unix time in seconds.
jobs_at() {
	em_jobs "$(date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ)" >jobs.out
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user cat && em_user dan && listener lis 600 &&
	fund cat 6000
'

test_expect_success 'a ringing call has no token' '
	ring && check_json ".rtc == {provider: \"agora\", app_id: \"$app\",
	    channel: \"$channel\"}" &&
	for who in cat lis; do
		api POST /agora/token -t "$(token_of $who)" \
		    "{\"channelName\":\"$channel\"}" &&
		expect 409 call_state && check_json ".state == \"ringing\"" ||
		    return 1
	done
'

test_expect_success 'the listener gets a token by accepting, the caller by the event' '
	step lis accept && s=$(json .session_id) &&
	token_has "$(json .rtc.token)" ".app_id == \"$app\" and .services == 1 and
	    .channel == \"$channel\" and .uid == \"$ID_lis\" and
	    (.privileges | keys) == [\"1\", \"2\", \"4\"] and
	    (.privileges | all(. > 290 and . <= 300)) and
	    .expire > 290 and .expire <= 300" &&
	api GET "/events?after=0" -t "$TOKEN_cat" && expect 200 &&
	token_has "$(json ".events[] | select(.type == \"call.accepted\") |
	    .data.rtc.token")" ".uid == \"$ID_cat\" and .expire <= 300 and
	    .expire > 290"
'

test_expect_success 'POST /agora/token accepts JSON and forms, of both users only' '
	api POST /agora/token -t "$TOKEN_cat" \
	    "{\"channelName\":\"$channel\",\"uid\":$ID_cat}" && expect 200 &&
	check_json ".uid == $ID_cat and .channel == \"$channel\"" &&
	token_has "$(json .token)" ".expire <= 300 and .expire > 290 and
	    (.privileges | keys) == [\"1\", \"2\", \"4\"]" &&
	api POST /agora/token -t "$TOKEN_lis" \
	    -H "Content-Type: application/x-www-form-urlencoded" \
	    "channelName=$channel&role=subscriber" && expect 200 &&
	token_has "$(json .token)" "(.privileges | keys) == [\"1\"] and
	    .uid == \"$ID_lis\"" &&
	api POST /agora/token -t "$TOKEN_dan" \
	    "{\"channelName\":\"$channel\"}" && expect 403 forbidden &&
	api POST /agora/token -t "$TOKEN_cat" \
	    "{\"channelName\":\"$channel\",\"uid\":$ID_lis}" &&
	expect 403 forbidden &&
	api POST /agora/token -t "$TOKEN_cat" "{\"channelName\":\"else\"}" &&
	expect 403 forbidden &&
	api POST /agora/token "{\"channelName\":\"$channel\"}" && expect 401 &&
	api POST /agora/token -t "$TOKEN_cat" "{\"channelName\":\"\"}" &&
	expect 400 validation_failed
'

test_expect_success 'POST /agora/token accepts the query, and uid 0' '
	encoded=$(printf %s "$channel" | jq -sRr @uri) &&
	api POST "/agora/token?channelName=$encoded&uid=0&role=subscriber" \
	    -t "$TOKEN_lis" && expect 200 && check_json ".uid == $ID_lis" &&
	token_has "$(json .token)" "(.privileges | keys) == [\"1\"]" &&
	api POST "/agora/token?channel_name=$encoded&uid=$ID_cat" \
	    -t "$TOKEN_cat" && expect 200 && check_json ".uid == $ID_cat" &&
	api POST /agora/token -t "$TOKEN_cat" \
	    "{\"channelName\":\"$channel\",\"uid\":0}" && expect 200 &&
	api POST "/agora/token?channelName=$encoded&uid=$ID_lis" \
	    -t "$TOKEN_cat" && expect 403 forbidden &&
	api POST "/agora/token?uid=0" -t "$TOKEN_cat" &&
	expect 400 validation_failed && check_json ".fields.channel_name"
'

test_expect_success 'only tokens of a video call allow sending video' '
	fund cat 2400 && step cat end &&
	em_sql "UPDATE listener SET rate_video = 600
	    WHERE user_id = $ID_lis" &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis,
	    \"kind\":\"video\"}" && expect 201 && call=$(json .call_id) &&
	channel=$(json .channel_name) && step lis accept &&
	s=$(json .session_id) &&
	all="(.privileges | keys) == [\"1\", \"2\", \"3\", \"4\"]" &&
	token_has "$(json .rtc.token)" "$all" &&
	api GET "/events?after=0&limit=500" -t "$TOKEN_cat" && expect 200 &&
	token_has "$(json "[.events[] | select(.type == \"call.accepted\" and
	    .data.call_id == $call) | .data.rtc.token][0]")" "$all" &&
	api POST /agora/token -t "$TOKEN_cat" \
	    "{\"channelName\":\"$channel\"}" && expect 200 &&
	token_has "$(json .token)" "$all" && step cat end &&
	for kind in audio video; do
		api POST /sessions/start -t "$TOKEN_cat" \
		    "{\"listenerId\":$ID_lis,\"kind\":\"$kind\"}" &&
		expect 201 && s=$(json .session_id) &&
		api POST /agora/token -t "$TOKEN_lis" \
		    "{\"channelName\":\"$(json .channel)\"}" && expect 200 &&
		token_has "$(json .token)" "(.privileges | has(\"3\")) ==
		    ($(row kind) == 1)" && end cat || return 1
	done && take
'

test_expect_success 'a top-up extends the token of a small balance' '
	step cat end && fund dan 1200 &&
	api POST /call/start -t "$TOKEN_dan" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) channel=$(json .channel_name) &&
	step lis accept && token_has "$(json .rtc.token)" ".expire <= 120 and
	    .expire > 110" && fund dan 6000 &&
	api POST /agora/token -t "$TOKEN_dan" \
	    "{\"channelName\":\"$channel\"}" &&
	token_has "$(json .token)" ".expire > 290 and .expire <= 300" &&
	step dan end && take
'

test_expect_success 'forged and malformed notifications change nothing' '
	printf "{\"noticeId\":\"f\",\"productId\":1,\"eventType\":102,\"payload\":{\"channelName\":\"%s\",\"ts\":%d}}" \
	    "$channel" "$(date +%s)" >forged &&
	send forged wrong && expect 400 webhook_signature_invalid &&
	api POST /agora/callback @forged && expect 400 &&
	api POST /agora/callback -H "Agora-Signature-V2: " @forged &&
	expect 400 &&
	signature=$(openssl dgst -sha256 -hmac callback-secret -r <forged |
	    cut -c 1-64) && printf " " >>forged &&
	api POST /agora/callback -H "Agora-Signature-V2: $signature" \
	    @forged && expect 400 &&
	printf "{\"noticeId\":" >broken && send broken &&
	expect 400 webhook_invalid &&
	[ "$(state)" = 1 ] && [ "$(em_sql "SELECT count(*) FROM call_media")" = 0 ]
'

test_expect_success 'the test notification of the Agora console returns 200' '
	printf "{\"noticeId\":\"t\",\"productId\":1,\"eventType\":103,\"payload\":{\"channelName\":\"test_webhook\",\"uid\":12121212,\"ts\":%d,\"clientSeq\":1}}" \
	    "$(date +%s)" >check && send check && expect 200
'

test_expect_success 'joins and leaves are stored once and ordered by clientSeq' '
	step cat end && take &&
	notify_ok 103 cat 10 0 c1 && notify_ok 103 cat 10 0 c1 &&
	notify_ok 107 lis 11 0 && began 300 &&
	notify_ok 104 lis 20 200 && notify_ok 103 lis 30 190 &&
	notify_ok 104 lis 25 195 && notify_ok 104 cat 40 150 &&
	notify_ok 104 dan 50 140 &&
	[ "$(em_sql "SELECT count(*) FROM call_media")" = 6 ] &&
	[ "$(party lis left_at)" = "" ] &&
	[ "$(party cat "left_at IS NOT NULL")" = 1 ] &&
	em_jobs >jobs.out && [ "$(state)" = 1 ]
'

test_expect_success 'an intentional leave ends the call at that time after 15 seconds' '
	notify_ok 104 lis 60 0 n60 1 && gone=$at && jobs_at $((gone + 14)) &&
	[ "$(state)" = 1 ] && jobs_at $((gone + 15)) && [ "$(state)" = 2 ] &&
	[ "$(em_sql "SELECT ended_at FROM session
	    WHERE id = $s")" = "${gone}000" ] &&
	api GET "/calls/$call" -t "$TOKEN_cat" &&
	check_json ".cause == \"listener\" and
	    (.cost / 600 | . >= \$minutes and . <= (\$minutes | floor) + 1)" \
	    --argjson minutes "$(json ".duration_seconds / 60")" && sound
'

test_expect_success 'the receipt lists joins and leaves, also late ones' '
	api GET "/sessions/$s/receipt" -t "$TOKEN_cat" && expect 200 &&
	check_json "(.media | length) == 7 and (.media[0] |
	    .who == \"customer\" and .what == \"joined\")" &&
	tag=$(header ETag) &&
	notify_ok 104 lis 70 1 &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_cat" \
	    -H "If-None-Match: $tag" && expect 200 &&
	check_json "(.media | length) == 8"
'

test_expect_success 'a party that rejoins within 15 seconds continues the call' '
	fund cat 60000 && take && notify_ok 103 cat 1 0 &&
	notify_ok 103 lis 2 0 && began 100 && notify_ok 104 lis 3 0 n3 12 &&
	notify_ok 103 lis 4 0 && later 20 && [ "$(state)" = 1 ]
'

test_expect_success 'leaves caused by the network do not end the call' '
	notify_ok 104 lis 5 0 n5 2 && notify_ok 104 cat 6 0 n6 10 &&
	notify_ok 102 - 0 0 && later 40 && [ "$(state)" = 1 ] && step cat end
'

test_expect_success 'billing starts when the second party joins' '
	take && began 20 && notify_ok 103 cat 1 @1 && notify_ok 103 lis 2 @12 &&
	[ "$(row billed_from)" = "${at}000" ] && jobs 46 &&
	[ "$(state)" = 1 ] && step cat end && check_json ".cost == 600" && sound
'

test_expect_success 'a call that only one party joins within 30 seconds fails at no cost' '
	take && notify_ok 103 cat 1 @1 && began 40 && jobs 44 &&
	[ "$(state)" = 1 ] && jobs 46 && [ "$(state)" = 2 ] &&
	is "11|0|0" "$(row "cause, cost, ended_at - billed_from")" && sound
'

test_expect_success 'a call without reports of the media network does not fail' '
	take && began 70 && jobs 71 && [ "$(state)" = 1 ] &&
	step cat end && check_json ".cost == 1200"
'

test_expect_success 'media_failed has no effect without WebRTC' '
	take && began 20 && api POST /call/end -t "$TOKEN_cat" \
	    "{\"call_id\":$call,\"reason\":\"media_failed\"}" && expect 200 &&
	check_json ".cause == \"customer\" and .cost == 600"
'

test_expect_success 'the channel proves the presence of a party that sends nothing' '
	em_stop && em_conf calls.lost_after=60 && em_start && em_stop_jobs &&
	take && notify_ok 103 cat 1 @1 && notify_ok 103 lis 2 @1 && began 500 &&
	seen cat 10 && seen lis 10 && em_jobs >jobs.out &&
	[ "$(state)" = 1 ] && notify_ok 104 lis 3 100 n31 2 &&
	em_jobs >jobs.out && [ "$(state)" = 2 ] &&
	is "9|${at}000" "$(row "cause, ended_at")" && sound
'

test_expect_success 'a notification with a time in the future bills nothing more' '
	take && notify_ok 103 cat 1 @1 && notify_ok 103 lis 2 @1 &&
	notify_ok 104 lis 3 -200 nf 1 && sent=$(date +%s) && later 20 &&
	[ "$(state)" = 2 ] && [ "$(row "ended_at / 1000")" -le "$sent" ] && sound
'

test_expect_success 'notifications of ended and unknown calls change nothing' '
	notify_ok 102 - 0 0 && notify_ok 103 cat 99 0 && channel=nowhere &&
	notify_ok 102 - 0 0 && notify_ok 104 cat 1 0 &&
	[ "$(em_sql "SELECT count(*) FROM call_live")" = 0 ] && sound
'

test_done
