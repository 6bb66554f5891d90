#!/bin/sh
test_description='calls: bans from the channels of Agora'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-payment-doubles.sh
. "$EM_SRC/t/lib-payment-doubles.sh"

app=970CA35de60c44645bbae8a215061b33
double agora
em_temp
(umask 077 && echo 5CFd2fd1755d40ecb72977518be15d3b >"$EM_TEMP/certificate" &&
    echo customer-secret >"$EM_TEMP/customer")
em_conf rtc.provider=agora
em_conf rtc.agora_app_id=$app
em_conf "rtc.agora_certificate_file=$EM_TEMP/certificate"
em_conf "rtc.agora_url=http://127.0.0.1:$PORT_agora"
em_conf rtc.agora_customer_id=customer-id
em_conf "rtc.agora_customer_file=$EM_TEMP/customer"
em_conf limits.write_rate=0
em_conf calls.rings=0
em_conf calls.rings_hour=0
em_conf calls.rings_total=0
em_conf billing.free_seconds=0
em_start

# rule METHOD [JSON] [CURL-OPTION...]: sends a request as Agora's examples do.
# Sets $code to the status.
json_type='Content-Type: application/json'
rule() {
	rule_method=$1 rule_body=$2
	shift "$(($# > 1 ? 2 : 1))"
	code=$(curl -s -o answer -w '%{http_code}' -X "$rule_method" \
	    --user customer-id:customer-secret -H "${rule_type:-$json_type}" \
	    "$@" ${rule_body:+-d "$rule_body"} \
	    "http://127.0.0.1:$PORT_agora/dev/v1/kicking-rule$rule_query")
}
# too_many: succeeds if the double rejects some of 40 requests. One process sends
# them on one connection, so they arrive within a second.
too_many() {
	curl -s --user customer-id:customer-secret -H "$json_type" -d "{" \
	    "http://127.0.0.1:$PORT_agora/dev/v1/kicking-rule?n=[1-40]" >answer
	grep -q "Too many requests" answer
}
# has FILTER: succeeds if the state of the double matches. comes: waits for it.
has() {
	control agora GET state && jq -e "$1" "$reply" >jq.out
}
comes() {
	comes_filter=$1
	em_until 'has "$comes_filter"' || { note "$(cat "$reply")"; false; }
}
# settled: waits until no ban is due.
settled() {
	em_until '[ "$(em_sql "SELECT count(*) FROM media_ban
	    WHERE state IN (0, 2)")" = 0 ]'
}
fault() {
	control agora POST fault "$1"
}
step() {
	api POST "/call/$2" -t "$(token_of "$1")" "{\"callId\":$call}" &&
	expect 200
}
ring() {
	api POST /presence/update -t "$TOKEN_lis" '{"status":"online"}' &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) channel=$(json .channel_name)
}
take() {
	ring && step lis accept && s=$(json .session_id)
}
# tokens_end MS: the tokens of the session end MS after its start. The jobs would
# renew them, so the money ends at the same time.
tokens_end() {
	em_sql "UPDATE session SET tokens_until = started_at + $1,
	    lasts_until = started_at + $1, low_balance_notified = 1
	    WHERE id = $s"
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user cat && listener lis 600 && fund cat 600000
'

test_expect_success 'the double of Agora accepts and rejects what Agora documents' '
	good="\"appid\":\"$app\",\"cname\":\"room\",\"uid\":589517928" &&
	only="\"privileges\":[\"join_channel\"]" &&
	rule POST "{$good,\"time_in_seconds\":60,$only}" && [ "$code" = 200 ] &&
	jq -e ".status == \"success\" and (.id | type) == \"number\"" answer &&
	id=$(jq .id answer) &&
	rule_query="?appid=$app" && rule GET && rule_query= &&
	jq -e ".rules[0] | .id == $id and .cname == \"room\" and
	    .uid == 589517928" answer &&
	rule DELETE "{\"appid\":\"$app\",\"id\":$id}" && [ "$code" = 200 ] &&
	rule POST "{$good,\"time_in_seconds\":5,$only}" &&
	has ".rules[0].seconds == 10" && id=$(jq .id answer) &&
	rule DELETE "{\"appid\":\"$app\",\"id\":$id}" &&
	rule POST "{$good,\"time_in_seconds\":0,$only}" && [ "$code" = 200 ] &&
	has "(.rules | length) == 0 and (.kicked | length) == 1" && sleep 1 &&
	for bad in "{$good,\"time_in_seconds\":\"60\",$only}" "{$good}" \
	    "{$good,\"seconds\":60,$only}" \
	    "{$good,\"privileges\":[\"leave\"]}" "{\"appid\":\"$app\",$only}" \
	    "{\"appid\":\"$app\",\"uid\":\"7\",$only}" \
	    "{\"appid\":\"$app\",\"uid\":0,$only}" "{"; do
		rule POST "$bad" && [ "$code" = 400 ] || return 1
	done && sleep 1 &&
	rule POST "{$good,$only}" --user customer-id:wrong && [ "$code" = 401 ] &&
	rule_type="Content-Type: text/plain" && rule POST "{$good,$only}" &&
	[ "$code" = 415 ] && rule_type= &&
	em_until "too_many" && sleep 1 && control agora DELETE log
'

test_expect_success 'the end of a call bans both parties for the rest of their tokens' '
	take && em_sql "UPDATE session SET tokens_until = tokens_until - 100000
	    WHERE id = $s" && step cat end &&
	comes "(.rules | length) == 2" &&
	has "(.rules | map(.uid) | sort) == [$ID_cat, $ID_lis] and
	    (.rules | all(.cname == \"$channel\" and .ip == null and
	    .privileges == [\"join_channel\"] and .seconds <= 200 and
	    .seconds > 100))" &&
	[ "$(asked agora "map(select(.status != 200)) | length")" = 0 ] &&
	[ "$(em_sql "SELECT count(*) FROM media_ban WHERE state = 1
	    AND rule_id > 0")" = 2 ]
'

test_expect_success 'the bans are deleted if the two users call again' '
	ring && comes "(.rules | length) == 0" && settled && step cat cancel
'

test_expect_success 'a call that was not accepted bans no user' '
	ring && step lis reject && settled && has "(.rules | length) == 0" &&
	[ "$(em_sql "SELECT count(*) FROM media_ban WHERE channel = '\''$channel'\''")" = 0 ]
'

test_expect_success 'less than ten seconds only remove the user from the channel' '
	take && tokens_end 9000 && step lis end && settled &&
	has "(.rules | length) == 0 and
	    ([.kicked[] | select(.cname == \"$channel\")] | length) == 2"
'

test_expect_success 'a call whose tokens have expired bans no user' '
	take && tokens_end 0 && step lis end &&
	[ "$(em_sql "SELECT count(*) FROM media_ban WHERE channel = '\''$channel'\''")" = 0 ]
'

test_expect_success 'a ban of an account bans both parties' '
	take && api POST /admin/ban-user -t "$TOKEN_adm" "{\"user_id\":$ID_cat,
	    \"reason\":\"test\"}" && expect 200 &&
	comes "(.rules | map(.uid) | sort) == [$ID_cat, $ID_lis]" &&
	api POST /admin/unban-user -t "$TOKEN_adm" "{\"user_id\":$ID_cat}" &&
	expect 200 && em_login cat && ring && comes "(.rules | length) == 0" &&
	step cat cancel
'

test_expect_success 'a ban is retried, and rules of lost responses are deleted too' '
	take && fault "{\"what\":\"status\",\"status\":503,\"times\":2}" &&
	fault "{\"what\":\"lose\",\"method\":\"POST\",\"times\":1}" &&
	step cat end && settled &&
	has "(.rules | map(.uid) | unique | length) == 2" &&
	[ "$(em_sql "SELECT count(*) FROM media_ban WHERE state = 1
	    AND channel = '\''$channel'\''")" = 2 ] &&
	ring && comes "(.rules | length) == 0" && step cat cancel
'

test_expect_success 'a ban that is being created is deleted after the next call' '
	settled && take &&
	fault "{\"what\":\"hang\",\"method\":\"POST\",\"seconds\":4,\"times\":1}" &&
	step cat end && em_until "[ \"\$(em_sql \"SELECT count(*)
	    FROM media_ban WHERE leased_until > 0 AND state = 0\")\" -ge 1 ]" &&
	ring && settled && has "(.rules | length) == 0" && step cat cancel
'

test_expect_success 'a ban is given up when the tokens have expired' '
	take && fault "{\"what\":\"status\",\"status\":500,\"times\":100}" &&
	step cat end && em_until "[ \"\$(em_sql \"SELECT count(*)
	    FROM media_ban WHERE error LIKE '\''500%'\''\")\" -ge 1 ]" &&
	em_sql "UPDATE media_ban SET expires_at = 1, due_at = 1
	    WHERE state = 0" && settled && control agora DELETE fault &&
	[ "$(em_sql "SELECT count(*) FROM media_ban WHERE state = 3
	    AND channel = '\''$channel'\''")" = 2 ]
'

test_expect_success 'rows are deleted a day after their expiry' '
	em_jobs "$(date -u -d "+2 days" +%Y-%m-%dT%H:%M:%SZ)" >jobs &&
	[ "$(em_sql "SELECT count(*) FROM media_ban")" = 0 ]
'

test_done
