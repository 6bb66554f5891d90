# What the tests begin with that need something of npm's; after lib.sh. Nothing
# of Earmark needs it: where the registry can not be reached, nothing is tested
# by it, loudly.
# shellcheck shell=sh disable=SC2154

npm_ci() {
	npm ci --no-audit --no-fund --loglevel=error "$@" &&
	    cp package-lock.json installed
}

# npm_fetch ROOM FILE...: what the package-lock.json among the files says, into
# that folder, once for a lock file. False: the registry can not be reached.
# What it has and can not be installed is the failure of npm_there.
npm_fetch() {
	npm_room=$1
	shift
	mkdir -p "$npm_room"
	(
		flock 9
		cp "$@" "$npm_room/" && cd "$npm_room" || exit
		cmp -s package-lock.json installed && exit
		rm -f installed
		# By itself npm ci would try for minutes; what fails at once
		# is tried again where the registry is there.
		npm_ci --fetch-retries=0 --fetch-timeout=20000 >npm.log 2>&1 && exit
		npm view --fetch-retries=0 --fetch-timeout=20000 npm version \
		    >>npm.log 2>&1 || exit
		npm_ci >>npm.log 2>&1
		true
	) 9>"$npm_room/lock" && return
	note "NOT TESTED: npm's registry can not be reached; see" \
	    "$npm_room/npm.log"
	return 1
}

# npm_need ROOM FILE...: the same, or the whole script is skipped.
npm_need() {
	npm_fetch "$@" || {
		# shellcheck disable=SC2034
		skip_all="npm's registry can not be reached"
		test_done
	}
}

npm_there() {
	cmp "$npm_room/package-lock.json" "$npm_room/installed"
}
