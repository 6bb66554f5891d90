#!/bin/sh
# The power of a machine fails while its log is copied to an archive on the
# same disk.
test_description='archive: power failures'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

if ! strace -o /dev/null true 2>/dev/null; then
	skip_all='strace is missing or may not trace'
	test_done
fi
# The processes run under strace, which excludes leak detection.
EM_LEAKS=0
rounds=6 cuts=6
[ "${EARMARK_FAULT-}" != full ] || rounds=40 cuts=300

em_temp
archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_conf jobs.wal_truncate_bytes=65536
em_allow '"event":"(archive|child)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

test_expect_success 'setup: an archive with a base and a segment' '
	em_user ana && em_user marker &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	em_stop
'

test_expect_success 'after a power failure, the archive is the database at a commit, and history continues' '
	"$EM_SRC/t/faults/tools/archive_powercut.py" "$EM_STATE" "$EM_BUILD" \
	    "$archive" $rounds $cuts >seen 2>&1
	failed=$?
	note "$(cat seen)"
	test $failed = 0
'
test_done
