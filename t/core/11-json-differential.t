#!/bin/sh
# Compares the JSON validator with Python on generated texts. To repeat a run,
# pass the seed that it printed: SEED=1234 t/core/11-json-differential.t
test_description='core: JSON is validated as RFC 8259 requires, with additional bounds'
. "$(dirname "$0")/../lib.sh"

mutants() {
	/usr/bin/python3 "$EM_SRC/t/tools/json_fuzz_diff.py" "$EM_BUILD/t/tools/json_validate_cli" \
	    "$EM_SRC/t/fuzz/corpus/json_validate" "$@" >out 2>&1
}

test_expect_success 'the validator and Python accept and reject the same 40,000 texts' '
	mutants
	result=$?
	note "$(head -c 4000 out)"
	return $result
'

# Control: there must be differences if one side omits a bound.
for rule in twice depth int64 nul surrogate utf8; do
	test_expect_success "the comparison finds differences without the rule '$rule'" '
		! mutants --count 10000 --without "$rule" &&
		grep -q "^[1-9][0-9]* differences" out
	'
done

test_done
