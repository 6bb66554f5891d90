#!/bin/sh
test_description='a backup is killed at random moments'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

kills=30
[ "${EARMARK_FAULT-}" != full ] || kills=300

em_bare >first || exit 1
mkdir -p "$EM_STATE/run" && echo url=http://127.0.0.1:1 >"$EM_STATE/run/demo.env"

test_expect_success "after $kills kills, all named backups are complete" '
	"$EM_SRC"/t/faults/tools/backup.py kill "$EM_STATE" "$EM_BUILD" $kills >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'

test_done
