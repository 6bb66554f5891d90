# What the tests with a browser begin with; after lib.sh. Its driver comes by npm.
# shellcheck shell=sh disable=SC2034,SC2154

# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

shots=$EM_BUILD/t/screenshots tree=$EM_BUILD/t/driver
mkdir -p "$shots"
npm_need "$tree" "$EM_SRC/t/browser/package.json" \
    "$EM_SRC/t/browser/package-lock.json"

test_expect_success 'the driver and the browser are there' '
	npm_there && "${CHROMIUM:-chromium}" --version
'
