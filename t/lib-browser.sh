# Functions for browser tests. Sourced after lib.sh. npm installs the driver.
#
# browse WALK PLAN...		runs t/browser/WALK.js with the plans. The file seen
#				contains its output, which is printed on failure
# saw FILTER [jq args]		succeeds if FILTER is true of the file seen
# code_for RECIPIENT [TEMPLATE]	prints a command that waits for a code of TEMPLATE
#				(otp_login) for RECIPIENT and prints it
#
# $shots is the folder for screenshots: of all screens if SHOTS is set,
# else only of failed tests.
# shellcheck shell=sh disable=SC2034,SC2154

# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

shots=$EM_BUILD/t/screenshots tree=$EM_BUILD/t/driver
mkdir -p "$shots"
npm_need "$tree" "$EM_SRC/t/browser/package.json" \
    "$EM_SRC/t/browser/package-lock.json"

browse() {
	browse_walk=$EM_SRC/t/browser/$1.js
	shift
	NODE_PATH=$tree/node_modules node "$browse_walk" "$@" >seen 2>err && return
	note "$(jq -r '.wrong[]' seen 2>/dev/null || cat seen)" "$(cat err)"
	return 1
}

saw() {
	jq -e "$@" seen >/dev/null || {
		note "false: $1:" "$(jq 'del(.csv)' seen)"
		return 1
	}
}

code_for() {
	cat >"code-$1" <<-END
		for i in \$(seq 100); do
			jq -r 'select(.to == "$1" and
			    .template == "${2-otp_login}") | .code' \\
			    "$EM_STATE/outbox.jsonl" | tail -n 1 | grep . && exit
			sleep 0.1
		done
		exit 1
	END
	printf %s "sh '$PWD/code-$1'"
}

test_expect_success 'the driver and the browser are installed' '
	npm_there && "${CHROMIUM:-chromium}" --version
'
