#!/bin/sh
test_description='core: large responses have limits for users and the machine'
. "$(dirname "$0")/../lib.sh"

em_conf pools.favorites_workers=2
em_conf limits.write_rate=0
em_conf limits.large_bytes=1048576
em_conf limits.large_total=67108864
em_start

# documents USER N: N documents of 100 KB.
documents() {
	eval "id=\$ID_$1"
	em_sql "INSERT INTO document(uuid, owner_id, title, content, is_public,
	    created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < $2)
	    SELECT randomblob(16), $id, 'document ' || i,
		printf('%.*c', 99990, 'z'), 0, i, i FROM n"
}

# export_of USER [curl's options]
export_of() {
	eval "token=\$TOKEN_$1"
	shift
	status=$(curl -sS --max-time 60 -o out -D "$headers" \
	    -w '%{http_code}' -H "Authorization: Bearer $token" "$@" \
	    "$URL/api/v1/me/export")
}

test_expect_success 'users with 14 MB each, and one with 18 MB' '
	for user in ann ben cal dan eve fay gus; do
		em_user $user && documents $user 140 || return 1
	done &&
	em_user huge && documents huge 180
'

test_expect_success 'an account requests so many bytes a minute' '
	export_of ann && [ "$status" = 200 ] && [ "$(wc -c <out)" -gt 14000000 ] &&
	for option in --get --head; do
		export_of ann $option && [ "$status" = 429 ] &&
		[ "$(header Retry-After)" -gt 5 ] &&
		[ "$(header Retry-After)" -le 65 ] || return 1
	done &&
	export_of ben --head && [ "$status" = 200 ] &&
	export_of ben && [ "$status" = 429 ] &&
	jq -e ".error == \"rate_limited\"" out &&
	em_user small && export_of small && [ "$status" = 200 ]
'

test_expect_success 'a response has a quarter of the space at most' '
	export_of huge && [ "$status" = 503 ] &&
	jq -e ".error == \"busy\" and (.message | test(\"pages\"))" out &&
	[ -z "$(ls -A "$EM_STATE/spool")" ]
'

test_expect_success 'all responses together have a maximum' '
	children="" && em_user hal && documents hal 140 &&
	for user in cal dan eve fay; do
		eval "token=\$TOKEN_$user"
		curl -s --limit-rate 20k --max-time 20 -o "slow.$user" \
		    -H "Authorization: Bearer $token" \
		    "$URL/api/v1/me/export" &
		children="$children $!"
		em_until "[ -s slow.$user ]" || return 1
	done &&
	export_of hal && [ "$status" = 503 ] && jq -e ".error == \"busy\"" out &&
	[ "$(header Retry-After)" = 5 ] &&
	export_of small && [ "$status" = 200 ] &&
	kill $children && { wait $children || :; }
'

test_done
