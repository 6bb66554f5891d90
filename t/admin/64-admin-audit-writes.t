#!/bin/sh
test_description='audit: all writes of administrators are audited'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf admin.approval_limit=1000000
em_start

# write WHAT ROUTE PATH [JSON]: succeeds if the write creates one audit row
# with actor, request id and states. WHAT is add (no state before), drop (no
# state after) or change. The same write by a customer must be rejected without
# an audit row.
n=0
rows() {
	em_sql "SELECT count(*) FROM audit WHERE request_id = '$1'"
}
write() {
	n=$((n + 1)) what=$1 route=$2 method=${2%% *} path=$3
	shift 3
	api "$method" "$path" -t "$TOKEN_ana" -H "X-Request-Id: not-theirs-$n" \
	    "$@" && expect 403 && is 0 "$(rows "not-theirs-$n")" &&
	api "$method" "$path" -t "$TOKEN_adm" -H "X-Request-Id: audited-$n" \
	    "$@" &&
	case $status in
	2*) ;;
	*) expect 200 ;;
	esac && cp "$body" answer && is 1 "$(rows "audited-$n")" &&
	row=$(em_sql "SELECT actor_id = $ID_adm, target <> '', action <> '',
	    CASE WHEN before IS NULL THEN 'add' WHEN after IS NULL THEN 'drop'
	    WHEN before <> after THEN 'change' ELSE 'nothing' END,
	    before IS NULL OR json_valid(before), after IS NULL OR
	    json_valid(after), length(hash) FROM audit WHERE request_id = 'audited-$n'") &&
	is "1|1|1|$what|1|1|32" "$row" && echo "$route" >>written
}
got() {
	jq -r "$1" <answer
}

test_expect_success 'setup: accounts for each kind of write' '
	em_user adm admin && em_user ana && em_user bob && em_user cid &&
	for who in lis kim tim; do
		em_user $who customer listener &&
		api POST /listeners/register -t "$(token_of $who)" \
		    "{\"languages\":[\"en\"],\"rate_per_minute\":600}" &&
		expect 201 || return 1
	done && em_sql "UPDATE listener SET verification = 1
	    WHERE user_id = $ID_tim" && fund bob 100000
'

