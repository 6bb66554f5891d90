#!/bin/sh
# A standby follows the archive and takes over. The old primary then refuses to
# archive and to serve.
# shellcheck disable=SC2016
test_description='standby'
. "$(dirname "$0")/../lib.sh"

em_temp
archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_allow '"event":"(archive|child|fenced|standby)"'
em_start || exit 1
first=$EM_STATE first_url=$URL

# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"
# shellcheck source=t/lib-standby.sh
. "$EM_SRC/t/lib-standby.sh"
second_machine second

test_expect_success 'a standby follows the archive while the primary writes' '
	em_user ana && em_user marker && adjust one &&
	echo picture >"$first/media/one.jpg" &&
	em_sql "UPDATE user SET image = '\''one.jpg'\'' WHERE username = '\''ana'\''" &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	follow --archive "$archive" &&
	adjust two && archived && followed &&
	[ "$(standing .standby.state)" = following ] &&
	[ "$(standing .standby.epoch)" = 1 ] &&
	[ "$(standing .standby.lag_seconds)" -lt 30 ] &&
	cmp "$first/media/one.jpg" "$second/media/one.jpg" &&
	grep -q "^earmark_standby_failing 0" "$second/run/standby.prom" &&
	grep -q "^earmark_standby_complete_timestamp_seconds [1-9]" "$second/run/standby.prom"
'

test_expect_success 'a machine that follows serves nothing' '
	! test -e "$second/earmark.db" &&
	refuses 4 "this machine is a standby" standby migrate &&
	refuses 1 "follows the archive" standby restore --follow --archive "$archive"
'

test_expect_success 'the other commands say that the machine is a standby' '
	standby doctor >out && grep -q "^ok  *standby  *following, epoch 1" out &&
	! grep -q "migrate\|^bad" out &&
	for command in "user list" backup migrate; do
		refuses 4 "is a standby" standby $command || return 1
	done
'

test_expect_success 'a follower that is killed continues after its restart' '
	for i in 1 2 3; do
		kill -9 $follower && { wait $follower || :; } &&
		[ "$(standing .standby.state)" = stopped ] &&
		adjust "down $i" && archived &&
		follow --archive "$archive" &&
		adjust "up $i" && archived && followed || return 1
	done 2>/dev/null &&
	[ "$(grep -c "was loaded" follow.err)" = 1 ] &&
	[ "$(standing .standby.state)" = following ]
'

test_expect_success 'the standby reports that it cannot read the archive, and its lag' '
	before=$(standing .standby.complete_until) &&
	mv "$archive" aside &&
	em_until "[ \"\$(standing .standby.state)\" = failing ]" &&
	grep -q "^earmark_standby_failing 1" "$second/run/standby.prom" &&
	em_until "[ \"\$(standing .standby.lag_seconds)\" -ge 3 ]" &&
	[ "$(standing .standby.complete_until)" = "$before" ] || return 1
	mv aside "$archive" &&
	em_until "[ \"\$(standing .standby.state)\" = following ]" &&
	followed
'

test_expect_success 'promote takes over with all transactions of the archive' '
	echo picture >"$first/media/two.jpg" &&
	em_sql "UPDATE user SET image = '\''two.jpg'\'' WHERE username = '\''marker'\''" &&
	adjust last && archived && want=$(count) &&
	em_sql "SELECT transfer_id, n, account_id, amount FROM entry" >want &&
	refuses 1 "not a standby" em_cli promote &&
	cp "$second/earmark.db.standby-position" following &&
	standby promote >out &&
	grep -q "promoted to epoch 2: base .*, ledger, audit log and file were verified" out &&
	! kill -0 $follower 2>/dev/null &&
	money "$second" >got && test_cmp want got &&
	cmp "$first/media/two.jpg" "$second/media/two.jpg" &&
	! ls -a "$second" | grep "standby-[0-9p]" &&
	mkdir forked && cp "$archive/epoch-2" "$archive/bases-2" forked/
'

test_expect_success 'a promotion that was killed after the rename of the database is completed' '
	place=$second/earmark.db.standby-position &&
	{ cat following && echo "promoting yes"; } >"$place" &&
	rm "$second/media/two.jpg" &&
	standby promote >out && grep "already in its place" out &&
	cmp "$first/media/two.jpg" "$second/media/two.jpg" &&
	! ls -a "$second" | grep "standby-[0-9p]" &&
	cp following "$place" &&
	refuses 1 "not a standby" standby promote && rm "$place"
'

