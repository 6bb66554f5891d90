#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='texts: templates, languages, SMS providers, notifications'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

em_temp
texts=$EM_TEMP/texts
mkdir -p "$texts"
em_conf "paths.template_dir=$texts"
em_conf delivery.sms_app_hash=yY9CeQORT+t
em_conf delivery.sms_web_host=example.com
em_start || exit 1

# newest CHANNEL: prints the newest message of a channel as JSON.
newest() {
	em_jobs >/dev/null
	jq -c "select(.channel == \"$1\")" "$EM_STATE/outbox.jsonl" | tail -n 1
}
# code [CURL OPTIONS]: requests a code for ana.
code() {
	em_sql "DELETE FROM public_counter; DELETE FROM throttle;
	    DELETE FROM otp; DELETE FROM otp_request; DELETE FROM outbox" &&
	api POST /auth/login -H "X-Any: 1" "$@" '{"identifier":"ana"}' &&
	expect 202
}

test_expect_success 'every language has every template with the same variables' '
	(cd "$EM_SRC/templates" && for l in hi es id; do
		(cd en && ls) >"$EM_TEMP/en" && (cd $l && ls) >"$EM_TEMP/$l" &&
		diff "$EM_TEMP/en" "$EM_TEMP/$l" || exit 1
		for f in $(cat "$EM_TEMP/en"); do
			grep -o "{{[a-z_]*}}" en/$f | sort -u >"$EM_TEMP/v1"
			grep -o "{{[a-z_]*}}" $l/$f | sort -u >"$EM_TEMP/v2"
			diff "$EM_TEMP/v1" "$EM_TEMP/v2" || exit 1
		done
	done) && [ "$(wc -l <"$EM_TEMP/en")" -ge 40 ]
'

