#!/bin/sh
# A standby takes over while neither the archive nor the primary can be reached.
# Later, both return.
# shellcheck disable=SC2016
test_description='promote --offline'
. "$(dirname "$0")/../lib.sh"

em_temp
archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_allow '"event":"(archive|child|fenced|standby)"'
em_start || exit 1
first=$EM_STATE first_url=$URL

# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"
# shellcheck source=t/lib-standby.sh
. "$EM_SRC/t/lib-standby.sh"
second_machine second

test_expect_success 'setup: a standby follows the archive' '
	em_user ana && em_user marker && adjust one &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	follow --archive "$archive" &&
	em_until "[ -f \"$second/earmark.db.standby-position\" ]" &&
	adjust two && archived && followed &&
	em_sql "SELECT transfer_id, n, account_id, amount FROM entry" >want &&
	shared=$(count) && before=$(date -u +%FT%T.%3NZ)
'

test_expect_success 'promote without the archive changes nothing' '
	mv "$archive" aside &&
	! standby promote >out 2>err && grep -q "$archive: No such file" err &&
	! [ -e "$second/earmark.db" ] &&
	[ "$(standing .standby.state)" = stopped ]
'

test_expect_success 'the old primary, which is isolated, continues to serve' '
	adjust "only on the old primary" && [ "$(count)" -gt "$shared" ]
'

test_expect_success 'promote --offline takes over with what was applied' '
	standby promote --offline >out &&
	grep -q "promoted to epoch 2: base .*, ledger, audit log and file were verified" out &&
	grep -q "the old primary does not know this: keep it stopped" out &&
	money "$second" >got && test_cmp want got &&
	[ -z "$(find "$second" -name "*.standby-[0-9p]*")" ] &&
	refuses 1 "not a standby" standby promote --offline
'

test_expect_success 'the new primary serves without the archive' '
	start_machine "$second" && second_url=$URL &&
	adjust "only on the new primary" &&
	[ "$(count)" = $((shared + 1)) ] &&
	[ "$(em_cli status --json | jq -r .archive.epoch)" = 2 ]
'

test_expect_success 'the new primary announces its epoch when the archive returns' '
	mv aside "$archive" &&
	em_until "[ -f \"$archive/epoch-2\" ]" &&
	em_until "[ -f \"$archive/bases-2\" ]" && archived &&
	grep -aq "^epoch 2" "$(newest_base "$archive")/base"
'

test_expect_success 'the old primary then refuses to serve and to archive' '
	em_until "grep -q \"\\\"event\\\":\\\"fenced\\\".*promoted to epoch 2\" \"$first/log\"/*.log" &&
	em_until "! pgrep -f \"^$EM_BUILD/earmark-jobs -c $first/\" >/dev/null" &&
	em_until "[ \"\$(curl -s -o /dev/null -w %{http_code} $first_url/health)\" = 503 ]" &&
	EM_STATE=$first &&
	refuses 4 "another machine has replaced" em_cli ledger adjust ana 1 --reason lost &&
	em_stop &&
	refuses 4 "another machine has replaced" em_cli migrate
'

test_expect_success 'the archive restores the new history, without transactions of the old primary' '
	EM_STATE=$second URL=$second_url && adjust after && archived &&
	restore whole --archive "$archive" >out &&
	em_sql "SELECT transfer_id, n, account_id, amount FROM entry" >want &&
	money whole >got && test_cmp want got &&
	em_cli ledger verify >out
'

test_expect_success 'the archive still restores a time before the promotion' '
	restore past --archive "$archive" --at "$before" >out &&
	[ "$(transfers past)" = "$shared" ]
'

test_expect_success 'the old primary becomes a standby of the new one' '
	second=$first &&
	follow --archive "$archive" --replace &&
	em_until "[ -f \"$first/earmark.db.standby-position\" ]" &&
	adjust "to the old one" && archived && followed &&
	[ "$(standing .standby.epoch)" = 2 ] &&
	find "$first" -name "earmark.db.replaced-*" | grep -q . &&
	unfollow
'

em_stop
test_done
