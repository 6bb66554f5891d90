#!/bin/sh
test_description='a worker that cannot start does not affect other workers'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# Uses a separate folder of programs, so that one can be replaced.
em_temp
programs=$EM_TEMP/programs
mkdir "$programs"
for file in "$EM_BUILD"/earmark "$EM_BUILD"/earmark-* "$EM_BUILD"/openapi.json; do
	ln -s "$file" "$programs"
done
good=$EM_BUILD/earmark-catalog
EM_BUILD=$programs

em_allow '"event":"start"'
em_start

install_program() {
	cp "$1" "$programs/new" && mv "$programs/new" "$programs/earmark-catalog"
}

kill_one() {
	# shellcheck disable=SC2046
	set -- $(em_workers catalog)
	kill -9 "$1"
}

reasons() {
	grep -c '"level":"error".*"event":"start"' "$EM_STATE/log/catalog.log"
}

all_serve() {
	for n in 1 2 3 4 5 6 7 8 9 10; do
		api GET /api/flyers/ && expect 200 &&
		api GET /listeners && expect 200 &&
		api GET /version && expect 200 || return 1
	done
}

# ready_now N: succeeds if N live workers say that they are ready.
ready_now() {
	found=0
	for pid in $(em_workers catalog); do
		grep -q ready "$EM_STATE/run/worker-catalog-$pid" 2>/dev/null &&
		found=$((found + 1))
	done
	[ $found = "$1" ]
}

test_expect_success 'two workers serve the catalog' '
	em_until "ready_now 2" && all_serve
'

test_expect_success 'the other worker continues if the program is broken' '
	printf "no program\n" >broken && chmod +x broken &&
	install_program broken &&
	kill_one &&
	em_until "test \"\$(reasons)\" = 1" && sleep 1.5 &&
	all_serve
'

test_expect_success 'the reason is logged once' '
	test "$(reasons)" = 1 &&
	grep "\"event\":\"start\"" "$EM_STATE/log/catalog.log" |
	    grep earmark-catalog
'

test_expect_success 'a restart of all pools fails and keeps the running workers' '
	test_must_fail em_cli pools restart 2>said &&
	note "$(cat said)" &&
	grep "no worker was stopped" said &&
	all_serve
'

# worker FILE PROGRAM: the supervisor starts a worker of a pool.
worker() {
	! "$EM_SRC/tools/earmark-worker" "$PWD/reason" "$2" 2>"$1"
}
test_expect_success 'a program that ends at its first start is tested before the second one' '
	worker first "$PWD/broken" && ! grep event first && [ ! -e reason ] &&
	worker second "$PWD/broken" && grep "\"event\":\"start\"" second &&
	[ -s reason ] && worker third "$PWD/broken" && [ ! -s third ] &&
	worker fourth false && [ "$(ls reason-*)" ] &&
	"$EM_SRC/tools/earmark-worker" "$PWD/reason" true && [ ! -e reason ] &&
	[ "$(ls reason-* | wc -l)" = 1 ]
'

test_expect_success 'workers start again when the program is repaired' '
	install_program "$good" &&
	em_until "ready_now 2" &&
	all_serve
'

test_expect_success 'the same holds for a database with another schema' '
	: >"$EM_STATE/log/catalog.log" &&
	level=$(em_sql "PRAGMA user_version") &&
	flock "$EM_STATE/writer.lock" sqlite3 "$EM_STATE/earmark.db" \
	    "PRAGMA user_version = 999" &&
	kill_one &&
	em_until "test \"\$(reasons)\" = 1" && sleep 1.5 &&
	all_serve &&
	test "$(reasons)" = 1 &&
	grep "999" "$EM_STATE/log/catalog.log" &&
	flock "$EM_STATE/writer.lock" sqlite3 "$EM_STATE/earmark.db" \
	    "PRAGMA user_version = $level" &&
	em_until "ready_now 2" &&
	all_serve
'

test_done
