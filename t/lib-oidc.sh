# OpenID providers. Sourced after lib.sh and lib-auth.sh.
#
#	oidc_double	starts t/doubles/oidc.js and configures its providers: a as
#			google, b as apple, c as other. It ends with the test
#	oidc PATH JSON	sends a request to the double. Prints the response
#
# $ISSUER_a, $ISSUER_b and $ISSUER_c are the issuers.
# shellcheck shell=sh disable=SC2034,SC2154

# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

oidc_pid=
trap 'left=$?; [ -z "$oidc_pid" ] || kill "$oidc_pid"; (exit $left); em_exit' \
    EXIT

oidc_double() {
	npm_need "$EM_BUILD/t/npm-oidc" "$EM_SRC"/t/npm/oidc/*
	node "$EM_SRC/t/doubles/oidc.js" --modules "$EM_BUILD/t/npm-oidc" \
	    --port-file "$PWD/oidc.ports" >"$PWD/oidc.log" 2>&1 &
	oidc_pid=$!
	oidc_log=$PWD/oidc.log
	em_until '[ -s oidc.ports ]' &&
	read -r oidc_port oidc_a oidc_b oidc_c <oidc.ports
	ISSUER_a=http://127.0.0.1:$oidc_a
	ISSUER_b=http://127.0.0.1:$oidc_b
	ISSUER_c=http://127.0.0.1:$oidc_c
	oidc_conf google "$ISSUER_a,accounts.example.org"
	oidc_conf apple "$ISSUER_b"
	oidc_conf other "$ISSUER_c"
	em_conf oidc.google.authorized_parties=android
}

oidc_conf() {
	em_conf "oidc.$1.issuer=$2"
	em_conf "oidc.$1.audiences=app,app-ios"
	em_conf "oidc.$1.jwks_url=${2%%,*}/jwks"
}

oidc() {
	curl -sS --max-time 30 --fail-with-body --data-binary "$2" \
	    "http://127.0.0.1:$oidc_port/$1" || {
		note "oidc $1 $2 failed: $(tail -n 3 "$oidc_log")"
		return 1
	}
}

# provider_of ISSUER: prints the name of its section.
provider_of() {
	case $1 in a) echo google ;; b) echo apple ;; *) echo other ;; esac
}

# token_for ISSUER SUB [JSON]: prints an ID token; JSON: more claims.
token_for() {
	token_more=${3:-}
	[ -n "$token_more" ] || token_more='{}'
	oidc token "$(jq -cn --arg i "$1" --arg s "$2" --argjson m "$token_more" \
	    '{issuer: $i, sub: $s} + $m')"
}

# forged ISSUER [CLAIMS [HEADER [KEY]]]: prints a token that the double signs.
forged() {
	forged_claims=${2:-} forged_header=${3:-}
	[ -n "$forged_claims" ] || forged_claims='{}'
	[ -n "$forged_header" ] || forged_header='{}'
	oidc forge "$(jq -cn --arg i "$1" --argjson c "$forged_claims" \
	    --argjson h "$forged_header" --arg k "${4:-}" \
	    '{issuer: $i, claims: $c, header: $h, key: $k}')"
}

# send_token ISSUER TOKEN [KEY=VALUE]: signs in, and waits for the keys.
send_token() {
	send_name=$(provider_of "$1") send_text=$2
	shift 2
	send_body=$(obj provider="$send_name" id_token="$send_text" "$@")
	em_until 'api POST /auth/id-token "$send_body" && [ "$status" != 503 ]'
}

# sign ISSUER SUB [JSON]: signs in with a new token of the provider.
sign() {
	send_token "$1" "$(token_for "$@")"
}

# verified ADDRESS: prints the claims of an address that was verified.
verified() {
	printf '{"email":"%s","email_verified":true}' "$1"
}

# keys_age SECONDS: moves the requests of keys into the past.
keys_age() {
	em_sql "UPDATE oidc_provider SET tried_at = tried_at - $1 * 1000,
	    fetched_at = fetched_at - $1 * 1000"
}
