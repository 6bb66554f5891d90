#!/bin/sh
test_description='clients: favorite listeners on a phone'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-clients.sh
. "$EM_SRC/t/lib-clients.sh"
em_conf limits.write_rate=0
em_start

# hears NAME: creates a listener who is verified.
hears() {
	em_user "$1" customer listener &&
	api POST /listeners/register -t "$(eval "echo \"\$TOKEN_$1\"")" \
	    '{"languages":["en"],"rate_per_minute":500}' && expect 201 &&
	em_sql "UPDATE listener SET verification = 1"
}

test_expect_success 'setup: a customer, listeners and a service' '
	em_user cara && list="" &&
	for n in 1 2 3 4 5 6 7 8 9; do
		hears "lis$n" && list="$list,$(eval "echo \$ID_lis$n")" || return 1
	done &&
	hears pending && hears banned &&
	em_sql "UPDATE listener SET verification = 0 WHERE user_id = $ID_pending" &&
	em_cli user ban banned && service=$(em_cli token add shop) &&
	context cara lis1 -- --argjson listeners "[${list#,}]" \
	    --argjson pending "$ID_pending" --argjson banned "$ID_banned" \
	    --arg service "$service" ". + {listeners: \$listeners,
	    pending: \$pending, banned: \$banned, service: \$service}"
'

# shellcheck disable=SC2034
client=listener_favorites.js
test_expect_success 'adding and removing are shown at once and are idempotent' '
	scenario $client add
'

test_expect_success 'a rejected change is undone with the reason' '
	scenario $client rejected
'

test_expect_success 'changes without a network are made later, each once' '
	scenario $client offline
'

test_expect_success 'two phones agree after reading the change feed' '
	scenario $client conflict
'

test_expect_success 'pages are complete, and unchanged pages are cached' '
	scenario $client pages
'

test_expect_success 'the counts of online and available listeners follow their presence' '
	scenario $client presence
'

test_done
