#!/bin/sh
test_description='clients: the demo returns what the documented examples print'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_temp
(umask 077 && echo 5CFd2fd1755d40ecb72977518be15d3b >"$EM_TEMP/certificate" &&
    echo callback-secret >"$EM_TEMP/callback")
em_conf rtc.provider=agora
em_conf rtc.agora_app_id=970CA35de60c44645bbae8a215061b33
em_conf "rtc.agora_certificate_file=$EM_TEMP/certificate"
em_conf "rtc.agora_callback_file=$EM_TEMP/callback"
em_conf calls.ring_seconds=20
# A slow machine must not look like an outage.
em_conf calls.gap=86400
em_conf calls.lost_after=86400
em_conf auth.otp_resend_interval=0
# shellcheck disable=SC2034
EM_DATA=yes
em_start

# examples NAME: succeeds if each example returns what is printed.
examples() {
	/usr/bin/python3 "$EM_SRC/t/clients/examples.py" "$URL" "$EM_STATE" "$1" \
	    >out 2>&1 && test_must_be_empty out || {
		note "$(cat out)"
		return 1
	}
}

# The activity log contains favorites of all kinds, so destinations are first.
for name in 'destination favorites' 'studio favorites' 'flyer favorites' \
    'listener favorites' 'listener app'; do
	test_expect_success "each example of the $name returns what is printed" \
	    "examples '$name'"
done

test_expect_success 'the listeners of the demo have pictures, and counts that match their reviews' '
	test "$(em_sql "SELECT count(*) > 30, count(u.image) = count(*),
	    total(l.rating_count <> (SELECT count(*) FROM review AS r
		WHERE r.listener_id = l.user_id)),
	    total(l.rating_sum <> (SELECT total(rating) FROM review AS r
		WHERE r.listener_id = l.user_id))
	    FROM listener AS l JOIN user AS u ON u.id = l.user_id
	    WHERE l.verification = 1")" = "1|1|0.0|0.0"
'

test_expect_success 'the demo has a ranking of each kind, with complete cards' '
	em_stop_jobs && em_jobs "$(date -u -d "+1 hour" +%Y-%m-%dT%H:%M:%SZ)" >out &&
	for kind in listener flyer destination style creative document; do
		api GET "/api/v1/popular?kind=$kind&window=30d" && expect 200 &&
		check_json "(.items | length) > 3 and
		    all(.items[]; .is_favorited == false and
		    (.card | length) > 6)" || return 1
	done
'

# Control: the comparison must be able to fail.
test_expect_success 'another response is reported' '
	mkdir -p t/clients sql && ln -s "$EM_SRC/sql/demo" sql/demo &&
	cp "$EM_SRC/t/clients/examples.py" t/clients/ &&
	sed "s/\"favorites_count\": 1342/\"favorites_count\": 1/
	    s/\"status\": 422/\"status\": 400/
	    s/\"message\": \"Destination removed/\"message\": \"x/" \
	    "$EM_SRC/t/clients/examples.json" >t/clients/examples.json &&
	! /usr/bin/python3 t/clients/examples.py "$URL" "$EM_STATE" \
	    "destination favorites" >out &&
	grep -q "favorites_count is 134[0-9], not 1\$" out &&
	grep -q "status 422, not 400" out &&
	grep -q "body.message is \"Destination removed from Favorites\"" out
'

test_done
