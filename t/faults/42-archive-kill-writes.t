#!/bin/sh
# earmark-jobs is killed at writes, syncs and renames of the log, the spool and
# the archive.
test_description='archive: earmark-jobs is killed at any write'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

if em_sanitized; then
	skip_all='the sanitizers have a malloc of their own'
	test_done
fi
kills=8 bases=1
[ "${EARMARK_FAULT-}" != full ] || kills=800 bases=200

em_temp
# fail_nth.so counts the files of this folder because of its name.
archive=$PWD/earmark.db-remote
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_allow '"event":"(archive|child)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

test_expect_success 'setup: an archive with a base and a segment' '
	em_user ana && em_user marker &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	em_stop
'

test_expect_success 'after each kill, the archive is the database at a commit, and history continues' '
	"$EM_SRC/t/faults/tools/fail_nth.py" nth &&
	"$EM_SRC/t/faults/tools/archive_kill.py" "$EM_STATE" "$EM_BUILD" \
	    "$PWD/nth" "$archive" $kills $bases >seen 2>&1
	killed=$?
	note "$(cat seen)"
	test $killed = 0
'
test_done
