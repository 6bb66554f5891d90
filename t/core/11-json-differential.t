#!/bin/sh
# The scanner against python's reading of RFC 8259, on generated texts. To run
# it again with the seed that it printed: SEED=1234 t/core/11-...
test_description='core: JSON is what RFC 8259 says, and our bounds'
. "$(dirname "$0")/../lib.sh"

mutants() {
	/usr/bin/python3 "$EM_SRC/t/tools/json_fuzz_diff.py" "$EM_BUILD/t/tools/json_validate_cli" \
	    "$EM_SRC/t/fuzz/corpus/json_validate" "$@" >out 2>&1
}

test_expect_success '40,000 texts are taken and refused as by python' '
	mutants
	result=$?
	note "$(head -c 4000 out)"
	return $result
'

# The control: with a bound left out on one side there are differences.
for rule in twice depth int64 nul surrogate utf8; do
	test_expect_success "... and not so without the rule '$rule'" '
		! mutants --count 10000 --without "$rule" &&
		grep -q "^[1-9][0-9]* differences" out
	'
done

test_done
