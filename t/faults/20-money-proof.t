#!/bin/sh
test_description='verification of a large ledger: time and memory'
. "$(dirname "$0")/../lib.sh"

entries=50000
[ "${EARMARK_FAULT-}" != full ] || entries=1000000
most=10 mebibytes=24
# The memory of sanitized programs cannot be compared.
! em_sanitized || mebibytes=1000

em_bare >/dev/null || exit 1

# prove: verifies the ledger. Sets $seconds and $mib.
prove() {
	# shellcheck disable=SC2046
	set -- $("$EM_SRC/t/tools/ledger_check.py" proof "$EM_BUILD/earmark" \
	    "$EM_STATE/earmark.conf") && seconds=$1 mib=$2
}

test_expect_success "$entries entries are verified in $most s and $mebibytes MiB" '
	head=$("$EM_SRC/t/tools/ledger_check.py" many "$EM_STATE/earmark.db" $entries) &&
	em_cli ledger verify >out && grep -q "head $head$" out && prove &&
	note "$(cat out)" "$seconds s, $mib MiB" &&
	awk "BEGIN { exit !($seconds < $most && $mib < $mebibytes) }"
'

test_done
