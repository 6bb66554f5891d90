#!/bin/sh
test_description='core: phone numbers have the E.164 form of libphonenumber'
# shellcheck source=t/lib-static.sh
. "$(dirname "$0")/../lib-static.sh"
EM_SRC=$src
# shellcheck source=t/lib-npm.sh
. "$src/t/lib-npm.sh"

note() {
	printf '%s\n' "$*" | sed 's/^/# /' >&5
}

SEED=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
note "SEED=$SEED"
tree=$build/t/phone
npm_need "$tree" "$src"/t/npm/phone/*

test_expect_success '5,000 numbers of the 30 largest countries have the same form' '
	NODE_PATH=$tree/node_modules node "$src/t/npm/phone/numbers.js" \
	    "$SEED" 5000 >numbers &&
	[ "$(wc -l <numbers)" = 5000 ] &&
	[ "$(grep -vc " invalid$" numbers)" -gt 1500 ] &&
	[ "$(grep -c " invalid$" numbers)" -gt 500 ] &&
	"$build/t/tools/phone_numbers" <numbers >different &&
	test_must_be_empty different
'

test_expect_success 'a wrong expectation is reported' '
	echo "- +919876543210 +919876543211" | "$build/t/tools/phone_numbers" |
	    grep -q "instead of"
'

test_done