test_expect_success 'writes to accounts, sessions and listeners are audited' '
	write change "POST /admin/ban-user" /admin/ban-user \
	    "{\"user_id\":$ID_cid,\"reason\":\"Rude\"}" &&
	write change "POST /admin/unban-user" /admin/unban-user \
	    "{\"user_id\":$ID_cid}" && em_login cid &&
	device=$(em_sql "SELECT max(id) FROM device_session
	    WHERE user_id = $ID_cid") &&
	write change "DELETE /admin/users/{id}/devices/{device_id}" \
	    "/admin/users/$ID_cid/devices/$device" &&
	em_sql "UPDATE user SET image = '\''0123-0.jpg'\'' WHERE id = $ID_cid" &&
	write change "DELETE /admin/users/{id}/image" \
	    "/admin/users/$ID_cid/image" "{\"reason\":\"Rude\"}" &&
	write change "POST /admin/listeners/{id}/verify" \
	    "/admin/listeners/$ID_lis/verify" &&
	write change "POST /admin/listeners/{id}/reject" \
	    "/admin/listeners/$ID_kim/reject" "{\"reason\":\"No bio\"}"
'

test_expect_success 'writes to staff are audited' '
	write add "POST /admin/staff/invitations" /admin/staff/invitations \
	    "{\"roles\":[\"support\"]}" && id=$(got .invitation_id) &&
	write drop "DELETE /admin/invitations/{id}" \
	    "/admin/invitations/$id" &&
	write change "PUT /admin/staff/{id}" "/admin/staff/$ID_cid" \
	    "{\"roles\":[\"support\"]}" &&
	em_login cid && write change "DELETE /admin/staff/{id}/sessions" \
	    "/admin/staff/$ID_cid/sessions" &&
	api PUT "/admin/staff/$ID_cid" -t "$TOKEN_adm" "{\"roles\":[]}" &&
	expect 200
'

test_expect_success 'writes to calls and sessions are audited' '
	online tim && start bob tim && ago 200 && end bob &&
	api POST "/sessions/$s/review" -t "$TOKEN_bob" "{\"rating\":1}" &&
	expect 201 &&
	write change "POST /admin/reviews/{id}/hide" \
	    "/admin/reviews/$s/hide" "{\"reason\":\"Rude\"}" &&
	write change "POST /admin/reviews/{id}/unhide" \
	    "/admin/reviews/$s/unhide" &&
	start bob tim && write change "POST /admin/sessions/{id}/end" \
	    "/admin/sessions/$s/end" "{\"reason\":\"It never ended\"}" &&
	s=$((s - 1)) && write change "POST /admin/sessions/{id}/refund" \
	    "/admin/sessions/$s/refund" "{\"reason\":\"It was silent\"}" &&
	api POST /presence/update -t "$TOKEN_tim" "{\"status\":\"online\"}" &&
	api POST /call/start -t "$TOKEN_bob" "{\"calleeId\":$ID_tim}" &&
	expect 201 && call=$(json .call_id) &&
	write change "POST /admin/calls/{id}/end" "/admin/calls/$call/end" \
	    "{\"reason\":\"They shout\"}"
'

test_expect_success 'writes to wallets, payments and promotions are audited' '
	write change "POST /admin/wallets/{user_id}/adjust" \
	    "/admin/wallets/$ID_bob/adjust" \
	    "{\"amount\":500,\"reason\":\"Sorry\"}" &&
	initiate "$TOKEN_bob" 10000 sandbox &&
	hook sandbox paid payment="$payment" ref="$ref" \
	    paid_ref=paid_1 amount=10000 &&
	outcome credited &&
	write change "POST /admin/payments/{id}/refund" \
	    "/admin/payments/$payment/refund" \
	    "{\"amount\":100,\"reason\":\"Asked for\"}" &&
	em_sql "INSERT INTO payment_flag(payment_id, flag, created_at)
	    VALUES ($payment, '\''look'\'', 0)" &&
	write change "POST /admin/payments/{id}/unflag" \
	    "/admin/payments/$payment/unflag" "{\"note\":\"Seen\"}" &&
	initiate "$TOKEN_bob" 10000 sandbox &&
	hook sandbox paid payment="$payment" ref="$ref" \
	    paid_ref=paid_2 amount=10100 && outcome flagged &&
	write change "POST /admin/payments/{id}/accept" \
	    "/admin/payments/$payment/accept" "{\"note\":\"Rounded up\"}" &&
	write add "POST /admin/promotions" /admin/promotions \
	    "{\"code\":\"HELLO\",\"kind\":\"bonus\",\"value\":100}" &&
	write change "PATCH /admin/promotions/{id}" \
	    "/admin/promotions/$(got .id)" "{\"active\":false}"
'

test_expect_success 'requests that need an approval and decisions about them are audited' '
	em_user eve admin &&
	for i in 1 2; do
		api POST "/admin/wallets/$ID_bob/adjust" -t "$TOKEN_eve" \
		    "{\"amount\":1000001,\"reason\":\"Much\"}" &&
		expect 202 && row=$(json .approval_id) &&
		is 1 "$(em_sql "SELECT count(*) FROM audit
		    WHERE target = '\''approval:$row'\''")" || return 1
	done && a=$(json .approval_id) &&
	api POST "/admin/approvals/$((a - 1))/approve" -t "$TOKEN_adm" \
	    -H "X-Request-Id: approved-1" && expect 200 &&
	is "approval.approve wallet.adjust " "$(em_sql "SELECT action FROM audit
	    WHERE request_id = '\''approved-1'\'' ORDER BY id" |
	    tr "\n" " ")" &&
	echo "POST /admin/approvals/{id}/approve" >>written &&
	write change "POST /admin/approvals/{id}/reject" \
	    "/admin/approvals/$a/reject" "{\"note\":\"No\"}"
