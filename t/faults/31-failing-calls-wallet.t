#!/bin/sh
test_description='failing writes, syncs and allocations: a redemption, an adjustment and a favorite'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
cases='redeem adjust favorite'
# shellcheck source=t/lib-failing-calls.sh
. "$EM_SRC/t/lib-failing-calls.sh"
