#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='e-mail: rejections by phase, bounces, encodings'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

em_temp
em_conf delivery.bounce_domain=bounce.example
em_conf delivery.app_name=Zoë
em_conf delivery.smtp_user=house
em_conf "delivery.smtp_password_file=$PWD/smtp.password"
(umask 077 && echo secret >smtp.password)
send_doubles
em_bare >/dev/null || exit 1
now=$(date +%s)000
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at,
    updated_at) VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"

put() {
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, title,
		body, due_at, expires_at, created_at)
	    VALUES (2, 1, '$1', 'notification', 'Title', 'Body', 0,
		$now + 432000000, $now)"
}
last() {
	em_sql "SELECT state, coalesce(error, '') FROM outbox
	    ORDER BY id DESC LIMIT 1"
}
run() {
	em_jobs "$@" >out 2>>"$EM_STATE/log/once.log"
}

test_expect_success 'e-mail is sent with authentication and a bounce address' '
	put ana@example.org && run &&
	jq -se "length == 1 and (.[0] | .tls and .user and
	    .to == [\"ana@example.org\"] and
	    (.from | test(\"^b\\\\+[0-9a-f]{32}\\\\.[0-9a-f]{20}@bounce.example$\")))" \
	    "$mails"
'

# phase REPLY STATE DELAY ERROR SUPPRESSED: DELAY is the minimum number of
# seconds until the next attempt.
test_expect_success 'a rejection is judged by its phase and enhanced status' '
	while read -r phase state delay suppressed reply; do
		em_sql "DELETE FROM outbox; DELETE FROM mail_suppression" &&
		echo "$phase $reply" >faults && put a@example.org &&
		{ run || :; } &&
		want="$state|SMTP $phase ${reply%% *}" && got=$(last) &&
		case $got in "$want"*) ;; *)
			note "$phase $reply: $got"
			return 1
		esac &&
		[ "$(em_sql "SELECT state <> 0 OR due_at >= $now + $delay * 1000
		    FROM outbox")" = 1 ] &&
		[ "$(em_sql "SELECT body IS NOT NULL FROM outbox")" = 1 ] &&
		[ "$(em_sql "SELECT count(*) FROM mail_suppression")" = \
		    "$suppressed" ] ||
		    { note "$phase $reply: wrong consequence"; return 1; }
	done <<-END &&
	greeting 0 60 0 554 5.3.2 no service
	greeting 0 0 0 421 4.3.2 too many connections
	ehlo 0 60 0 530 5.7.1 go away
	starttls 0 60 0 454 4.7.0 TLS not available
	auth 0 60 0 535 5.7.8 credentials invalid
	auth 0 0 0 454 4.7.0 temporary failure
	auth 0 60 0 538 5.7.11 encryption required
	mail 0 60 0 530 5.7.0 authentication required
	mail 0 60 0 550 5.4.5 daily quota exceeded
	mail 0 0 0 451 4.3.0 later
	mail 0 60 0 553 5.1.8 bad sender
	mail 2 0 0 552 5.3.4 too large
	rcpt 2 0 1 550 5.1.1 no such user
	rcpt 2 0 1 556 5.1.10 null MX
	rcpt 2 0 1 550 5.2.1 mailbox disabled
	rcpt 2 0 0 550 5.7.1 policy
	rcpt 0 0 0 552 too many recipients
	rcpt 0 0 0 552 5.2.2 mailbox full
	rcpt 0 0 0 450 4.2.0 greylisted
	data 2 0 0 554 5.5.1 no valid recipients
	data 0 0 0 451 4.3.0 later
	text 2 0 0 554 5.7.1 content rejected
	text 2 0 0 552 5.3.4 too large
	text 0 0 0 452 4.3.1 no space
	END
	: >faults
'

test_expect_success 'a rejected account is counted, and its messages are sent later' '
	em_sql "DELETE FROM outbox; DELETE FROM mail_suppression" &&
	: >"$mails" && echo "auth 535 5.7.8 no" >faults &&
	put a@example.org && put b@example.org && { run || :; } &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0")" = 2 ] &&
	[ "$(em_sql "SELECT sum(attempts) FROM outbox")" = 1 ] &&
	: >faults && run "$(date -u -d "+10 minutes" +%Y-%m-%dT%H:%M:%SZ)" &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 1")" = 2 ] &&
	jq -se "length == 2" "$mails"
