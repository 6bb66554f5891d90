#!/bin/sh
test_description='clients: the listener app'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-clients.sh
. "$EM_SRC/t/lib-clients.sh"

em_temp
(umask 077 && echo 5CFd2fd1755d40ecb72977518be15d3b >"$EM_TEMP/certificate")
em_conf rtc.provider=agora
em_conf rtc.agora_app_id=970CA35de60c44645bbae8a215061b33
em_conf "rtc.agora_certificate_file=$EM_TEMP/certificate"
em_conf limits.write_rate=0
em_conf calls.ring_seconds=15
em_start

test_expect_success 'setup: customers, listeners and an administrator' '
	em_user adm admin && em_user cara && em_user dan && em_user eve &&
	listener lena 600 && listener lev 500 &&
	em_sql "UPDATE listener SET languages = '\''hi'\'' WHERE user_id = $ID_lev;
	    INSERT INTO listener_language(language, user_id)
	    VALUES ('\''hi'\'', $ID_lev);
	    UPDATE user SET sex = '\''male'\'' WHERE id = $ID_lev" &&
	fund cara 100000 &&
	context adm cara dan eve lena lev -- --arg password "$EM_PASSWORD" \
	    --arg outbox "$EM_STATE/outbox.jsonl" \
	    --arg earmark "$EM_BUILD/earmark" --arg conf "$EM_STATE/earmark.conf" \
	    ". + {password: \$password, outbox: \$outbox, earmark: \$earmark,
	    conf: \$conf}"
'

# shellcheck disable=SC2034
client=listener_app.js
test_expect_success 'a user registers with a code and changes the profile' '
	scenario $client account
'

test_expect_success 'one renewal of the token serves all requests that failed' '
	scenario $client refresh
'

test_expect_success 'listeners are found by words, by filters and by id' '
	scenario $client discovery
'

test_expect_success 'a payment is credited after its confirmation' '
	scenario $client topup
'

test_expect_success 'a call rings by event, and both sides get tokens until its end' '
	scenario $client call
'

test_expect_success 'rejected, cancelled and missed calls reach the other side' '
	scenario $client unanswered
'

test_expect_success 'calls that are not possible are refused with a reason' '
	scenario $client refused
'

test_expect_success 'a direct session is listed for both sides' '
	scenario $client session
'

test_expect_success 'notifications, devices and tickets are stored' '
	scenario $client messages
'

test_expect_success 'administrators list users and ban one' '
	scenario $client admin
'

test_expect_success 'the ledger is correct' '
	em_cli ledger verify
'

test_done
