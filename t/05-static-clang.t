#!/bin/sh
# What gcc does not warn of: values that one branch leaves unset.
test_description='static: clang has nothing to say'
. "$(dirname "$0")/static.sh"

if ! command -v clang >/dev/null; then
	skip_all='clang is missing'
	test_done
fi

test_expect_success 'all sources, the warnings of configure.ac' '
	show make -s -C "$build" check-clang
'

test_done
