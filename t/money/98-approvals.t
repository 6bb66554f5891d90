#!/bin/sh
test_description='money: adjustments and refunds that need an approval'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf admin.approval_limit=1000
em_start

# by TOKEN USER AMOUNT [MEMBERS]: adjusts a wallet.
by() {
	api POST "/admin/wallets/$2/adjust" -t "$1" \
	    "{\"amount\":$3,\"reason\":\"r\"${4-}}"
}
# decide TOKEN approve|reject [ID]
decide() {
	api POST "/admin/approvals/${3:-$a}/$2" -t "$1" "{\"note\":\"n\"}"
}
waits() {
	expect 202 && check_json "keys == [\"approval_id\"]" &&
	a=$(json .approval_id)
}

test_expect_success 'adjustments up to the limit run at once' '
	em_user adm admin && em_user eve admin && em_user ana && em_user bob &&
	by "$TOKEN_adm" "$ID_ana" 400 && expect 200 &&
	by "$TOKEN_adm" "$ID_bob" 500 && expect 200 &&
	by "$TOKEN_adm" "$ID_bob" -100 && expect 200 &&
	has ana "400|0|0" && has bob "400|0|0"
'

test_expect_success 'further adjustments wait for another administrator' '
	by "$TOKEN_adm" "$ID_ana" 1 && waits && has ana "400|0|0" &&
	by "$TOKEN_eve" "$ID_ana" 50 && expect 200 && has ana "450|0|0" &&
	by "$TOKEN_eve" "$ID_ana" 951 && waits && second=$a &&
	by "$TOKEN_adm" "$ID_ana" 0 && expect 400 validation_failed &&
	by "$TOKEN_adm" 99999 5 && waits && third=$a && has ana "450|0|0"
'

test_expect_success 'administrators list the requests' '
	api GET /admin/approvals -t "$TOKEN_adm" && expect 200 &&
	check_json ".total_count == 3 and (.approvals | length) == 3 and
	    (.approvals[1] | .kind == \"wallet_adjust\" and .amount == 951 and
	    .state == \"pending\" and .user_id == $ID_ana and
	    .account == \"wallet\" and .reason == \"r\" and
	    .requested_by == $ID_eve and .decided_by == null)" &&
	api GET "/admin/approvals?per_page=1&state=pending" -t "$TOKEN_adm" &&
	check_json ".has_next and .approvals[0].approval_id == $third" &&
	api GET "/admin/approvals?per_page=2&cursor=$(json .next_cursor)&state=pending" \
	    -t "$TOKEN_adm" && check_json "(.approvals | length) == 2" &&
	api GET "/admin/approvals?state=approved" -t "$TOKEN_adm" &&
	check_json ".approvals == [] and .total_count == 0" &&
	api GET /admin/approvals -t "$TOKEN_ana" && expect 403 role_required &&
	em_cli approvals list >out && [ "$(wc -l <out)" = 3 ] &&
	grep -q "^$second	pending	.*	wallet_adjust	$ID_ana	wallet	951	0	$ID_eve	r$" out
'

test_expect_success 'administrators cannot approve their requests' '
	decide "$TOKEN_eve" approve "$second" && expect 403 own_request &&
	decide "$TOKEN_ana" approve "$second" && expect 403 role_required &&
	decide "$TOKEN_adm" approve 99999 && expect 404 not_found &&
	has ana "450|0|0"
'

