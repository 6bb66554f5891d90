#!/bin/sh
test_description='admin: wallets and transactions'
. "$(dirname "$0")/../lib.sh"
. "$EM_SRC/t/lib-money.sh"
em_start

test_expect_success 'setup: a user with transactions' '
	em_user adm admin && em_user ana && em_user new &&
	listener lis 600 && fund ana 10000 && bonus ana 500 &&
	fund ana -2000 && start ana lis && ago 90 && end ana && sound
'

test_expect_success 'GET /admin/wallets/{id} returns the balance that its owner gets' '
	api GET /user/balance -t "$TOKEN_ana" && expect 200 &&
	json . >own &&
	api GET "/admin/wallets/$ID_ana" -t "$TOKEN_adm" && expect 200 &&
	check_json ".user_id == $ID_ana and .earnings == 0" &&
	json "del(.user_id, .earnings)" >shown && test_cmp own shown &&
	api GET "/admin/wallets/$ID_lis" -t "$TOKEN_adm" &&
	check_json ".earnings > 0 and .balance == 0" &&
	api GET "/admin/wallets/$ID_new" -t "$TOKEN_adm" &&
	check_json ".balance == 0"
'

test_expect_success 'the transactions equal those of the owner, with the balance after each' '
	api GET /user/transactions -t "$TOKEN_ana" && json . >own &&
	api GET "/admin/wallets/$ID_ana/transactions" -t "$TOKEN_adm" &&
	expect 200 && json . >shown && test_cmp own shown &&
	check_json ".total_count == 4 and ([.transactions | reverse |
	    foreach .[] as \$t (0; . + \$t.amount; . == \$t.balance_after)] |
	    all)" &&
	etag=$(header ETag) &&
	api GET "/admin/wallets/$ID_ana/transactions" -t "$TOKEN_adm" \
	    -H "If-None-Match: $etag" && expect 304 &&
	fund ana 1 &&
	api GET "/admin/wallets/$ID_ana/transactions" -t "$TOKEN_adm" \
	    -H "If-None-Match: $etag" && expect 200 &&
	api GET "/admin/wallets/$ID_lis/transactions" -t "$TOKEN_adm" &&
	check_json ".transactions[0].account == \"earnings\""
'

test_expect_success 'transactions can be filtered by type and paged by cursor' '
	api GET "/admin/wallets/$ID_ana/transactions?type=adjustment" \
	    -t "$TOKEN_adm" && check_json ".total_count == 3" &&
	json ".transactions[].id" >want && : >got && c= &&
	for i in 1 2 3 4; do
		api GET "/admin/wallets/$ID_ana/transactions?type=adjustment&per_page=1${c:+&cursor=$c}" \
		    -t "$TOKEN_adm" && json ".transactions[].id" >>got ||
		    return 1
		c=$(json ".next_cursor // empty")
		[ -n "$c" ] || break
	done && test_cmp want got
'

test_expect_success 'an unknown user returns 404, and other users get 401 or 403' '
	for p in wallets/999999 wallets/x wallets/0 \
	    wallets/999999/transactions; do
		api GET "/admin/$p" -t "$TOKEN_adm" && expect 404 not_found ||
		    return 1
	done &&
	for p in "wallets/$ID_ana" "wallets/$ID_ana/transactions"; do
		api GET "/admin/$p" && expect 401 token_required &&
		api GET "/admin/$p" -t "$TOKEN_ana" &&
		expect 403 role_required || return 1
	done &&
	for q in type=x from=x page=0 cursor=x; do
		api GET "/admin/wallets/$ID_ana/transactions?$q" \
		    -t "$TOKEN_adm" && expect 400 validation_failed || return 1
	done
'

test_done
