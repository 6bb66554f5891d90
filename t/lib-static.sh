# What the static tests begin with: sharness, no servers. $src and $build are
# the source tree and the build tree; the present folder is one to write in.
# shellcheck shell=sh disable=SC2034
src=${EARMARK_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=$(cd "${EARMARK_BUILD:-$src/build}" && pwd) || exit 1
SHARNESS_TEST_DIRECTORY=$build/t/scratch
SHARNESS_BUILD_DIRECTORY=$build
export SHARNESS_TEST_DIRECTORY SHARNESS_BUILD_DIRECTORY
mkdir -p "$SHARNESS_TEST_DIRECTORY" || exit 1
# shellcheck disable=SC1091
. /usr/share/sharness/sharness.sh

# The names of the pools, as the programs know them.
pools=$(grep -o '\[POOL_[A-Z]*\] = "[a-z]*"' "$src/lib/base/conf_keys.c" |
    sed 's/.*"\(.*\)"/\1/')

# quiet COMMAND...: it succeeds and says nothing; else what it says is shown.
quiet() {
	"$@" >said 2>&1 && [ ! -s said ] && return
	sed 's/^/# /' said >&5
	return 1
}
# show COMMAND...: it succeeds; else what it says is shown.
show() {
	"$@" >said 2>&1 && return
	sed 's/^/# /' said >&5
	return 1
}
