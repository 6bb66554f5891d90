#!/bin/sh
# Walks through the API reference in a browser with a small and a large window:
# all pages, sign-in, requests, and the curl commands, which a shell then runs.
# SHOTS=1 stores screenshots in t/screenshots/ of the build folder. The
# browsers can access only this machine.
test_description='docs: all operations are shown and can be tried'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/docs-*.png
em_start

test_expect_success 'setup: a customer, a listener and an administrator' '
	printf "%s\n" "$EM_PASSWORD" | em_cli user add ana --password-stdin \
	    --email ana@example.org >/dev/null && em_login ana &&
	em_user adm admin && em_user lis customer listener &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 600, '\''en'\'', 1)"
'

test_expect_success 'the page consists of local files, and its policy allows no other hosts' '
	api GET /docs/ && expect 200 &&
	header Content-Type | grep -q "^text/html" &&
	header Content-Security-Policy | grep -q "^default-src .none.; script-src .self.;" &&
	api GET /docs && expect 308 && [ "$(header Location)" = /docs/ ] &&
	for file in "$EM_SRC"/nginx/html/docs/*; do
		api GET "/docs/${file##*/}" && expect 200 &&
		cmp "$body" "$file" || return 1
	done &&
	api GET /docs/nope.js && expect 404 not_found &&
	! grep -rnE "innerHTML|outerHTML|insertAdjacentHTML|eval\(|localStorage|https?://[^w]" \
	    "$EM_SRC/nginx/html/docs"
'

# A less careful shell would run these commands.
bio='it'\''s "$HOME" `id` \\ $(touch harm) !!'
quoted=$(jq -cn --arg bio "$bio" '$bio')

test_expect_success 'browsers with a small and a large window show all pages' '
	printf "\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\0\0\0\0\72\176\233\125" \
	    >one.png &&
	printf "\0\0\0\12IDAT\170\332\143\150\0\0\0\202\0\201\332\105\010\073" >>one.png &&
	printf "\0\0\0\0IEND\256\102\140\202" >>one.png &&
	cat >event <<-END &&
		curl -fsS -X DELETE $URL/customer/favorites \\
		    -H "Authorization: Bearer $TOKEN_ana" \\
		    -H "Content-Type: application/json" \\
		    -d "{\"listener_id\":$ID_lis}"
	END
	jq -cn --arg url "$URL/docs/" --arg shots "$shots/docs" \
	    --arg password "$EM_PASSWORD" --arg bio "$bio" \
	    --arg image "$PWD/one.png" --arg token "$TOKEN_adm" \
	    --arg code "$(code_for ana@example.org)" --arg event "sh '\''$PWD/event'\''" \
	    "{\$url, \$shots, name: \"ana\", id: \"ana@example.org\", \$password,
		\$bio, \$image, \$token, \$code, \$event, listener: $ID_lis}" \
	    >plan &&
	browse docs "$(cat plan)"
'

test_expect_success 'all operations and schemas have a page' '
	jq -r "[.paths[] | to_entries[] | select(.value | type == \"object\") |
	    .value.operationId // empty] | sort[]" "$EM_BUILD/openapi.json" >want &&
	jq -r ".operations | sort[]" seen >have && diff want have &&
	jq -r ".components.schemas | keys[]" "$EM_BUILD/openapi.json" >want &&
	jq -r ".schemas | sort[]" seen >have && diff want have
'

test_expect_success 'requests of the page are sent with the token of the signed-in user' '
	saw ".answers.unsigned[0] == 401 and .answers.save[0] == 200 and
	    .answers.bio[0] == 200 and .answers.image[0] == 200 and
	    .answers.list[0] == 200 and .answers[\"audit-nobody\"][0] == 401 and
	    .answers.audit[0] == 200" &&
	saw ".answers.bio[1] | fromjson | .bio == \$bio" --arg bio "$bio" &&
	saw ".answers.audit[1] | fromjson | .audit | type == \"array\"" &&
	api GET /user/profile -t "$TOKEN_ana" && expect 200 &&
	check_json ".bio == $quoted and .profile_image_url != null"
'

# run_curl NAME: runs the curl command in a shell with the token in TOKEN.
run_curl() {
	jq -r ".curl[\"$1\"]" seen >line &&
	TOKEN=${2-$TOKEN_ana} sh -c "$(cat line) -sS -o run_curl -w '%{http_code}'" \
	    >run_curl.status && saw ".answers[\"$1\"][0] == $(cat run_curl.status)"
}

test_expect_success 'the curl commands have the effect of the requests of the page' '
	run_curl unsigned "" && run_curl save && run_curl list &&
	run_curl audit "$TOKEN_adm" && run_curl audit-nobody "" &&
	api PUT /user/profile -t "$TOKEN_ana" "{\"bio\":\"\"}" && expect 200 &&
	run_curl bio && api GET /user/profile -t "$TOKEN_ana" &&
	check_json ".bio == $quoted" && [ ! -e harm ]
'

test_expect_success 'the page shows no token, but can copy it' '
	saw "[.curl[] | select(test(\"eyJ\"))] == [] and
	    .copied == .curl.save and (.token | startswith(\"eyJ\"))" &&
	api GET /user/profile -t "$(jq -r .token seen)" && expect 401
'

test_done
