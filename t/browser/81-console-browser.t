#!/bin/sh
# Tests the console in two browsers: one with a keyboard and a large window,
# one with a small window. A banned user is disconnected at once.
# SHOTS=1 stores screenshots in t/screenshots/ of the build folder. The
# browsers can access only this machine.
test_description='console: screens and actions of administrators'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
rm -f "$shots"/console-*.png
em_conf billing.free_seconds=0
em_conf limits.write_rate=0
em_conf admin.approval_limit=40000
em_start

test_expect_success 'the page consists of local files, and its policy allows no other hosts' '
	api GET /console/ && expect 200 &&
	header Content-Type | grep -q "^text/html" &&
	header Content-Security-Policy | grep -q "^default-src .none.; script-src .self.;" &&
	header Permissions-Policy | grep -q "microphone=()" &&
	api GET /console && expect 308 && [ "$(header Location)" = /console/ ] &&
	for file in "$EM_SRC"/nginx/html/console/*; do
		api GET "/console/${file##*/}" && expect 200 &&
		cmp "$body" "$file" || return 1
	done &&
	api GET /console/nope.js && expect 404 not_found &&
	api GET /console/../key && expect 404 not_found &&
	! grep -rnE "innerHTML|outerHTML|insertAdjacentHTML|eval\(|localStorage|https?://[^w]" \
	    "$EM_SRC/nginx/html/console"
'

test_expect_success 'all files of the console are imported, each screen once' '
	(
		cd "$EM_SRC/nginx/html/console" &&
		for file in *.js *.css; do
			grep -qE "\"$file\"|'\''\./$file'\''" index.html *.js || {
				note "$file is not imported"
				exit 1
			}
		done
	)
'

test_expect_success 'setup: accounts, payments and calls' '
	printf "%s\n" "$EM_PASSWORD" | em_cli user add eva --password-stdin \
	    --email eva@example.org --role admin >/dev/null &&
	em_user adm admin && em_user bob && em_user ana &&
	listener lis 600 && listener len 900 &&
	em_sql "UPDATE listener SET verification = 0 WHERE user_id = $ID_len;
	    UPDATE user SET bio =
		'\''<img src=x onerror=\"window.pwned=1\"><b>Hello</b>'\''
		WHERE id = $ID_len" &&
	em_sql "INSERT INTO user(uuid, status, roles, username, referral_code,
	    created_at, updated_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
	    SELECT i + 1 FROM n WHERE i < 123) SELECT randomblob(16), 1, 1,
	    '\''many'\'' || i, '\''m'\'' || i, 1700000000000 + i, 1 FROM n" &&
	users=$(em_sql "SELECT count(*) FROM user") &&
	fund ana 100000 &&
	initiate "$TOKEN_ana" 50000 && pay=$payment &&
	hook sandbox paid payment=$pay ref="$ref" paid_ref=paid_1 amount=50000 &&
	expect 200 &&
	initiate "$TOKEN_ana" 20000 && flagged=$payment &&
	hook sandbox paid payment=$flagged ref="$ref" paid_ref=paid_2 \
	    amount=20100 && outcome flagged &&
	em_login eva &&
	api POST "/admin/payments/$pay/refund" -t "$TOKEN_eva" \
	    "{\"reason\":\"Paid twice, as the customer says\"}" && expect 202 &&
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_eva" \
	    "{\"amount\":40001,\"reason\":\"An apology\"}" && expect 202 &&
	start ana lis && ago 100 && end ana && told=$s &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	expect 200 &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"callId\":$call}" && expect 200 &&
	message=$(em_sql "INSERT INTO outbox(channel, user_id, recipient, template,
	    title, body, due_at, expires_at, created_at, state, done_at, attempts,
	    error) SELECT 2, $ID_ana, '\''ana@mail.example'\'', '\''news'\'',
	    '\''News'\'', '\''Hello'\'', now, now + 8e7, now, 2, now, 7,
	    '\''the provider does not answer'\''
	    FROM (SELECT unixepoch() * 1000 AS now) RETURNING id")
'

test_expect_success 'the console works with a keyboard and on a phone' '
	jq -n --arg url "$URL" --arg shots "$shots/console" \
	    --arg password "$EM_PASSWORD" --arg code "$(code_for eva@example.org)" \
	    --argjson listener "$ID_len" --argjson session "$told" \
	    --argjson call "$call" --argjson payment "$pay" \
	    --argjson user "$ID_ana" --argjson users "$users" \
	    --argjson message "$message" --argjson flagged "$flagged" \
	    "\$ARGS.named + {id: \"eva@example.org\"}" >plan &&
	browse console "$(cat plan)"
'

test_expect_success 'a banned user is disconnected within five seconds' '
	saw ".cut < 5000" && [ "$(em_sql "SELECT status FROM user
	    WHERE id = $ID_bob")" = 3 ]
'

test_expect_success 'a ticket and its reply appear within five seconds' '
	saw ".noticed < 5000 and .answered < 5000" &&
	grep -q "\"ana@mail.example\"" "$EM_STATE/outbox.jsonl" &&
	ticket=$(jq .ticket seen) && em_login ana &&
	api GET "/support/tickets/$ticket" -t "$TOKEN_ana" && expect 200 &&
	check_json ".subject == \"The line was <i>bad</i> \" + \"Long\" * 30 and
	    .body == \"I heard nothing.\nWhat now?\" and
	    [.replies[].body] == [\"We are sorry.\", \"Thank you.\"] and
	    .status == \"open\""
'

test_expect_success 'all actions took effect once and are audited' '
	saw "(.given | contains(\"2.50\")) and (.refused | length > 0)" &&
	saw ".balance | contains(\"1,490.00\")" &&
	[ "$(em_sql "SELECT verification FROM listener
	    WHERE user_id = $ID_len")" = 1 ] &&
	[ "$(em_sql "SELECT refunded FROM session WHERE id = $told")" = 250 ] &&
	[ "$(em_sql "SELECT state FROM call WHERE id = $call")" = 2 ] &&
	for action in call.end device.sign_out faq.add faq.change faq.remove \
	    listener.verify outbox.retry promotion.add session.refund \
	    ticket.note ticket.reply user.ban wallet.adjust payment.accept \
	    payment.refund approval.approve approval.reject; do
		[ "$(em_sql "SELECT count(*) FROM audit
		    WHERE action = '\''$action'\'' AND actor_id = $ID_adm")" = 1 ] || {
			note "not one $action in the audit"
			return 1
		}
	done &&
	em_cli ledger verify
'

test_expect_success 'the CSV export contains all users and no formulas' '
	jq -r .csv.all seen >all.csv && jq -r .csv.banned seen >banned.csv &&
	/usr/bin/python3 - all.csv banned.csv "$users" <<-\END
		import csv, sys
		def read(name):
		    return list(csv.DictReader(open(name, encoding="utf-8-sig",
		        newline="")))
		rows, banned = read(sys.argv[1]), read(sys.argv[2])
		assert len(rows) == int(sys.argv[3]), len(rows)
		assert len({r["user_id"] for r in rows}) == len(rows)
		assert [r["username"] for r in banned] == ["bob"], banned
		said = "\x27=HYPERLINK(\"http://x\",\"Click\")"
		assert banned[0]["ban_reason"] == said, banned
		assert not any(v[:1] in ("=", "+", "-", "@", "\t", "\r")
		    for r in rows + banned for v in r.values())
	END
'

test_done
