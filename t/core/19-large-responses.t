#!/bin/sh
test_description='core: large responses'
. "$(dirname "$0")/../lib.sh"

# Each pool has one worker, so that all requests run in it.
em_conf pools.favorites_workers=1
em_conf pools.catalog_workers=1
em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_conf limits.large_bytes=0
em_conf server.cors_origins=https://app.example
em_start

FLYERS=1500

# get FILE PATH TOKEN [curl options]: stores a response in FILE and not for
# 99-openapi-responses.t.
get() {
	get_file=$1 get_path=$2 get_token=$3
	shift 3
	status=$(curl -sS --max-time 60 -o "$get_file" -D "$headers" \
	    -w '%{http_code}' -H "Authorization: Bearer $get_token" "$@" \
	    "$URL$get_path")
}

# peak POOL: prints the peak memory of the worker in MiB.
peak() {
	awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$(one "$1")/status"
}

one() {
	em_workers "$1" | tr -d ' '
}

test_expect_success 'setup: accounts, 1,500 flyers of 24 KB and documents of 100 KB' '
	em_user ana && em_user ben && em_user adm admin &&
	em_sql "INSERT INTO flyer(id, publisher_id, title, description,
	    image_url, created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < $FLYERS)
	    SELECT i, $ID_ana, '\''\"flyer\" \\ '\'' || i,
		char(10) || i || replace(printf('\''%.*c'\'', 4990, '\''x'\''),
		'\''x'\'', char(128512)) || char(34),
		printf('\''http://x/%.*c'\'', 3900, '\''y'\''), i, i FROM n;
	INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at)
	    SELECT $ID_ana, 2, id, id / 10, id FROM flyer;
	INSERT INTO document(id, uuid, owner_id, title, content, is_public,
	    created_at, updated_at)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 360)
	    SELECT i, randomblob(16), $ID_ana, '\''document '\'' || i,
		i || printf('\''%.*c'\'', 99990, '\''z'\''), i % 2, i, i FROM n;
	INSERT INTO favorite(user_id, kind, entity_id, uuid, created_at,
	    updated_at)
	    SELECT $ID_ana, 6, id, randomblob(16), id, id FROM document" &&
	for i in $(seq 18); do
		em_user "usr$i" && eval "id=\$ID_usr$i" &&
		em_sql "INSERT INTO favorite(user_id, kind, entity_id,
		    created_at, updated_at)
		    SELECT $id, 2, id, id / 10, id FROM flyer" || return 1
	done &&
	one favorites >favorites.pid && one catalog >catalog.pid
'

test_expect_success 'the array of all favorite flyers is complete' '
	get all.json /api/users/me/favorites/ "$TOKEN_ana" &&
	[ "$status" = 200 ] &&
	size=$(wc -c <all.json) && note "$size bytes" &&
	[ "$size" -gt 36000000 ] && [ "$(header Content-Length)" = "$size" ] &&
	[ "$("$EM_SRC"/t/tools/large_responses.py favorites "$EM_STATE/earmark.db" "$ID_ana" \
	    all.json)" = $FLYERS ] &&
	one favorites | test_cmp favorites.pid - &&
	[ -z "$(ls -A "$EM_STATE/spool")" ]
'