test_expect_success 'all built-in texts pass the check, and codes fit into one SMS' '
	cp -r "$EM_SRC/templates/." "$texts" && em_cli config check &&
	rm -r "$texts"/*
'

test_expect_success 'a code is sent in the preferred language, or that of the request' '
	em_user ana && em_user adm admin &&
	em_sql "UPDATE user SET phone = '\''+919876543210'\'', phone_ok = 1
	    WHERE username = '\''ana'\''" &&
	code && newest sms | jq -e "(.body | test(\"^[0-9]{6} is your code to sign in to Earmark\"))
	    and (.code as \$c | .body | endswith(\"\nyY9CeQORT+t\n@example.com #\" + \$c))
	    and .data.unicode == false" &&
	code -H "Accept-Language: fr, hi-IN;q=0.8, es;q=0.5, *;q=0.1" &&
	newest sms | jq -e "(.body | contains(\"साइन इन\")) and .data.language == \"hi\" and
	    .data.unicode" &&
	code -H "Accept-Language: in" && newest sms | jq -e ".data.language == \"id\"" &&
	code -H "Accept-Language: ;q=,,x;;q=9,-,\"" &&
	newest sms | jq -e ".data.language == \"en\"" &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferred_language\":\"es\"}" &&
	expect 200 && code -H "Accept-Language: hi" &&
	newest sms | jq -e "(.body | contains(\"para entrar\")) and .data.language == \"es\""
'

test_expect_success 'codes, texts and their variables are stored encrypted until they are sent' '
	em_sql "CREATE TABLE kept(code TEXT, body TEXT, data TEXT);
	    CREATE TRIGGER keep AFTER INSERT ON outbox BEGIN
		INSERT INTO kept VALUES (NEW.code, NEW.body, NEW.data);
	    END" && code && newest sms | jq -e "(.code | test(\"^[0-9]{6}$\")) and
	    .data.variables.code == .code" &&
	em_sql "SELECT * FROM kept" >out &&
	grep -q "^sealed:1:[^|]*|sealed:1:[^|]*|sealed:1:[^|]*$" out &&
	[ "$(wc -l <out)" = 1 ] &&
	em_sql "DROP TRIGGER keep; DROP TABLE kept"
'

test_expect_success 'a text that was encrypted with another key is not sent' '
	em_sql "DELETE FROM outbox; INSERT INTO outbox(channel, recipient, template,
		body, due_at, expires_at, created_at) VALUES (1, '\''+915'\'',
		'\''otp_login'\'', '\''sealed:1:'\'' || replace(hex(zeroblob(32)),
		'\''00'\'', '\''AAAA'\''), 0, 9000000000000, 0)" && em_jobs >/dev/null &&
	em_until "[ \"\$(em_sql \"SELECT error FROM outbox\")\" = \
	    \"encrypted with another key\" ]"
'

test_expect_success 'the language of the last sign-in applies to later messages' '
	em_user ben && em_login ben &&
	api POST /auth/login -H "Accept-Language: hi" \
	    "{\"identifier\":\"ben\",\"password\":\"$EM_PASSWORD\"}" && expect 200 &&
	[ "$(em_sql "SELECT accept_language FROM user WHERE username = '\''ben'\''")" = hi ] &&
	api POST /auth/login -H "Accept-Language: hi" -H "User-Agent: Phone/2" \
	    "{\"identifier\":\"ben\",\"password\":\"$EM_PASSWORD\"}" && expect 200 &&
	api GET /notifications -t "$TOKEN_ben" && expect 200 &&
	check_json "(.notifications | length) == 1 and (.notifications[0] |
	    .kind == \"account\" and .data == {type: \"account.new_device\"} and
	    .title == \"नया साइन इन\" and (.body | contains(\"Phone/2\")))"
'

test_expect_success 'a message about a sign-in names the browser and the system' '
	api POST /auth/login -H "User-Agent: Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537" \
	    "{\"identifier\":\"ben\",\"password\":\"$EM_PASSWORD\"}" && expect 200 &&
	api GET /notifications -t "$TOKEN_ben" && expect 200 &&
	check_json ".notifications[0].body | contains(\": Chrome (Windows), \")" &&
	em_sql "DELETE FROM notification WHERE id =
	    (SELECT max(id) FROM notification)"
'

test_expect_success 'security notices by e-mail cannot be disabled' '
	em_sql "UPDATE user SET email = '\''ben@example.org'\'', email_ok = 1
	    WHERE username = '\''ben'\''" &&
	api PUT /notifications/preferences -t "$TOKEN_ben" "{\"kinds\":[
	    {\"kind\":\"account\",\"in_app\":false,\"push\":false,\"email\":false}],
	    \"quiet_start\":\"00:00\",\"quiet_end\":\"23:59\"}" && expect 200 &&
	check_json ".kinds[4] == {kind: \"account\", in_app: false, push: false,
	    sms: true, email: false}" &&
	em_sql "DELETE FROM outbox" &&
	api POST /auth/login -H "User-Agent: Phone/3" \
	    "{\"identifier\":\"ben\",\"password\":\"$EM_PASSWORD\"}" && expect 200 &&
	[ "$(em_sql "SELECT group_concat(channel || template) FROM outbox")" = 2new_device ] &&
	api GET /notifications -t "$TOKEN_ben" &&
	check_json "(.notifications | length) == 1"
'

test_expect_success 'an operator replaces a text and adds a language' '
	mkdir -p "$texts/en" "$texts/fr" &&
	printf "Sender: ERMARK\nTemplate-ID: 1107160000000000001\nEntity-ID: 11\n\n%s\n" \
	    "Code {{code}}." >"$texts/en/otp_login.sms" &&
	printf "Votre code : {{code}}" >"$texts/fr/otp_login.sms" &&
	em_cli config check && em_cli pools restart auth >/dev/null &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferred_language\":\"en\"}" &&
	code && newest sms | jq -e "(.body | startswith(\"Code \" )) and
	    .data.sender == \"ERMARK\" and .data.template_id == \"1107160000000000001\" and
	    .data.entity_id == \"11\" and (.data.variables.code | length) == 6" &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"preferred_language\":\"fr\"}" &&
	code && newest sms | jq -e ".body | startswith(\"Votre code : \")"
'

# invalid FILE TEXT REASON
invalid() {
	mkdir -p "$texts/$(dirname "$1")" && printf '%b' "$2" >"$texts/$1" &&
	test_expect_code 3 em_cli config check 2>err && grep -q "$3" err &&
	rm "$texts/$1" || { note "$1: $(cat err)"; return 1; }
}
test_expect_success 'earmark config check rejects invalid templates' '
	invalid en/otp_login.sms "{{code}} {{name}}" "no variable {{name}}" &&
	invalid en/otp_login.sms "Your code" "{{code}} is missing" &&
	invalid en/otp_login.sms "{{code" "{{ without }}" &&
	invalid en/otp_login.sms "{{code}} {{Code}}" "name of a variable" &&
	invalid en/otp_login.sms "\\0377{{code}}" "not UTF-8" &&
	invalid en/otp_login.sms "{{code}} $(printf "%0160d")" "needs 2 SMS" &&
	invalid en/otp_login.email "{{code}}" "Subject" &&
	invalid en/call_missed.push "Title: a\n" "body is empty" &&
	invalid en/call_missed.sms "a" "not sent by this channel" &&
	invalid en/call_mised.push "Title: a\n\nb" "no message call_mised" &&
	invalid en/readme.txt "a" "the name must be" &&
	invalid english/call_missed.push "Title: a\n\nb" "code of a language" &&
	rmdir "$texts/english" && em_cli config check
'

test_expect_success 'values cannot add variables, lines or headers' '
	em_sql "DELETE FROM outbox" && SERVICE=$(em_cli token add shop) &&
	printf "Subject: {{title}}\n\n{{text}} end" >"$texts/en/notification.email" &&
	em_cli pools restart user >/dev/null &&
	api PUT /notifications/preferences -t "$TOKEN_ben" \
	    "{\"quiet_start\":null,\"quiet_end\":null}" && expect 200 &&
	em_sql "UPDATE user SET accept_language = NULL" &&
	api POST /notifications/send -t "$SERVICE" "{\"user_id\":$ID_ben,
	    \"title\":\"{{text}}\",\"body\":\"{{title}}\\nb\",\"kind\":\"news\",
	    \"channels\":[\"email\"]}" && expect 202 &&
	newest email | jq -e ".title == \"{{text}}\" and .body == \"{{title}}\nb end\""
'

test_expect_success 'an administrator previews a text and sends a test message' '
	echo "{{code}}!" >"$texts/en/otp_login.sms" &&
	em_cli pools restart admin >/dev/null &&
	api GET /admin/templates -t "$TOKEN_adm" && expect 200 &&
	check_json ".languages == [\"en\", \"es\", \"fr\", \"hi\", \"id\"] and
	    any(.templates[]; . == {name: \"otp_login\", channels: [\"sms\", \"email\"],
	    variables: \"code! minutes\"})" &&
	api GET "/admin/templates/otp_login?channel=sms&language=hi" -t "$TOKEN_adm" &&
	expect 200 && check_json ".source == \"built_in\" and .language == \"hi\" and
	    .segments == 1 and .unicode and (.body | startswith(\"123456 Earmark\"))" &&
	api GET "/admin/templates/otp_login?channel=sms" -t "$TOKEN_adm" &&
	check_json ".source == \"operator\" and .error == null" &&
	api GET "/admin/templates/otp_login?channel=push" -t "$TOKEN_adm" &&
	expect 404 not_found &&
	api GET "/admin/templates/otp_login?channel=sms" -t "$TOKEN_ana" &&
	expect 403 role_required &&
	api POST /admin/templates/otp_login/test -t "$TOKEN_adm" \
	    "{\"channel\":\"email\",\"language\":\"es\"}" && expect 409 no_address &&
	em_sql "UPDATE user SET email = '\''adm@example.org'\'', email_ok = 1
	    WHERE username = '\''adm'\''" &&
	api POST /admin/templates/otp_login/test -t "$TOKEN_adm" \
	    "{\"channel\":\"email\",\"language\":\"es\"}" && expect 202 &&
	check_json ".sent_to == \"a***@example.org\"" &&
	newest email | jq -e ".to == \"adm@example.org\" and (.body | contains(\"123456 es su\"))" &&
	api GET "/admin/audit?action=template.test" -t "$TOKEN_adm" &&
	check_json ".audit[0].target == \"template:es/otp_login.email\""
'

test_expect_success 'news by e-mail can be ended by a link without a sign-in' '
	em_sql "DELETE FROM outbox" && rm "$texts/en/notification.email" &&
	api POST /notifications/send -t "$SERVICE" "{\"user_id\":$ID_ben,
	    \"title\":\"t\",\"body\":\"b\",\"kind\":\"news\",
	    \"channels\":[\"email\"]}" && expect 202 &&
	link=$(newest email | jq -r .data.unsubscribe) &&
	path=/notifications/unsubscribe/${link##*/} &&
	api GET "$path" && expect 200 && grep -q "<form method=\"post\">" "$body" &&
	news() {
		api GET /notifications/preferences -t "$TOKEN_ben" &&
		[ "$(json .kinds[3].email)" = "$1" ]
	} && news true &&
	api POST "$path" -H "Content-Type: application/x-www-form-urlencoded" \
	    List-Unsubscribe=One-Click && expect 200 && news false &&
	api POST "$path" && expect 200 &&
	api POST "${path%?}x" && expect 404 &&
	api POST "/notifications/unsubscribe/1.00000000000000000000" && expect 404 &&
	api POST /notifications/send -t "$SERVICE" "{\"user_id\":$ID_ben,
	    \"title\":\"t\",\"body\":\"b\",\"channels\":[\"email\"]}" && expect 202 &&
	newest email | jq -e "has(\"data\") | not"
'

test_done
