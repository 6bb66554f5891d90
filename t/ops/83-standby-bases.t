#!/bin/sh
# A standby continues with the next base of the archive: without getting it, if
# nothing is between the two, else from the base itself.
# shellcheck disable=SC2016
test_description='standby: new bases'
. "$(dirname "$0")/../lib.sh"

if em_sanitized; then
	skip_all='the sanitizers and the clock of this test do not go together'
	test_done
fi

em_temp
archive=$PWD/archive
mkdir "$archive"
cat >fetch <<EOT
#!/bin/sh
echo "\$1" >>"$PWD/fetched"
[ -f "$archive/\$1" ] && cp "$archive/\$1" "\$2"
EOT
cat >store <<EOT
#!/bin/sh
mkdir -p "$archive/\$(dirname "\$2")" &&
    cp "\$1" "$archive/\$2.part" && mv "$archive/\$2.part" "$archive/\$2"
EOT
chmod +x fetch store
od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >archive.key
chmod 600 archive.key
em_conf "archive.command='$PWD/store' '%p' '%f'"
em_conf "archive.fetch='$PWD/fetch' '%f' '%p'"
em_conf "archive.key_file=$PWD/archive.key"
em_conf jobs.checkpoint_pages=20
em_conf jobs.wal_truncate_bytes=65536
em_allow '"event":"(archive|child|fenced|standby)"'
# All programs of the test have this clock.
EM_CLOCK=$EM_TEMP/clock
LD_PRELOAD=$EM_BUILD/t/faults/tools/clock.so
export EM_CLOCK LD_PRELOAD
em_start || exit 1

# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"
# shellcheck source=t/lib-standby.sh
. "$EM_SRC/t/lib-standby.sh"
second_machine second

# Prints a value of the position of the standby.
position() {
	sed -n "s/^$1 //p" "$second/earmark.db.standby-position"
}

# Waits until the standby has applied the newest segment of the archive.
caught_up() {
	adjust mark && archived &&
	last=$(newest_segment "$(newest_base "$archive")") &&
	generation=$(basename "$last" | sed "s/^0*//; s/-.*//") &&
	end=$(grep -a -m1 "^end " "$last" | cut -d" " -f2) &&
	em_until "[ \"\$(position base)\" = \"$(basename "$(dirname "$last")")\" ] &&
	    [ \"\$(position generation)\" -ge $generation ] &&
	    { [ \"\$(position generation)\" -gt $generation ] ||
	    [ \"\$(position frames)\" -ge $end ]; }"
}

truncated() {
	value=$(metric "earmark_checkpoint_total{mode=\"truncate\"}")
	echo "${value:-0}"
}

test_expect_success 'emptying the log does not end the history of a base' '
	em_user ana && em_user marker && adjust one &&
	em_until "[ -f \"$archive/bases\" ]" &&
	for i in 1 2 3; do
		was=$(truncated) &&
		em_until "adjust fill; [ \$(truncated) -gt $was ]" || return 1
	done &&
	archived &&
	restore emptied --archive "$archive" >out &&
	[ "$(transfers emptied)" = "$(count)" ] &&
	[ "$(find "$archive" -name base | wc -l)" = 1 ]
'

test_expect_success 'a standby continues with the next base without getting it' '
	follow --fetch "\"$PWD/fetch\" %f \"%p\"" &&
	em_until "[ -f \"$second/earmark.db.standby-position\" ]" &&
	caught_up && began=$(position base) &&
	echo 90000 >"$EM_CLOCK" &&
	em_until "[ \"\$(find \"$archive\" -name base | wc -l)\" = 2 ]" &&
	caught_up &&
	[ "$(position base)" != "$began" ] &&
	[ "$(position file)" = "$began" ] &&
	[ "$(grep -c "/base\$" fetched)" = 1 ]
'

test_expect_success 'a standby gets the next base if the archive has a gap' '
	em_allow "\"event\":\"archive_gap\"" &&
	rm -f "$EM_STATE"/earmark.db-archive/0* &&
	kill -9 $(pgrep -P "$(cat "$EM_STATE/run/jobs.pid")") &&
	em_until "[ \"\$(find \"$archive\" -name base | wc -l)\" = 3 ]" &&
	caught_up &&
	[ "$(position file)" = "$(position base)" ] &&
	[ "$(grep -c "/base\$" fetched)" = 2 ] &&
	[ "$(find "$second" -name "earmark.db.standby-2*Z" | wc -l)" = 1 ]
'

test_expect_success 'the standby has all transactions after promotion' '
	adjust last && archived &&
	want=$(count) &&
	standby promote >out &&
	[ "$(transfers "$second")" = "$want" ] &&
	grep -aq "^encrypted yes" "$archive/epoch-2"
'

test_expect_success 'the old primary learns of the promotion by archive.fetch' '
	kill -9 $(pgrep -P "$(cat "$EM_STATE/run/jobs.pid")") &&
	em_until "grep -q \"\\\"event\\\":\\\"fenced\\\".*promoted to epoch 2\" \"$EM_STATE/log/jobs.log\"" &&
	em_stop &&
	refuses 4 "another machine has replaced" em_cli migrate
'
em_stop
test_done
