#!/bin/sh
# What gcc does not warn of.
test_description='static: clang and cppcheck have nothing to say'
. "$(dirname "$0")/../lib-static.sh"

command -v clang >/dev/null && test_set_prereq CLANG
command -v cppcheck >/dev/null && test_set_prereq CPPCHECK

test_expect_success CLANG 'clang, with the warnings of configure.ac' '
	show make -s -C "$build" check-clang
'

test_expect_success CPPCHECK 'cppcheck' '
	show make -s -C "$build" check-cppcheck
'

test_done