test_expect_success 'the old primary refuses to serve and to archive' '
	em_until "grep -q \"\\\"event\\\":\\\"fenced\\\".*promoted to epoch 2\" \"$first/log\"/*.log" &&
	em_until "! pgrep -f \"^$EM_BUILD/earmark-jobs -c $first/\" >/dev/null" &&
	em_until "[ \"\$(curl -s -o /dev/null -w %{http_code} $first_url/health)\" = 503 ]" &&
	em_until "[ \"\$(curl -s -o /dev/null -w %{http_code} $first_url/api/flyers/)\" = 503 ]" &&
	refuses 4 "another machine has replaced" em_cli ledger adjust ana 1 --reason lost &&
	[ "$(em_cli status --json | jq -r .archive.status)" = fenced ] &&
	grep -q "another machine has replaced this database" "$first/log"/*.log
'

test_expect_success 'the old primary does not start again' '
	em_stop &&
	refuses 4 "another machine has replaced" em_cli migrate &&
	! start_machine "$first" &&
	grep -q "another machine has replaced" start.out
'

# Makes the database one that has not read the newer epoch yet. The log is kept,
# as after the end of the service.
unfence() {
	sqlite3 -cmd ".dbconfig no_ckpt_on_close on" "$first/earmark.db" \
	    "UPDATE setting SET value = 0 WHERE key = 'fenced'" >/dev/null
}

test_expect_success 'an old primary that was away does not start once it reads the archive' '
	unfence &&
	refuses 4 "was promoted to epoch 2, this database is of epoch 1" em_cli migrate &&
	[ "$(em_cli status --json | jq -r .archive.status)" = fenced ] &&
	unfence &&
	find "$archive" | sort >before &&
	! "$EM_BUILD/earmark-jobs" -c "$first/earmark.conf" --once >out 2>err &&
	grep -q "\"event\":\"fenced\"" err &&
	find "$archive" | sort >after && test_cmp before after
'

test_expect_success 'the promoted database serves and archives, and its ledger is correct' '
	start_machine "$second" &&
	adjust "after" && [ "$(count)" -gt "$want" ] &&
	em_cli ledger verify >out &&
	em_until "[ \"\$(find \"$archive\" -name base | wc -l)\" = 2 ]" &&
	archived &&
	grep -aq "^epoch 2" "$(newest_base "$archive")/base" &&
	em_cli status --json | jq -e ".archive.status == \"ok\" and .archive.epoch == 2" >out &&
	restore whole --archive "$archive" >out &&
	[ "$(transfers whole)" = "$(count)" ]
'

# The old primary goes on with a copy of the archive that has no epoch 2. Its
# segments then come to the archive.
test_expect_success 'segments that the old primary added after the promotion do not count' '
	old=$(oldest_base "$archive") &&
	mkdir parted && cp -a "$archive/bases" "$archive/head" "$old" parted/ &&
	EM_STATE=$first && unfence &&
	sed -i "s,^dir = .*,dir = $PWD/parted," "$first/earmark.conf" &&
	start_machine "$first" && adjust "not in epoch 2" && lost=$(count) &&
	em_until "restore parted.1 --archive parted >out 2>&1 &&
	    [ \"\$(transfers parted.1)\" = $lost ]" &&
	em_stop && [ "$(find parted -name base | wc -l)" = 1 ] &&
	cp -n "parted/$(basename "$old")"/0* "$old/" &&
	[ "$lost" -gt "$want" ] &&
	cp -a "$old" forked/ && restore fork --archive forked >out &&
	[ "$(transfers fork)" = "$want" ] &&
	restore whole --archive "$archive" >out &&
	EM_STATE=$second && [ "$(transfers whole)" = "$(count)" ]
'

test_expect_success 'segments of an older history are rejected' '
	one=$(newest_segment "$(newest_base "$archive")") && cp "$one" keep &&
	cp "$(newest_segment "$old")" "$one" &&
	refuses 1 "another history: it is of epoch 1, the base of epoch 2" \
	    restore bad --archive "$archive" &&
	second_machine third &&
	! standby restore --follow --archive "$archive" >out 2>err &&
	grep -q "another history: it is of epoch 1, the base of epoch 2" err &&
	cp keep "$one"
'

test_expect_success 'a standby with transactions that the new history does not have is rejected' '
	second_machine fourth && follow --archive "$PWD/parted" &&
	em_until "[ -f \"$second/earmark.db.standby-position\" ]" &&
	em_until "[ \"\$(standing .standby.complete_until)\" != null ]" &&
	em_until "[ \"\$(standing .standby.state)\" = following ]" &&
	unfollow &&
	! standby restore --follow --archive "$archive" >out 2>err &&
	grep -q "transactions that epoch 2 does not have" err &&
	follow --archive "$archive" --replace &&
	em_until "[ -f \"$second/earmark.db.standby-position\" ]" &&
	em_until "[ \"\$(standing .standby.epoch)\" = 2 ]" &&
	unfollow
'

test_expect_success 'the old primary becomes a standby of the new one' '
	second=$first &&
	refuses 1 "exists; use --replace" standby restore --follow --archive "$archive" &&
	follow --archive "$archive" --replace &&
	em_until "[ -f \"$first/earmark.db.standby-position\" ]" &&
	adjust "to the old one" && archived && followed &&
	[ "$(standing .standby.epoch)" = 2 ] &&
	find "$first" -name "earmark.db.replaced-*" | grep -q . &&
	unfollow
'

em_stop
test_done