test_expect_success 'another administrator approves, once, and it is audited' '
	decide "$TOKEN_adm" approve "$second" && expect 200 &&
	check_json ".state == \"approved\" and .decided_by == $ID_adm and
	    .note == \"n\"" && has ana "1401|0|0" &&
	decide "$TOKEN_adm" approve "$second" && expect 409 approval_decided &&
	decide "$TOKEN_adm" reject "$second" && expect 409 approval_decided &&
	has ana "1401|0|0" &&
	api GET "/admin/audit?target=approval:$second" -t "$TOKEN_adm" &&
	check_json "[.audit[] | [.action, .actor_id, .after.state]] ==
	    [[\"approval.approve\", $ID_adm, \"approved\"],
	    [\"approval.request\", $ID_eve, \"pending\"]]" &&
	api GET "/admin/audit?target=user:$ID_ana&action=wallet.adjust" \
	    -t "$TOKEN_adm" && check_json ".audit[0].after.amount == 951 and
	    .audit[0].actor_id == $ID_adm"
'

test_expect_success 'a request that cannot run stays pending' '
	decide "$TOKEN_eve" approve "$third" && expect 404 not_found &&
	api GET "/admin/approvals?state=pending" -t "$TOKEN_eve" &&
	check_json ".approvals[0].approval_id == $third" &&
	decide "$TOKEN_adm" reject "$third" && expect 200 &&
	check_json ".state == \"rejected\"" && has ana "1401|0|0"
'

test_expect_success 'administrators cannot approve changes of their wallets' '
	by "$TOKEN_adm" "$ID_eve" 5 && waits &&
	decide "$TOKEN_eve" approve && expect 403 own_wallet &&
	decide "$TOKEN_eve" reject && expect 200 && has eve "0|0|0"
'

test_expect_success 'a new administrator does not approve, unless earmark granted the role' '
	em_user new && em_sql "UPDATE user SET roles = roles | 4
	    WHERE id = $ID_new" && by "$TOKEN_adm" "$ID_ana" 5 && waits &&
	decide "$TOKEN_new" approve && expect 403 role_too_new &&
	has ana "1401|0|0" &&
	em_sql "UPDATE user SET created_at = created_at - 7 * 86400000
	    WHERE id = $ID_new" && decide "$TOKEN_new" approve && expect 200 &&
	has ana "1406|0|0" &&
	em_user fresh && em_cli user grant fresh admin &&
	by "$TOKEN_adm" "$ID_ana" 4 && waits &&
	decide "$TOKEN_fresh" approve && expect 200 && has ana "1410|0|0"
'

test_expect_success 'refunds of sessions and payments count and wait, too' '
	listener lis 100 && api POST /presence/update -t "$TOKEN_lis" \
	    "{\"status\":\"online\"}" &&
	start ana lis && ago 90 && end ana && has ana "1210|0|0" &&
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\",\"charge_listener\":true}" && waits &&
	api GET "/admin/approvals?state=pending" -t "$TOKEN_eve" &&
	check_json ".approvals[0] | .kind == \"session_refund\" and
	    .session_id == $s and .amount == 200 and .earnings == 160" &&
	api POST "/admin/sessions/$s/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\",\"amount\":201}" && expect 409 not_refundable &&
	decide "$TOKEN_eve" approve && expect 200 && has ana "1410|0|0" &&
	api POST /payments/initiate -t "$TOKEN_ana" "{\"amount\":2000}" &&
	p=$(json .payment_id) && em_cli pay simulate "$p" >/dev/null &&
	has ana "3410|0|0" &&
	api POST "/admin/payments/$p/refund" -t "$TOKEN_adm" \
	    "{\"reason\":\"r\"}" && waits && has ana "3410|0|0" &&
	decide "$TOKEN_eve" approve && expect 200 &&
	check_json ".kind == \"payment_refund\" and .payment_id == $p and
	    .amount == 2000" && has ana "1410|0|0" && sound
'

test_expect_success 'earmark approves and rejects without these rules' '
	by "$TOKEN_adm" "$ID_ana" 7 && waits &&
	em_cli approvals approve "$a" --note phone >out &&
	grep -q "^$a	approved	" out && has ana "1417|0|0" &&
	refuses 1 "is approved already" em_cli approvals reject "$a" &&
	by "$TOKEN_adm" "$ID_ana" 8 && waits &&
	em_cli approvals reject "$a" && has ana "1417|0|0" &&
	refuses 1 "not found" em_cli approvals approve 9999 &&
	refuses 2 "is not the number" em_cli approvals approve x &&
	em_cli approvals list >out && [ "$(wc -l <out)" = 1 ] &&
	em_cli approvals list --all >out && [ "$(wc -l <out)" -ge 8 ] &&
	em_cli ledger adjust ana 5000 --reason r >/dev/null &&
	has ana "6417|0|0"
'

test_expect_success 'the sum counts the last 24 hours' '
	by "$TOKEN_adm" "$ID_ana" 1 && waits &&
	em_sql "UPDATE admin_spending SET at = at - 86400001" &&
	by "$TOKEN_adm" "$ID_ana" 1000 && expect 200 &&
	by "$TOKEN_adm" "$ID_ana" 1 && waits && has ana "7417|0|0"
'

test_expect_success 'a repeated idempotency key returns the same request' '
	for i in 1 2; do
		api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_adm" \
		    -H "Idempotency-Key: w1" \
		    "{\"amount\":3,\"reason\":\"r\"}" && waits &&
		echo "$a" >>ids || return 1
	done && [ "$(sort -u ids | wc -l)" = 1 ]
'

test_expect_success '50 simultaneous adjustments do not exceed the limit' '
	em_user ora admin && em_user tim &&
	seq 50 | xargs -P 50 -I{} curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Authorization: Bearer $TOKEN_ora" \
	    -H "Content-Type: application/json" \
	    -d "{\"amount\":90,\"reason\":\"race\"}" \
	    "$URL/admin/wallets/$ID_tim/adjust" >codes &&
	[ "$(sort codes | uniq -c | tr -s " " | tr "\n" ";")" = \
	    " 11 200; 39 202;" ] && has tim "990|0|0"
'

test_expect_success '50 simultaneous approvals of one request run it once' '
	a=$(em_sql "SELECT max(id) FROM approval") &&
	seq 50 | xargs -P 50 -I{} curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Authorization: Bearer $TOKEN_eve" -X POST \
	    "$URL/admin/approvals/$a/approve" >codes &&
	[ "$(sort codes | uniq -c | tr -s " " | tr "\n" ";")" = \
	    " 1 200; 49 409;" ] && has tim "1080|0|0"
'

test_expect_success 'the ledger passes its verification' '
	sound && em_cli audit verify
'

test_done