'

test_expect_success 'writes to messages, tickets and the FAQ are audited' '
	write add "POST /notifications/send" /notifications/send \
	    "{\"user_id\":$ID_bob,\"title\":\"Hello\",\"body\":\"World\"}" &&
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, body,
	    state, due_at, expires_at, created_at, done_at)
	    SELECT 2, $ID_bob, '\''bob@mail.example'\'', '\''news'\'', '\''x'\'', 2,
	    now, now + 8e7, now, now FROM (SELECT unixepoch() * 1000 AS now)" &&
	dead=$(em_sql "SELECT max(id) FROM outbox") &&
	write change "POST /admin/outbox/{id}/retry" \
	    "/admin/outbox/$dead/retry" &&
	write add "POST /admin/templates/{name}/test" \
	    /admin/templates/notification/test "{\"channel\":\"push\"}" &&
	api POST /support/ticket -t "$TOKEN_bob" \
	    "{\"subject\":\"Help\",\"body\":\"Please\"}" && expect 201 &&
	ticket=$(json .id) &&
	write change "POST /admin/tickets/{id}/replies" \
	    "/admin/tickets/$ticket/replies" "{\"body\":\"Yes\"}" &&
	write change "PUT /admin/tickets/{id}" "/admin/tickets/$ticket" \
	    "{\"status\":\"closed\"}" &&
	api POST /support/reports -t "$TOKEN_bob" \
	    "{\"user_id\":$ID_tim,\"reason\":\"spam\"}" && expect 201 &&
	write change "POST /admin/reports/{id}/decide" \
	    "/admin/reports/$(json .report_id)/decide" \
	    "{\"action\":\"warn\",\"note\":\"Stop.\"}" &&
	write add "POST /support/faq" /support/faq \
	    "{\"category\":\"a\",\"question\":\"b\",\"answer\":\"c\"}" &&
	faq=$(got .id) &&
	write change "PUT /support/faq/{id}" "/support/faq/$faq" \
	    "{\"answer\":\"d\"}" &&
	write drop "DELETE /support/faq/{id}" "/support/faq/$faq"
'

test_expect_success 'writes to flyers and destinations are audited, also of others' '
	write add "POST /destinations" /api/v1/destinations \
	    "{\"name\":\"Mount Bromo\",\"city\":\"Probolinggo\",
	    \"country\":\"ID\"}" && destination=$(got .id) &&
	write change "PATCH /destinations/{destination_id}" \
	    "/api/v1/destinations/$destination" "{\"city\":\"Malang\"}" &&
	write drop "DELETE /destinations/{destination_id}" \
	    "/api/v1/destinations/$destination" &&
	api POST /api/flyers/ -t "$TOKEN_bob" "{\"title\":\"Bob'\''s\"}" &&
	expect 201 && flyer=$(json .id) && cp written kept &&
	write change "PATCH /api/flyers/{id}" "/api/flyers/$flyer/" \
	    "{\"title\":\"Another\"}" &&
	base64 -d >a.png <<-END &&
	iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
	END
	write change "PUT /api/flyers/{id}/image" "/api/flyers/$flyer/image" \
	    -H "Content-Type: image/png" @a.png &&
	write change "DELETE /api/flyers/{id}/image" \
	    "/api/flyers/$flyer/image" &&
	write drop "DELETE /api/flyers/{id}" "/api/flyers/$flyer/" &&
	mv kept written
'

test_expect_success 'the tests above cover all write routes of administrators' '
	for pool in $(em_pools); do
		"$EM_BUILD/earmark-$pool" --routes || return 1
	done | awk "\$1 !~ /^(GET|HEAD)\$/ && \$3 ~ /admin/ {
	    sub(\"^/api/v1/\", \"/\", \$2); print \$1, \$2 }" | sort -u >routes &&
	[ "$(wc -l <routes)" -ge 22 ] && sort -u written >done &&
	test_cmp routes done
'

test_expect_success 'the audit passes its verification' '
	em_cli audit verify
'

test_done
