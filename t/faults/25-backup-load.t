#!/bin/sh
test_description='backups during writes'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

mib=24 rounds=2 most=
[ "${EARMARK_FAULT-}" != full ] || mib=512 rounds=6 most=100

em_conf limits.write_rate=0
em_start

test_expect_success "$rounds backups of more than $mib MiB during writes are complete" '
	"$EM_SRC"/t/faults/tools/backup.py load "$EM_STATE" "$EM_BUILD" $mib $rounds $most >seen 2>&1
	loaded=$?
	note "$(cat seen)"
	test $loaded = 0
'

test_done
