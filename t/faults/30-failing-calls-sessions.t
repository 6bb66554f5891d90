#!/bin/sh
test_description='failing writes, syncs and allocations: starting and ending a session'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
cases='start end'
# shellcheck source=t/lib-failing-calls.sh
. "$EM_SRC/t/lib-failing-calls.sh"
