# The library of the static tests: sharness without servers. $src and $build
# are the source tree and the build tree. The present folder is writable.
# shellcheck shell=sh disable=SC2034
src=${EARMARK_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=$(cd "${EARMARK_BUILD:-$src/build}" && pwd) || exit 1
SHARNESS_TEST_DIRECTORY=$build/t/scratch
SHARNESS_BUILD_DIRECTORY=$build
export SHARNESS_TEST_DIRECTORY SHARNESS_BUILD_DIRECTORY
mkdir -p "$SHARNESS_TEST_DIRECTORY" || exit 1
# shellcheck disable=SC1091
. /usr/share/sharness/sharness.sh

# The names of all pools.
pools=$(grep -o '\[POOL_[A-Z]*\] = "[a-z]*"' "$src/lib/base/conf_keys.c" |
    sed 's/.*"\(.*\)"/\1/')

# quiet COMMAND...: succeeds if COMMAND succeeds and prints nothing. Shows its
# output otherwise.
quiet() {
	"$@" >said 2>&1 && [ ! -s said ] && return
	sed 's/^/# /' said >&5
	return 1
}
# show COMMAND...: succeeds if COMMAND succeeds. Shows its output otherwise.
show() {
	"$@" >said 2>&1 && return
	sed 's/^/# /' said >&5
	return 1
}
