# What the tests with a browser begin with; after lib.sh. Its driver comes by
# npm, as its lock file says, once; where it can not, nothing is tested, loudly.
# shellcheck shell=sh disable=SC2034,SC2154

shots=$EM_BUILD/t/screenshots tree=$EM_BUILD/t/driver
mkdir -p "$shots" "$tree"

(
	flock 9
	cmp -s "$EM_SRC/t/browser/package-lock.json" "$tree/installed" && exit
	rm -f "$tree/installed"
	cp "$EM_SRC/t/browser/package.json" \
	    "$EM_SRC/t/browser/package-lock.json" "$tree/" || exit
	(cd "$tree" && npm ci --no-audit --no-fund --loglevel=error) \
	    >"$tree/npm.log" 2>&1 &&
	cp "$EM_SRC/t/browser/package-lock.json" "$tree/installed"
) 9>"$tree/lock"
if ! cmp -s "$EM_SRC/t/browser/package-lock.json" "$tree/installed" &&
    ! (cd "$tree" && npm view --fetch-retries=0 playwright-core version) \
    >>"$tree/npm.log" 2>&1; then
	note "NO PAGE WAS LOOKED AT: npm's registry can not be reached."
	skip_all="npm's registry can not be reached; see $tree/npm.log"
	test_done
fi

test_expect_success 'the driver and the browser are there' '
	cmp "$EM_SRC/t/browser/package-lock.json" "$tree/installed" &&
	"${CHROMIUM:-chromium}" --version
'