'

test_expect_success 'a message whose acceptance is unknown is repeated with the same ID' '
	em_sql "DELETE FROM outbox" && : >"$mails" &&
	echo "text accept-drop" >faults && put a@example.org && { run || :; } &&
	[ "$(em_sql "SELECT state FROM outbox")" = 0 ] && : >faults &&
	run "$(date -u -d "+10 minutes" +%Y-%m-%dT%H:%M:%SZ)" &&
	jq -r .text "$mails" | grep -i ^message-id: >ids &&
	[ "$(wc -l <ids)" = 2 ] && [ "$(sort -u ids | wc -l)" = 1 ] &&
	[ "$(jq -r .text "$mails" | grep -c ^Date: )" = 2 ] &&
	[ "$(jq -r .text "$mails" | grep ^Date: | sort -u | wc -l)" = 1 ]
'

test_expect_success 'no mail is sent to a suppressed address until it is allowed' '
	em_sql "DELETE FROM outbox; DELETE FROM mail_suppression" &&
	: >"$mails" && echo "rcpt 550 5.1.1 unknown" >faults &&
	put Bea@example.org && { run || :; } && : >faults &&
	put bea@example.org && run && [ ! -s "$mails" ] &&
	[ "$(last)" = "2|the address accepts no mail" ] &&
	refuses 1 "not suppressed" em_cli bounce allow other@example.org &&
	em_cli bounce allow bea@EXAMPLE.org >out && put bea@example.org && run &&
	jq -se "length == 1" "$mails"
'

# report SENDER ACTION STATUS [DIAGNOSTIC]
report() {
	cat <<-END
	Return-Path: <>
	From: MAILER-DAEMON@mx.example
	To: <$1>
	Subject: Undelivered Mail Returned to Sender
	MIME-Version: 1.0
	Content-Type: multipart/report; report-type=delivery-status;
	 boundary="AB=_1/mx"

	This is a MIME-encapsulated message.

	--AB=_1/mx
	Content-Type: text/plain

	I am sorry. Action: failed
	Status: 5.1.1

	--AB=_1/mx
	Content-Type: message/delivery-status

	Reporting-MTA: dns; mx.example
	Arrival-Date: Sun, 29 Nov 2026 14:00:00 +0000

	Final-Recipient: rfc822; ana@example.org
	Action: $2
	Status: $3
	Diagnostic-Code: smtp; ${4-$3 no
	    such user}

	--AB=_1/mx
	Content-Type: text/rfc822-headers

	Subject: Title
	--AB=_1/mx--
	END
}
# ignored TEXT: succeeds if the report on standard input had no effect.
ignored() {
	em_cli bounce >out && grep -q "^ignored: $1" out &&
	[ "$(em_sql "SELECT count(*) FROM mail_suppression")" = 0 ]
}

test_expect_success 'a bounce suppresses the recipient of the message' '
	: >"$mails" && put ana@example.org && run &&
	verp=$(jq -r .from "$mails") &&
	report "$verp" failed 5.1.1 | em_cli bounce >out &&
	echo "suppressed: 5.1.1" >want && test_cmp want out &&
	put ana@example.org && run && [ "$(last)" = "2|the address accepts no mail" ] &&
	[ "$(em_sql "SELECT count(*) FROM mail_suppression WHERE reason = 2")" = 1 ] &&
	em_cli bounce allow ana@example.org >out &&
	report x@example.org failed 5.0.0 "smtp; 550 5.1.2 bad" | tr -d "\r" |
	    sed "s/$/\r/" | em_cli bounce "$(echo "$verp" | tr a-f A-F)" >out &&
	echo "suppressed: 5.1.2" >want && test_cmp want out &&
	em_cli bounce allow ana@example.org >out