test_expect_success 'HEAD, ETag and CORS work as for small responses' '
	get all.json /api/users/me/favorites/ "$TOKEN_ana" \
	    -H "Origin: https://app.example" && [ "$status" = 200 ] &&
	header ETag >etag && [ -s etag ] && size=$(header Content-Length) &&
	[ "$(wc -c <all.json)" = "$size" ] &&
	[ "$(header Access-Control-Allow-Origin)" = https://app.example ] &&
	header Vary | grep -qx Origin &&
	[ -n "$(header X-Request-Id)" ] && [ -z "$(header Link)" ] &&
	get none /api/users/me/favorites/ "$TOKEN_ana" --head &&
	[ "$status" = 200 ] && [ "$(header Content-Length)" = "$size" ] &&
	header ETag | test_cmp etag - &&
	get none /api/users/me/favorites/ "$TOKEN_ana" \
	    -H "If-None-Match: $(cat etag)" && [ "$status" = 304 ] &&
	header ETag | test_cmp etag - &&
	em_sql "UPDATE flyer SET title = '\''new'\'' WHERE id = 3" &&
	get none /api/users/me/favorites/ "$TOKEN_ana" \
	    -H "If-None-Match: $(cat etag)" && [ "$status" = 200 ] &&
	! header ETag | test_cmp etag - >different
'

test_expect_success 'an export of more than 64 MiB is complete' '
	get export.json /api/v1/me/export "$TOKEN_ana" &&
	[ "$status" = 200 ] &&
	size=$(wc -c <export.json) && note "$size bytes" &&
	[ "$size" -gt 67108864 ] && [ "$(header Content-Length)" = "$size" ] &&
	[ "$("$EM_SRC"/t/tools/large_responses.py export "$EM_STATE/earmark.db" "$ID_ana" \
	    export.json)" = $((FLYERS + 360)) ] &&
	one favorites | test_cmp favorites.pid - &&
	[ -z "$(ls -A "$EM_STATE/spool")" ]
'

# pages PATH ITEMS NEXT: follows the cursors. Stores the number of items of
# each page in sizes and all ids in ids. The first page is complete.
pages() {
	cursor='' n=0
	: >ids
	: >sizes
	while n=$((n + 1)) && [ $n -lt 200 ]; do
		get page.json "$1limit=100${cursor:+&cursor=$cursor}" \
		    "$TOKEN_ana" && [ "$status" = 200 ] || return 1
		[ $n = 1 ] || [ "$(wc -c <page.json)" -lt 3000000 ] || return 1
		jq -r "($2 | length), (.next_cursor // \"\"), $2[].id" page.json \
		    >page &&
		{ read -r size && read -r cursor && cat >>ids; } <page || return 1
		echo "$size" >>sizes
		[ -n "$cursor" ] || break
	done
	note "$1: pages of $(sort -n sizes | uniq -c | tr '\n' ' ')"
	[ "$(wc -l <ids)" = "$3" ] && [ "$(sort -u ids | wc -l)" = "$3" ] &&
	[ "$(sed -n 1p sizes)" = 100 ] && [ "$(sed -n 2p sizes)" -lt 100 ]
}

test_expect_success 'pages by cursor of large rows have fewer items, and together they are complete' '
	pages "/api/users/me/favorites/?" .results $FLYERS &&
	pages "/api/flyers/?" .results $FLYERS &&
	pages "/api/documents?" .items 360 &&
	pages "/api/user-favorites?" .items 360 &&
	pages "/api/user-favorites?sort_order=asc&" .items 360
'

test_expect_success 'the next offset follows the last item of a page' '
	for path in "/api/users/me/favorites/?limit=100" \
	    "/api/flyers?limit=100"; do
		: >ids
		while [ -n "$path" ]; do
			get page.json "$path" "$TOKEN_ana" &&
			[ "$status" = 200 ] &&
			jq -r "(.next // \"\"), .results[].id" page.json >page &&
			{ read -r path && cat >>ids; } <page &&
			path=${path#http://*/} &&
			path=${path:+/$path} || return 1
		done
		[ "$(wc -l <ids)" = $FLYERS ] &&
		[ "$(sort -u ids | wc -l)" = $FLYERS ] || return 1
	done
'

test_expect_success 'a creative with 100 documents of 100 KB is complete' '
	em_sql "INSERT INTO creative(id, uuid, owner_id, document_ids,
	    is_published, created_at, updated_at)
	    SELECT 1, randomblob(16), $ID_ana, group_concat(lower(
		substr(h, 1, 8) || '\''-'\'' || substr(h, 9, 4) || '\''-'\'' ||
		substr(h, 13, 4) || '\''-'\'' || substr(h, 17, 4) || '\''-'\'' ||
		substr(h, 21)), char(10)), 1, 1, 1
	    FROM (SELECT hex(uuid) AS h FROM document WHERE id <= 100)" &&
	h=$(em_sql "SELECT lower(hex(uuid)) FROM creative") &&
	id=$(echo $h | sed "s/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)/\1-\2-\3-\4-/") &&
	get creative.json "/api/creatives/$id" "$TOKEN_ana" &&
	[ "$status" = 200 ] &&
	[ "$(jq ".documents | length" creative.json)" = 100 ] &&
	[ "$(wc -c <creative.json)" -gt 10000000 ] &&
	header ETag >etag &&
	get none "/api/creatives/$id" "$TOKEN_ana" \
	    -H "If-None-Match: $(cat etag)" && [ "$status" = 304 ] &&
	get none "/api/creatives/$id" "$TOKEN_ben" && [ "$status" = 200 ] &&
	[ "$(jq ".documents | length" none)" = 50 ] &&
	one catalog | test_cmp catalog.pid -
'

test_expect_success 'the memory of a worker is bounded' '
	em_sanitized || {
		note "MiB: favorites $(peak favorites), catalog $(peak catalog)" &&
		[ "$(peak favorites)" -lt 40 ] && [ "$(peak catalog)" -lt 40 ]
	}
'

# lock_spool: locks run/spool.lock until the named pipe is closed, so that no
# worker can produce slices.
lock_spool() {
	mkfifo turn
	flock "$EM_STATE/run/spool.lock" sh -c 'echo; cat' <turn >held &
	exec 9>turn
	em_until '[ -s held ]'
}

unlock_spool() {
	exec 9>&-
	rm -f turn held
}

# waiting N: waits until N large responses wait. A worker locks a byte of
# spool.lock for each.
waiting() {
	spool_lock=$(stat -c %i "$EM_STATE/run/spool.lock") &&
	em_until "[ \$(locked_bytes $spool_lock) -ge $1 ]"
}

locked_bytes() {
	awk -v file=":$1\$" '$2 == "OFDLCK" && $6 ~ file { n += $8 - $7 + 1 }
	    END { print n + 0 }' /proc/locks
}

# list_to FILE USER [SECONDS]: requests a list of 36 MB in the background. When
# it has ended, FILE.status contains its status, or 000 after a timeout.
# $children contains its process.
list_to() {
	rm -f "$1.status"
	eval "token=\$TOKEN_$2"
	{
		curl -s --max-time "${3:-60}" -o "$1" -D "$1.head" \
		    -w '%{http_code}' -H "Authorization: Bearer $token" \
		    "$URL/api/users/me/favorites/" >"$1.part"
		mv "$1.part" "$1.status"
	} 9>&- &
	children="${children-} $!"
}

wait_children() {
	# shellcheck disable=SC2086
	wait $children
	children=''
}

test_expect_success 'a large response waits for its turn, others do not' '
	lock_spool && list_to waits usr1 &&
	api GET /api/flyers/7/favorite -t "$TOKEN_ana" && expect 200 &&
	get small.json /api/v1/me/export "$TOKEN_ben" && [ "$status" = 200 ] &&
	[ "$(jq -r .profile.username small.json)" = ben ] &&
	sleep 0.5 && [ ! -e waits.status ] &&
	unlock_spool && wait_children &&
	[ "$(cat waits.status)" = 200 ] &&
	[ "$(wc -c <waits)" -gt 36000000 ]
'

test_expect_success 'a client that disconnects frees its slot for others' '
	lock_spool &&
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
		list_to "left.$i" "usr$i" 6
	done &&
	wait_children &&
	[ "$(for i in left.*.status; do cat $i; echo; done | sort | uniq -c |
	    tr -s " " | tr "\n" ,)" = " 16 000, 2 503," ] &&
	unlock_spool &&
	get after.json /api/v1/me/export "$TOKEN_ana" && [ "$status" = 200 ] &&
	[ "$(wc -c <after.json)" -gt 67108864 ] &&
	one favorites | test_cmp favorites.pid - &&
	[ -z "$(ls -A "$EM_STATE/spool")" ]
'

test_expect_success 'while lists are produced others are served' '
	for i in 1 2 3 4 5 6; do
		list_to "six.$i" "usr$i"
	done &&
	n=0 &&
	while [ "$(ls | grep -c "^six.*status")" -lt 6 ]; do
		api GET /api/flyers/7/favorite -t "$TOKEN_ana" && expect 200 &&
		n=$((n + 1)) || return 1
	done &&
	wait_children && note "$n others" && [ $n -ge 6 ] &&
	for i in 1 2 3 4 5 6; do
		[ "$(cat "six.$i.status")" = 200 ] &&
		[ "$(wc -c <"six.$i")" -gt 36000000 ] || return 1
	done
'

# median N: prints the median time of N small requests in microseconds.
median() {
	for i in $(seq "$1"); do
		curl -s -o /dev/null -w '%{time_starttransfer}\n' \
		    -H "Authorization: Bearer $TOKEN_ana" \
		    "$URL/api/flyers/7/favorite"
	done | sort -n | sed -n "$(($1 / 2))p" | awk '{ print int($1 * 1e6) }'
}

if [ "${EARMARK_FAULT-}" = full ]; then
	test_expect_success 'six lists hardly change the times of others' '
		idle=$(median 200) &&
		for i in 1 2 3 4 5 6; do
			list_to "timed.$i" "usr$i"
		done &&
		sleep 0.1 && busy=$(median 60) &&
		[ "$(ls | grep -c "^timed.*status")" -lt 6 ] &&
		wait_children && note "median $idle us, then $busy us" &&
		[ "$busy" -lt $((idle + 10000)) ]
	'
fi

# The bytes of unlinked files that the processes have open, in MiB.
unlinked() {
	for pid; do
		ls -l "/proc/$pid/fd" | sed -n "/memfd/d
		    s/.* \([0-9]*\) -> .*(deleted)\$/\1/p" |
		    while read -r fd; do
			stat -Lc %s "/proc/$pid/fd/$fd"
		done
	done 2>/dev/null | awk '{ n += $1 } END { print int(n / 1048576) }'
}

test_expect_success 'a session that ends while its response waits is refused' '
	lock_spool && list_to revoked usr7 && waiting 1 &&
	api POST /auth/logout-all -t "$TOKEN_usr7" "{}" && expect 204 &&
	unlock_spool && wait_children && [ "$(cat revoked.status)" = 401 ]
'

test_expect_success 'a user has one large response at a time, also of HEAD' '
	{ curl -s --limit-rate 100k -o slow \
	    -H "Authorization: Bearer $TOKEN_usr2" \
	    "$URL/api/users/me/favorites/" & } &&
	children=$! && em_until "[ -s slow ]" &&
	for option in --get --head; do
		get none /api/v1/me/export "$TOKEN_usr2" &&
		[ "$status" = 200 ] &&
		get again /api/users/me/favorites/ "$TOKEN_usr2" $option &&
		[ "$status" = 429 ] && [ "$(header Retry-After)" = 1 ] ||
		    return 1
	done &&
	get all.json /api/users/me/favorites/ "$TOKEN_usr3" && [ "$status" = 200 ]
'

test_expect_success 'nginx does not store what the client has not read' '
	nginx=$(cat "$EM_STATE/run/nginx.pid") &&
	[ "$(unlinked "$(one favorites)")" -gt 30 ] &&
	[ "$(unlinked $(cat "/proc/$nginx/task/$nginx/children"))" -lt 1 ] &&
	kill $children && { wait_children || :; } &&
	em_until "[ \"\$(unlinked \$(one favorites))\" = 0 ]" &&
	get again /api/users/me/favorites/ "$TOKEN_usr2" && [ "$status" = 200 ]
'

# begun: succeeds if a large response is being produced. If the last one ended
# before this was seen, requests another one.
begun() {
	[ ! -e last.status ] || { wait_children; list_to last usr1; }
	[ "$(unlinked "$(one favorites)")" -gt 0 ]
}

test_expect_success 'a worker that ends finishes what it has begun, and no more' '
	list_to last usr1 && em_until begun &&
	kill -TERM "$(one favorites)" && wait_children &&
	[ "$(cat last.status)" = 200 ] && [ "$(wc -c <last)" -gt 36000000 ] &&
	em_until "[ -n \"\$(one favorites)\" ] &&
	    ! one favorites | cmp -s favorites.pid -" &&
	lock_spool && list_to never usr1 && list_to never2 usr2 && waiting 2 &&
	kill -TERM "$(one favorites)" && wait_children &&
	[ "$(cat never.status never2.status)" = 503503 ] &&
	jq -e ".error == \"busy\"" never never2 &&
	[ "$(grep -ic "^Retry-After: 5" never.head)" = 1 ] && unlock_spool &&
	em_until "[ -n \"\$(one favorites)\" ]"
'

# retitle FLYER TITLE TOKEN: prints the status.
retitle() {
	curl -s -o /dev/null -w '%{http_code}\n' -X PATCH \
	    -H "Authorization: Bearer $3" -H 'Content-Type: application/json' \
	    --data "{\"title\":\"$2\"}" "$URL/api/flyers/$1"
}

# The stored text has 15 MB, which the API would not accept.
em_allow '"event":"memory"|"status":500'
test_expect_success 'a request that exceeds its memory returns 500, others are not affected' '
	em_sql "INSERT INTO flyer(id, publisher_id, title, description,
	    created_at, updated_at) VALUES (9000, $ID_ana, '\''huge'\'',
	    replace(printf('\''%.*c'\'', 3700000, '\''x'\''), '\''x'\'',
	    char(128512)), 1, 1)" &&
	for i in 1 2 3 4 5 6; do
		retitle 9000 "t$i" "$TOKEN_adm" >"huge.$i" &
		children="$children $!"
		retitle "$i" "t$i" "$TOKEN_ana" >"fine.$i" &
		children="$children $!"
	done &&
	wait_children && sort -u huge.* >huge && sort -u fine.* >fine &&
	echo 500 | test_cmp - huge && echo 200 | test_cmp - fine &&
	[ "$(em_sql "SELECT title FROM flyer WHERE id = 9000")" = huge ] &&
	[ "$(em_sql "SELECT group_concat(title) FROM flyer WHERE id <= 6")" = \
	    t1,t2,t3,t4,t5,t6 ] &&
	one catalog | test_cmp catalog.pid -
'

test_done
