# Functions for tests that need npm packages. Sourced after lib.sh. Earmark
# itself needs none. If the registry is unavailable, these tests are skipped
# with a note.
# shellcheck shell=sh disable=SC2154

npm_ci() {
	npm ci --no-audit --no-fund --loglevel=error "$@" &&
	    cp package-lock.json installed
}

# npm_fetch FOLDER FILE...: installs the packages of the package-lock.json
# among the files into FOLDER, unless this was done before. Fails if the
# registry is unavailable. If the registry is available but the installation
# fails, npm_there fails later.
npm_fetch() {
	npm_folder=$1
	shift
	mkdir -p "$npm_folder"
	(
		flock 9
		cp "$@" "$npm_folder/" && cd "$npm_folder" || exit
		cmp -s package-lock.json installed && exit
		rm -f installed
		# npm ci would retry for minutes. A failure is retried only if
		# the registry is available.
		npm_ci --fetch-retries=0 --fetch-timeout=20000 >npm.log 2>&1 && exit
		npm view --fetch-retries=0 --fetch-timeout=20000 npm version \
		    >>npm.log 2>&1 || exit
		npm_ci >>npm.log 2>&1
		true
	) 9>"$npm_folder/lock" && return
	note "NOT TESTED: the npm registry is unavailable; see" \
	    "$npm_folder/npm.log"
	return 1
}

# npm_need FOLDER FILE...: as npm_fetch, but skips the script if it fails.
npm_need() {
	npm_fetch "$@" || {
		# shellcheck disable=SC2034
		skip_all="the npm registry is unavailable"
		test_done
	}
}

npm_there() {
	cmp "$npm_folder/package-lock.json" "$npm_folder/installed"
}
