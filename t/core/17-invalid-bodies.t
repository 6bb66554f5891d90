#!/bin/sh
test_description='core: all routes reject invalid bodies'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_conf limits.search_rate=0
(umask 077 && echo a-secret >agora)
em_conf "rtc.agora_callback_file=$PWD/agora"
em_start

test_expect_success 'setup: accounts' '
	em_user root admin && em_user cust customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_cust, 1, 100, '\''en'\'', 1)" &&
	cat >tokens.json <<-EOF &&
	{"customer": "$TOKEN_cust", "admin": "$TOKEN_root"}
	EOF
	em_stop_jobs
'

test_expect_success 'invalid bodies return the error envelope and change nothing' '
	"$EM_SRC/t/tools/invalid_bodies.py" "$URL" "$EM_STATE" "$EM_BUILD/openapi.json" \
	    tokens.json >out || {
		grep -A12 "^not ok" out | while IFS= read -r l; do
			note "$l"
		done
		false
	}
'

test_expect_success 'more than 25 routes were tested' '
	[ "$(grep -c "^ok" out)" -gt 25 ]
'

test_done
