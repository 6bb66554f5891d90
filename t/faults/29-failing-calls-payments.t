#!/bin/sh
test_description='failing writes, syncs and allocations: a payment and its webhook'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
cases='topup initiate'
# shellcheck source=t/lib-failing-calls.sh
. "$EM_SRC/t/lib-failing-calls.sh"
