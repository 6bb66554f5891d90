#!/bin/sh
# Every answer that the other tests have seen is one that openapi.yaml
# describes. This runs last: it waits for those that still run.
test_description='openapi: the answers of the whole suite'
src=${EARMARK_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
build=$(cd "${EARMARK_BUILD:-$src/build}" && pwd) || exit 1
answers=$build/t/answers

SHARNESS_TEST_DIRECTORY=$build/t/scratch
SHARNESS_BUILD_DIRECTORY=$build
export SHARNESS_TEST_DIRECTORY SHARNESS_BUILD_DIRECTORY
mkdir -p "$SHARNESS_TEST_DIRECTORY" "$answers" || exit 1
# shellcheck disable=SC1091
. /usr/share/sharness/sharness.sh

others_run() {
	for file in "$answers"/*.pid; do
		[ -e "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null &&
		    return 0
	done
	return 1
}

left=290
while others_run && [ $left -gt 0 ]; do
	sleep 1
	left=$((left - 1))
done

# Only the scripts that there are; all of them: then nothing may be missing.
set --
all=--coverage
for script in "$src"/t/[1-8]*.t; do
	file=$answers/$(basename "$script" .t).txt
	grep -q '^em_start' "$script" || continue
	if [ -s "$file" ]; then
		set -- "$@" "$file"
	else
		all=
	fi
done
[ $# -gt 0 ] || {
	skip_all='no answers were recorded yet'
	test_done
}

validate() {
	"$src/t/validate.py" "$@" >out 2>&1 && return
	sed 's/^/# /' out >&5
	return 1
}

test_expect_success 'the examples are of their own schemas' '
	validate "$build/openapi.json"
'

test_expect_success 'every answer is a documented one' '
	validate $all "$build/openapi.json" "$@"
'

# The comparison must be able to fail.
answer() {
	printf '%s\r\n' 'HTTP/1.1 200 OK' 'X-Request-Id: 0123456789abcdef' \
	    "$2" '' >head
	printf '%s %s application/json\n' "$1" "${#3}" >bad
	cat head >>bad
	printf '%s\n' "$3" >>bad
	! "$src/t/validate.py" "$build/openapi.json" bad >out ||
	    { cat out >&5 && return 1; }
}

test_expect_success 'a right answer is right' '
	! answer "GET /health/live 200" "X: y" "{\"status\":\"ok\"}"
' >/dev/null 2>&1

test_expect_success 'a member too many is found' '
	answer "GET /health/live 200" "X: y" "{\"status\":\"ok\",\"more\":1}" &&
	grep "Additional properties" out
'

test_expect_success 'a status, path, code or header of no description is found' '
	answer "GET /health/live 201" "X: y" "{\"status\":\"ok\"}" &&
	answer "GET /nowhere 200" "X: y" "{}" &&
	answer "GET /api/v1/nowhere 404" "X: y" \
	    "{\"error\":\"gone\",\"message\":\"x\",\"request_id\":\"0123456789abcdef\"}" &&
	answer "GET /api/v1/popular?kind=flyer 200" "X: y" \
	    "{\"kind\":\"flyer\",\"window\":\"7d\",\"items\":[]}" &&
	grep "no header ETag" out
'

test_done
