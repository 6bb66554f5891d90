# Functions for tests of accounts. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

# obj KEY=VALUE...: prints a JSON object of strings. Values that need no escapes
# need no jq.
obj() {
	case $* in
	*[!A-Za-z0-9@.+_=' '-]*) obj_jq "$@" ;;
	*)
		obj_text=
		for obj_pair; do
			obj_text="$obj_text${obj_text:+,}\"${obj_pair%%=*}\":\"${obj_pair#*=}\""
		done
		printf '{%s}\n' "$obj_text"
		;;
	esac
}

obj_jq() {
	obj_n=$#
	while [ "$obj_n" -gt 0 ]; do
		set -- "$@" --arg "${1%%=*}" "${1#*=}"
		shift
		obj_n=$((obj_n - 1))
	done
	# shellcheck disable=SC2016
	jq -cn "$@" '$ARGS.named'
}

# post PATH KEY=VALUE...: sends such an object to /auth/PATH.
post() {
	post_path=$1
	shift
	api POST "/auth/$post_path" "$(obj "$@")"
}

# register NAME ADDRESS...: registers with email=... or phone=... and the
# common password.
register() {
	register_name=$1
	shift
	post register username="$register_name" password="$EM_PASSWORD" "$@"
}

# delivered: waits until all messages of the outbox have been sent.
delivered() {
	em_until '[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0")" = 0 ]'
}

# code_of RECIPIENT: prints the newest code when all messages have been sent.
code_of() {
	delivered && em_code "$1"
}

# verify IDENTIFIER CODE [PURPOSE]: verifies a one-time code.
verify() {
	post verify-otp identifier="$1" code="$2" purpose="${3:-register}"
}

# person NAME [ADDRESS]: registers, verifies the e-mail address and signs in.
person() {
	person_to=${2:-$1@example.org}
	register "$1" email="$person_to" && expect 201 &&
	verify "$person_to" "$(code_of "$person_to")" && expect 200 &&
	em_tokens "$1"
}

# other_code CODE: prints a code that differs in the last digit.
other_code() {
	printf '%s%s\n' "${1%?}" "$(((${1#?????} + 1) % 10))"
}

# sent ADDRESS TEMPLATE: prints how many messages of TEMPLATE were sent.
sent() {
	delivered && jq -s --arg to "$1" --arg t "$2" \
	    '[.[] | select(.to == $to and .template == $t)] | length' \
	    "$EM_STATE/outbox.jsonl"
}

# plain: prints the response without members that differ between requests.
plain() {
	printf '%s ' "$status"
	jq -c 'del(.request_id, .expires_at, .otp.expires_at)' <"$body"
}

# otp_age SECONDS: moves all one-time codes SECONDS into the past.
otp_age() {
	em_sql "UPDATE otp SET created_at = created_at - $1 * 1000,
	    expires_at = expires_at - $1 * 1000;
	    UPDATE otp_request SET created_at = created_at - $1 * 1000,
	    expires_at = expires_at - $1 * 1000;
	    UPDATE public_counter SET ends_at = ends_at - $1 * 1000
	    WHERE scope = \"otp_soon\""
}

# fresh: deletes all counts of logins and one-time codes.
fresh() {
	em_sql 'DELETE FROM throttle; DELETE FROM public_counter'
}

# no_codes: deletes all one-time codes.
no_codes() {
	em_sql 'DELETE FROM otp; DELETE FROM otp_request;
	    DELETE FROM public_counter WHERE scope = "otp_soon"'
}

# users: prints the number of accounts, which a rejected request must not
# change.
users() {
	em_sql 'SELECT count(*) FROM user'
}

# refuse_each PATH STATUS CODE: succeeds if /auth/PATH rejects each line of
# standard input with STATUS and CODE.
refuse_each() {
	refuse_n=0
	while IFS= read -r refuse_body; do
		[ -n "$refuse_body" ] || continue
		if ! api POST "/auth/$1" "$refuse_body" ||
		    ! expect "$2" "$3"; then
			note "body: $refuse_body"
			return 1
		fi
		refuse_n=$((refuse_n + 1))
	done
	[ "$refuse_n" -gt 0 ]
}

# bodies_refused PATH: succeeds if /auth/PATH rejects invalid bodies.
bodies_refused() {
	refuse_each "$1" 400 invalid_json <<-'END' &&
	{
	[]
	null
	"text"
	{"identifier":"a",}
	{'identifier':'a'}
	{"identifier":"a","identifier":"b"}
	{"identifier":"\ud800"}
	{"identifier":"a\u0000b"}
	{"a":1} {"b":2}
	{"a":01}
	{"a":NaN}
	END
	api POST "/auth/$1" "$(printf '{"identifier":"\377"}')" &&
	expect 400 invalid_json &&
	api POST "/auth/$1" '' && expect 400 invalid_json &&
	api POST "/auth/$1" -H 'Content-Type: text/plain' '{}' &&
	expect 415 unsupported_media_type &&
	api POST "/auth/$1" -H 'Content-Type: application/x-www-form-urlencoded' \
	    'identifier=a' && expect 415 unsupported_media_type &&
	{
		printf '{"identifier":"'
		head -c 70000 /dev/zero | tr '\0' a
		printf '"}'
	} >huge && api POST "/auth/$1" @huge && expect 413 payload_too_large &&
	api GET "/auth/$1" && expect 405 method_not_allowed &&
	[ "$(header Allow)" = POST ] &&
	api POST "/auth/$1" '{}' && expect 400 validation_failed
}

# from ADDRESS: sends all following requests from this loopback address.
from() {
	CURL_HOME=$PWD/curl-home
	export CURL_HOME
	mkdir -p "$CURL_HOME" && echo "interface = $1" >"$CURL_HOME/.curlrc"
}
