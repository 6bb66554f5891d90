# What the tests of accounts share; after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

# obj KEY=VALUE...: a JSON object of texts.
obj() {
	obj_n=$#
	while [ "$obj_n" -gt 0 ]; do
		set -- "$@" --arg "${1%%=*}" "${1#*=}"
		shift
		obj_n=$((obj_n - 1))
	done
	# shellcheck disable=SC2016
	jq -cn "$@" '$ARGS.named'
}

# post PATH KEY=VALUE...: that object sent to /auth/PATH.
post() {
	post_path=$1
	shift
	api POST "/auth/$post_path" "$(obj "$@")"
}

# register NAME ADDRESS...: email=... or phone=..., with everybody's password.
register() {
	register_name=$1
	shift
	post register username="$register_name" password="$EM_PASSWORD" "$@"
}

# Wait until everything in the outbox has been sent.
delivered() {
	em_until '[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0")" = 0 ]'
}

# code_of RECIPIENT: the newest code there, and not one before it.
code_of() {
	delivered && em_code "$1"
}

# verify IDENTIFIER CODE [PURPOSE]
verify() {
	post verify-otp identifier="$1" code="$2" purpose="${3:-register}"
}

# person NAME [ADDRESS]: registered, verified by e-mail, signed in.
person() {
	person_to=${2:-$1@example.org}
	register "$1" email="$person_to" && expect 201 &&
	verify "$person_to" "$(code_of "$person_to")" && expect 200 &&
	eval "TOKEN_$1=$(json .access_token) ID_$1=$(json .user.user_id)
	    REFRESH_$1=$(json .refresh_token)"
}

# Another code than this one: the same digits, the last one other.
other_code() {
	printf '%s%s\n' "${1%?}" "$(((${1#?????} + 1) % 10))"
}

# sent ADDRESS TEMPLATE: how many such messages went there.
sent() {
	delivered && jq -s --arg to "$1" --arg t "$2" \
	    '[.[] | select(.to == $to and .template == $t)] | length' \
	    "$EM_STATE/outbox.jsonl"
}

# An answer without what differs from request to request.
plain() {
	printf '%s ' "$status"
	jq -c 'del(.request_id, .expires_at, .otp.expires_at)' <"$body"
}

# otp_age SECONDS: one-time codes become that much older.
otp_age() {
	em_sql "UPDATE otp SET created_at = created_at - $1 * 1000,
	    expires_at = expires_at - $1 * 1000;
	    UPDATE otp_request SET created_at = created_at - $1 * 1000,
	    expires_at = expires_at - $1 * 1000;
	    UPDATE public_counter SET ends_at = ends_at - $1 * 1000
	    WHERE scope = \"otp_soon\""
}

# Forgets what was counted of sign-ins and one-time codes.
fresh() {
	em_sql 'DELETE FROM throttle; DELETE FROM public_counter'
}

# Forgets all one-time codes.
no_codes() {
	em_sql 'DELETE FROM otp; DELETE FROM otp_request;
	    DELETE FROM public_counter WHERE scope = "otp_soon"'
}

# users: how many rows there are; nothing may be added by what is refused.
users() {
	em_sql 'SELECT count(*) FROM user'
}

# Each line of stdin is a body that /auth/$1 must refuse as $2 with code $3.
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

# bodies_refused PATH: what no endpoint with a JSON body takes.
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

# from ADDRESS: requests come from that loopback address from now on.
from() {
	CURL_HOME=$PWD/curl-home
	export CURL_HOME
	mkdir -p "$CURL_HOME" && echo "interface = $1" >"$CURL_HOME/.curlrc"
}
