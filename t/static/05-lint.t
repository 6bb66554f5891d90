#!/bin/sh
# clang and cppcheck find problems that gcc does not.
test_description='static: clang and cppcheck'
. "$(dirname "$0")/../lib-static.sh"

command -v clang >/dev/null && test_set_prereq CLANG
command -v cppcheck >/dev/null && test_set_prereq CPPCHECK

test_expect_success CLANG 'clang reports nothing with the warnings of configure.ac' '
	show make -s -C "$build" check-clang
'

test_expect_success CPPCHECK 'cppcheck reports nothing' '
	show make -s -C "$build" check-cppcheck
'

test_done