'

test_expect_success 'other reports and forged ones have no effect' '
	report "$verp" delayed 4.4.1 | ignored "not a permanent" &&
	report "$verp" failed 4.4.7 | ignored "not a permanent" &&
	report "$verp" failed 5.7.1 | ignored "the failure does not concern" &&
	report "$verp" failed 5.2.2 | ignored "the failure does not concern" &&
	report "${verp%%.*}.00000000000000000000@bounce.example" failed 5.1.1 |
	    ignored "the recipient is not" &&
	report ana@example.org failed 5.1.1 | ignored "the recipient is not" &&
	printf "To: %s\nSubject: Out of office\n\nAction: failed\nStatus: 5.1.1\n" \
	    "$verp" | ignored "not a delivery report" &&
	head -c 400000 /dev/urandom | ignored "not a delivery report" &&
	ignored "not a delivery report" </dev/null
'

test_expect_success 'the mail server keeps a report if the database is unavailable' '
	mv "$EM_STATE/earmark.db" "$EM_STATE/moved" &&
	report "$verp" failed 5.1.1 >message &&
	test_expect_code 75 em_cli bounce <message 2>err &&
	mv "$EM_STATE/moved" "$EM_STATE/earmark.db"
'

test_expect_success 'headers are ASCII and Python decodes them' '
	: >"$mails" && put ana@example.org && em_sql "UPDATE outbox
	    SET title = '\''नमस्ते, आपका सत्र समाप्त हुआ'\'', body = '\''पहली पंक्ति
.दूसरी पंक्ति'\'' WHERE state = 0" && run &&
	/usr/bin/python3 -c "
import email, email.policy, email.utils, json, sys
text = json.loads(open(sys.argv[1]).read())[\"text\"]
assert text.isascii() and max(map(len, text.split(\"\r\n\"))) <= 78
m = email.message_from_string(text, policy=email.policy.default)
assert m[\"Subject\"] == \"नमस्ते, आपका सत्र समाप्त हुआ\", m[\"Subject\"]
a = m[\"From\"].addresses[0]
assert (a.display_name, a.addr_spec) == (\"Zoë\", \"house@example.org\"), a
assert m[\"To\"].addresses[0].addr_spec == \"ana@example.org\"
assert m.get_content_charset() == \"utf-8\"
assert m.get_content().splitlines() == [\"पहली पंक्ति\", \".दूसरी पंक्ति\"]
assert m[\"Message-ID\"].endswith(\"@example.org>\") and not m.defects
assert email.utils.parsedate_to_datetime(m[\"Date\"]).timestamp() == $now // 1000
" "$mails"
'

test_expect_success 'news have the headers of one-click unsubscription, and no value adds a header' '
	: >"$mails" && for url in https://example.org/u/abc "https://x/\\r\\nBcc: eve@x"; do
		put ana@example.org && em_sql "UPDATE outbox
		    SET data = '\''{\"unsubscribe\":\"$url\"}'\'' WHERE state = 0" &&
		run || return 1
	done && put ana@example.org && run &&
	/usr/bin/python3 -c "
import email, json, sys
mails = [email.message_from_string(json.loads(x)[\"text\"]) for x in open(sys.argv[1])]
assert [m[\"List-Unsubscribe\"] for m in mails] == [
    \"<https://example.org/u/abc>\", None, None]
assert [m[\"List-Unsubscribe-Post\"] for m in mails] == [
    \"List-Unsubscribe=One-Click\", None, None]
assert not any(m[\"Bcc\"] for m in mails)
" "$mails"
'

test_done
