#!/bin/sh
# shellcheck disable=SC2154
test_description='push, SMS and e-mail of an event in Hindi are decoded by Python'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

name=ईयरमार्क
phone=+919876500201
em_temp
send_doubles
em_conf delivery.sms=twilio
em_conf "delivery.app_name=$name"
em_start || exit 1

# received: prints the messages since the last call.
received() {
	delivered && "$EM_SRC/t/tools/decode_messages.py" "$log" "$mails" >all &&
	sort all && : >"$log" && : >"$mails"
}
# code CHANNEL: prints the code of the newest message.
code() {
	received | sed -n "s/^$1|.*[^0-9]\([0-9]\{6\}\)[^0-9].*/\1/p"
}
# text FILE [CONTACT]: prints a Hindi template with its variables filled in, as
# a title and a text.
text() {
	sed "s/{{app}}/$name/; s/{{contact}}/${2-}/" \
	    "$EM_SRC/templates/hi/$1" | awk '
		/^(Title|Subject): / {
			sub(/^[A-Za-z]*: /, "")
			title = $0
			next
		}
		/./ { text = $0 }
		END { printf "%s|%s\n", title, text }'
}

test_expect_success 'setup: a user with the language hi and all channels' '
	em_user ana && service=$(em_cli token add shop) &&
	em_sql "UPDATE user SET email = \"ana@example.org\", email_ok = 1,
	    phone = \"$phone\", phone_ok = 1 WHERE username = \"ana\"" &&
	api PUT /user/settings -t "$TOKEN_ana" "{\"language\":\"hi\"}" &&
	expect 200 && api POST /notifications/devices -t "$TOKEN_ana" \
	    "{\"token\":\"good-phone\",\"platform\":\"android\"}" && expect 201
'

test_expect_success 'one event is sent by push, SMS and e-mail with the same text' '
	title="नया लेख: हृदय से" body="श्री ज्ञान जी ने लिखा — “क्षमा करें”, ₹५०० & 100% +1" &&
	api POST /notifications/send -t "$service" "$(jq -cn --arg t "$title" \
	    --arg b "$body" --argjson u "$ID_ana" "{user_id: \$u, title: \$t,
	    body: \$b, channels: [\"push\", \"sms\", \"email\"]}")" &&
	expect 202 && received >got && cat >want <<-END && test_cmp want got
	email|ana@example.org|$name|$title|$body
	push|good-phone||$title|$body
	sms|$phone|||$body
	END
'

test_expect_success 'a change of the phone number is sent by push and by SMS' '
	api POST /user/phone -t "$TOKEN_ana" "{\"phone\":\"+919876500202\"}" &&
	expect 202 && code=$(code sms) &&
	api POST /user/phone/verify -t "$TOKEN_ana" "{\"code\":\"$code\"}" &&
	expect 200 && received >got && contact="+91********02" &&
	link=$(sed -n "s/^sms.* \(http[^ ]*\) .*/\1/p" got) && test -n "$link" &&
	text contact_undo.sms "$contact" | sed "s,{{link}},$link," >undo &&
	{ printf "push|good-phone||" && text contact_changed.push "$contact" &&
	printf "sms|%s||" "$phone" && cat undo; } >want && test_cmp want got
'

test_expect_success 'a change of the e-mail address is sent by push and by e-mail' '
	api POST /user/email -t "$TOKEN_ana" "{\"email\":\"new@example.org\"}" &&
	expect 202 && code=$(code email) &&
	api POST /user/email/verify -t "$TOKEN_ana" "{\"code\":\"$code\"}" &&
	expect 200 && received >got &&
	link=$(sed -n "s/^email.* \(http[^ ]*\) .*/\1/p" got) && test -n "$link" &&
	{ printf "email|ana@example.org|%s|" "$name" &&
	text contact_undo.email "n***@example.org" | sed "s,{{link}},$link," &&
	printf "push|good-phone||" &&
	text contact_changed.push "n***@example.org"; } >want &&
	test_cmp want got
'

test_done
