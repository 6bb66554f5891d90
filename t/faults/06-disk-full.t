#!/bin/sh
test_description='a full disk'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_temp
mkdir -p "$EM_STATE"
if ! mount -t tmpfs -o size=64m tmpfs "$EM_STATE" 2>/dev/null; then
	skip_all='only root can mount a small disk'
	test_done
fi
trap 'left=$?; em_stop; umount -l "$EM_STATE"; (exit $left); em_exit' EXIT

em_allow '"event":"(db_full|db_fault|disk_reserve)"'
# The logs are on the same disk, so lines may be incomplete.
em_allow '"level":"error"[^}]*($|[{])'
em_conf limits.write_rate=0
em_start

fill() {
	dd if=/dev/zero of="$EM_STATE/filler" bs=64k status=none 2>/dev/null
	test -s "$EM_STATE/filler"
}

# write_until_full: saves and removes a favorite until a write fails.
write_until_full() {
	n=0
	while [ $n -lt 400 ]; do
		api POST /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
		[ "$status" -lt 500 ] &&
		api DELETE /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
		[ "$status" -lt 500 ] || return 0
		n=$((n + 1))
	done
	note "400 writes and the disk is not full"
	return 1
}

test_expect_success 'setup: an account and a flyer' '
	em_user ana &&
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"one\"}" &&
	expect 201 &&
	api POST /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
	expect 201 &&
	workers=$(em_workers favorites)
'

test_expect_success 'a write returns 503 storage_full with Retry-After' '
	fill &&
	write_until_full &&
	expect 503 storage_full &&
	test -n "$(header Retry-After)"
'

test_expect_success '/api/v1/users/me/favorites returns 503 with its documented message' '
	api POST /api/v1/users/me/favorites -t "$TOKEN_ana" \
	    "{\"destination_id\":\"5b7a8702-b2c5-4de4-93c9-99322bd49ee2\"}" &&
	case $status in
	503) check_json ".message == \"Could not update Favorites. Please try again.\"" ;;
	404) : "no room was needed to see that it is not there" ;;
	*) false ;;
	esac
'

test_expect_success 'reads succeed while the disk is full' '
	for n in 1 2 3 4 5; do
		api GET /api/users/me/favorites/ -t "$TOKEN_ana" &&
		expect 200 &&
		api GET /api/flyers/ && expect 200 &&
		api GET /listeners && expect 200 &&
		api GET /user/profile -t "$TOKEN_ana" && expect 200 || return 1
	done
'

test_expect_success 'no write was applied partially' '
	test "$(em_sql "SELECT count(*) FROM favoritable AS e WHERE favorites_count
	    <> (SELECT count(*) FROM favorite AS f WHERE f.kind = e.kind
	    AND f.entity_id = e.id)")" = 0 &&
	test "$(em_sql "SELECT sum(action * 2 - 1) - (SELECT count(*)
	    FROM favorite) FROM favorite_log")" = 0
'

test_expect_success 'writes succeed again when space is available' '
	rm "$EM_STATE/filler" &&
	sleep 1.2 &&
	api POST /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
	case $status in 200 | 201) : ;; *) expect 201 ;; esac &&
	api DELETE /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
	expect 204
'

test_expect_success 'no worker ended, and the database is valid' '
	test "$(em_workers favorites)" = "$workers" &&
	test "$(em_sql "PRAGMA integrity_check")" = ok &&
	test -z "$(em_sql "PRAGMA foreign_key_check")"
'

test_done
