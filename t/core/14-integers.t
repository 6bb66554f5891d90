#!/bin/sh
# shellcheck disable=SC2154
test_description='core: extreme integers in all fields and paths'
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_start

test_expect_success 'setup: an account with all roles, a session and a call' '
	em_user zoe customer listener && em_user ana customer listener admin &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) SELECT id, 1, 100, 0, 1 FROM user" &&
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_ana" \
	    "{\"amount\":100000,\"reason\":\"a test\"}" && { expect 200 || expect 201; } &&
	api POST /presence/update -t "$TOKEN_zoe" "{\"status\":\"online\"}" &&
	expect 200 &&
	api POST /sessions/start -t "$TOKEN_ana" "{\"listener_id\":$ID_zoe}" &&
	expect 201 && session=$(json .session_id) &&
	api POST /sessions/end -t "$TOKEN_ana" "{\"session_id\":$session}" &&
	expect 200 &&
	jq -n --arg token "$TOKEN_ana" --argjson ana "$ID_ana" \
	    --argjson zoe "$ID_zoe" --argjson session "$session" "{token: \$token,
	    paths: {user_id: \$ana, user: \$ana, id: 1, provider: \"sandbox\"},
	    fields: {amount: 10000, listener_id: \$zoe, callee_id: \$zoe, user_id: \$zoe,
	    session_id: \$session, country: \"IN\", currency: \"INR\",
	    token: \"a-push-token\", email: \"a@example.org\",
	    languages: [\"hi\"], interests: [], items: [{kind: \"flyer\",
	    id: 1}], kinds: [{kind: \"news\"}], provider: \"sandbox\"}}" \
	    >context.json
'

test_expect_success 'no handler returns a 5xx status for extreme integers' '
	for pool in $(em_pools); do
		"$EM_BUILD/earmark-$pool" --fields >"fields-$pool" &&
		"$EM_BUILD/earmark-$pool" --routes >"routes-$pool" || return 1
	done &&
	"$EM_SRC/t/tools/integers.py" "$URL" context.json fields-* routes-* >out || {
		grep -A4 "^not ok\|^Traceback" out | while IFS= read -r l; do
			note "$l"
		done
		false
	}
'

test_expect_success 'more than 90 fields and paths were tested' '
	[ "$(grep -c "^ok" out)" -gt 90 ]
'

test_done
