#!/bin/sh
test_description='core: access of all kinds of callers to all routes'
. "$(dirname "$0")/../lib.sh"
em_start

test_expect_success 'setup: accounts with different roles and states' '
	em_user root admin && em_user cust && em_user lis && em_user bad &&
	em_user gone && em_user left &&
	em_user unproved admin &&
	for role in finance support moderator; do
		em_user $role $role || return 1
	done &&
	service=$(em_cli token add backend) &&
	em_sql "UPDATE user SET roles = 2 WHERE id = $ID_lis;
	    UPDATE user SET roles = 4
	    WHERE id IN ($ID_root, $ID_unproved);
	    UPDATE user SET status = 3 WHERE id = $ID_bad;
	    UPDATE user SET status = 2 WHERE id = $ID_gone;
	    UPDATE device_session SET revoked_at = 1 WHERE user_id = $ID_left;
	    INSERT INTO totp(user_id, secret, created_at, confirmed_at)
	    VALUES ($ID_unproved, zeroblob(60), 1, 1)" &&
	cat >tokens.json <<-EOF
	{"customer": "$TOKEN_cust", "listener": "$TOKEN_lis",
	 "admin": "$TOKEN_root", "finance": "$TOKEN_finance",
	 "support": "$TOKEN_support", "moderator": "$TOKEN_moderator",
	 "service": "$service", "banned": "$TOKEN_bad",
	 "deleted": "$TOKEN_gone", "signed out": "$TOKEN_left",
	 "unproved": "$TOKEN_unproved",
	 "refresh token": "$REFRESH_cust"}
	EOF
'

test_expect_success 'each route allows exactly the callers of its row' '
	em_sql "SELECT count(*), max(id) FROM user" >before &&
	"$EM_SRC/t/tools/access_matrix.py" "$URL" "$EM_STATE" "$EM_BUILD" tokens.json >out &&
	em_sql "SELECT count(*), max(id) FROM user" >after &&
	test_cmp before after || { grep -A30 "^not ok" out | while IFS= read -r l; do note "$l"; done; false; }
'

test_expect_success 'more than 80 routes were tested' '
	[ "$(grep -c "^ok" out)" -gt 80 ]
'

test_done
