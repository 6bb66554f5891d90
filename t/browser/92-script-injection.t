#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='pages: scripts in text fields do not run, and find no tokens'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
em_conf billing.free_seconds=0
em_conf limits.write_rate=0
em_conf admin.approval_limit=100
em_start

test_expect_success 'setup: a row in each list of the pages' '
	em_user adm admin && em_user eva admin && em_user ana && em_user mia &&
	em_user bob &&
	listener lis 600 && em_user lea customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lea, 0, 600, '\''en'\'', 1)" &&
	fund ana 100000 && initiate "$TOKEN_ana" 50000 && pay=$payment &&
	hook sandbox paid payment=$pay ref="$ref" paid_ref=paid_1 amount=50000 &&
	expect 200 && initiate "$TOKEN_ana" 20000 && flagged=$payment &&
	hook sandbox paid payment=$flagged ref="$ref" paid_ref=paid_2 \
	    amount=20100 && outcome flagged &&
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_eva" \
	    "{\"amount\":40001,\"reason\":\"An apology\"}" && expect 202 &&
	start ana lis && ago 100 && end ana && told=$s &&
	api POST "/sessions/$told/review" -t "$TOKEN_ana" "{\"rating\":4}" &&
	expect 201 && start ana lis && ago 100 && end ana && session=$s &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"callId\":$call}" && expect 200 &&
	api POST /call/end -t "$TOKEN_ana" "{\"callId\":$call}" && expect 200 &&
	api POST /support/reports -t "$TOKEN_lis" \
	    "{\"user_id\":$ID_bob,\"reason\":\"abuse\"}" && expect 201 &&
	api POST /support/reports -t "$TOKEN_ana" \
	    "{\"user_id\":$ID_lis,\"reason\":\"spam\"}" && expect 201 &&
	api POST /user/blocks -t "$TOKEN_ana" "{\"user_id\":$ID_lea}" &&
	script="<img class=injected src=x onerror=stolen()>" &&
	api POST /support/feedback -t "$TOKEN_ana" \
	    "{\"rating\":4,\"body\":\"$script\",\"app\":\"$script\"}" && expect 201 &&
	for name in ana lis lea bob; do
		api PUT /user/profile -t "$(token_of $name)" \
		    "{\"bio\":\"$script\",\"interests\":[\"$script\"]}" &&
		expect 200 || return 1
	done &&
	em_sql "UPDATE device_session SET user_agent = '\''$script'\''" &&
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"ONE\",
	    \"kind\":\"bonus\",\"value\":100,\"note\":\"$script\"}" && expect 201 &&
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, title,
	    body, due_at, expires_at, created_at, state, done_at, attempts, error)
	    SELECT 2, $ID_ana, '\''ana@mail.example'\'', '\''news'\'',
	    '\''News'\'', '\''Hello'\'', now, now + 8e7, now, 2, now, 7, '\''x'\''
	    FROM (SELECT unixepoch() * 1000 AS now)"
'

test_expect_success 'setup: a user with a second factor' '
	api POST /user/mfa/totp -t "$TOKEN_mia" && expect 200 &&
	api POST /user/mfa/totp/verify -t "$TOKEN_mia" "{\"code\":\"$(oathtool \
	    --totp --base32 "$(json .secret)")\"}" && expect 200
'

test_expect_success 'no script in a text field runs or becomes an element' '
	api POST /admin/staff/invitations -t "$TOKEN_adm" \
	    "{\"roles\":[\"support\"]}" && expect 201 &&
	link=$(json .url) &&
	browse injection "$(jq -n --arg url "$URL" --arg password "$EM_PASSWORD" \
	    --arg token "$TOKEN_eva" --arg user "users/$ID_bob" \
	    --arg pay "payments/$pay" --arg flagged "payments/$flagged" \
	    --arg receipt "receipt/$session" \
	    --arg invitation "${link##*/}" "{\$url, \$invitation, \$password, \$token,
	    customer: \"ana\", user: \"lea\", leaver: \"lis\", staff: \"adm\", mfa: \"mia\",
	    paths: {app: [\$receipt], console: [\$user, \$pay, \$flagged]}}")"
'

test_expect_success 'all pages of the tables and all fields of the code were attacked' '
	saw ".app.table - .app.pages == [] and (.app.table | length) >= 12" &&
	saw ".console.table - .console.pages == [] and
	    (.console.table | length) >= 20" &&
	saw ".unseen == []" &&
	saw "[\"email\", \"phone\", \"current_password\", \"comment\",
	    \"payout_contact\", \"audio_rate\", \"from\"] - .app.fields == []" &&
	saw "[\"reason\", \"note\", \"answer\", \"body\"] -
	    .console.fields == [] and .app.submitted > 40 and
	    .console.submitted > 40"
'

test_expect_success 'a script in the page finds no token, and only the cookie signs in' '
	saw ".app.cookie == \"lea\" and .console.cookie == \"adm\"" &&
	saw ".app.hidden and .console.hidden and .app.tried > 0 and
	    .console.tried > 0"
'

test_expect_success 'texts were stored by users and by staff' '
	for column in ticket.subject ticket_reply.body review.comment report.text \
	    report.note feedback.body faq.question promotion.note user.bio \
	    flyer.title; do
		test "$(em_sql "SELECT count(*) FROM ${column%.*}
		    WHERE ${column#*.} LIKE '\''%onerror%'\''")" -ge 1 ||
		{ note "no script in $column"; return 1; }
	done
'

test_expect_success 'control: if a page inserts texts as HTML, the walk finds it' '
	saw ".control.injected > 0 and .control.blocked"
'

test_expect_success 'control: a token in the page is found' '
	saw ".control.stolen > 0"
'

test_done
