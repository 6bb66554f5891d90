#!/bin/sh
# The continuous archive: earmark-jobs copies the log while the service runs,
# and `earmark restore` makes a database of it.
# shellcheck disable=SC2016
test_description='continuous archive'
. "$(dirname "$0")/../lib.sh"

archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=50
em_allow '"event":"(archive|child)"'
em_start || exit 1

# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

test_expect_success 'a base and segments appear while the service runs' '
	em_user ana && em_user marker && em_user adm admin &&
	em_cli ledger adjust ana 5000 --reason "to begin with" >out &&
	printf "\377\330\377\340\000\020JFIF" >"$EM_STATE/media/one.jpg" &&
	echo small >"$EM_STATE/media/one-256.jpg" &&
	echo flyer >"$EM_STATE/media/two.png" &&
	em_sql "UPDATE user SET image = '\''one.jpg'\'' WHERE username = '\''ana'\'';
	    INSERT INTO flyer(publisher_id, title, image, image_bytes, created_at,
	    updated_at) VALUES ($ID_ana, 1, '\''two.png'\'', 6, 1, 1)" &&
	em_until "[ -f \"$archive/bases\" ]" &&
	archived &&
	test "$(find "$archive" -name base | wc -l)" = 1 &&
	test -f "$archive/media/one.jpg"
'

test_expect_success 'a media file is archived when it is complete' '
	echo begun >"$EM_STATE/media/.three" && exec 9<"$EM_STATE/media/.three" &&
	flock 9 && mv "$EM_STATE/media/.three" "$EM_STATE/media/three.jpg" &&
	echo later >"$EM_STATE/media/four.jpg" &&
	adjust && archived && test -f "$archive/media/four.jpg" &&
	test ! -e "$archive/media/three.jpg" && exec 9<&- &&
	adjust && archived && test -f "$archive/media/three.jpg" &&
	rm "$EM_STATE/media/three.jpg" "$EM_STATE/media/four.jpg"
'

test_expect_success 'the archive restores the last commit, media and configuration' '
	em_cli ledger adjust ana 77 --reason "later" >out &&
	archived &&
	restore one --archive "$archive" >out &&
	grep -q "segments: schema" out &&
	em_sql "SELECT transfer_id, n, account_id, amount FROM entry" >want &&
	money one >got &&
	test_cmp want got &&
	for file in one.jpg one-256.jpg two.png; do
		cmp "$EM_STATE/media/$file" one/media/$file || return 1
	done &&
	folder=$(sed -n "s/^the configuration is in //p" out) &&
	cmp "$EM_STATE/earmark.conf" "$folder/earmark.conf" &&
	! test -e "$folder/key"
'

# The digest protects against damage, not against changes.
test_expect_success 'a configuration that ends early is reported' '
	conf=$(find "$archive" -name conf) && cp "$conf" intact &&
	/usr/bin/python3 - "$conf" <<-\END &&
	import hashlib, sys
	with open(sys.argv[1], "r+b") as f:
	    text = f.read()[:-32 - 40]
	    f.seek(0)
	    f.write(text + hashlib.sha256(text).digest())
	    f.truncate()
	END
	test_expect_code 1 restore cut --archive "$archive" >out 2>err &&
	grep "the configuration was not restored: .*too short" err &&
	! grep "the configuration is in" out && cp intact "$conf"
'

# again NAME: restores the archive in place of the database that is there.
again() {
	"$EM_BUILD/earmark" -c "$1/earmark.conf" restore --archive "$archive" \
	    --replace
}

test_expect_success 'a media file exists only if it was restored completely' '
	truncate -s 20M "$EM_STATE/media/.large" &&
	mv "$EM_STATE/media/.large" "$EM_STATE/media/large.png" &&
	em_sql "UPDATE user SET image = '\''large.png'\''
	    WHERE username = '\''marker'\''" &&
	archived &&
	(trap "" XFSZ && ulimit -f 24576 &&
	    refuses 4 "limited/media/large.png: File too large" restore limited --archive "$archive") &&
	test ! -e limited/media/large.png &&
	test -z "$(find limited/media -name ".*" -type f)" &&
	again limited >out &&
	cmp "$EM_STATE/media/large.png" limited/media/large.png &&
	em_sql "UPDATE user SET image = NULL WHERE username = '\''marker'\''"
'

test_expect_success 'a media file that differs from the archive is replaced' '
	printf x >limited/media/one.jpg &&
	cp "$EM_STATE/media/two.png" limited/media/two.png &&
	printf more >>limited/media/two.png &&
	echo other >limited/media/other.png &&
	again limited >out &&
	cmp "$EM_STATE/media/one.jpg" limited/media/one.jpg &&
	cmp "$EM_STATE/media/two.png" limited/media/two.png &&
	test -e limited/media/other.png &&
	test "$(stat -c %a limited/media/one.jpg)" = 644
'

test_expect_success '--at restores the last commit before the time' '
	for i in 1 2 3 4 5 6; do
		em_cli ledger adjust ana 1 --reason "step $i" >/dev/null &&
		echo "$(count) $(date -u +%FT%T.%3NZ)" ||
		    return 1
	done >history &&
	archived &&
	while read -r count at; do
		restore at --archive "$archive" --at "$at" >out </dev/null &&
		test "$(transfers at)" = "$count" ||
		    { note "$count at $at: $(transfers at)" "$(cat out)"; return 1; }
	done <history &&
	refuses 1 "no base that is old enough" restore at --archive "$archive" \
	    --at 2026-01-01T00:00:00Z
'

test_expect_success 'history continues after earmark-jobs and the workers are killed' '
	for i in 1 2 3; do
		kill -9 $(pgrep -P "$(cat "$EM_STATE/run/jobs.pid")") &&
		api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"kill $i\"}" && expect 201 &&
		kill -9 $(em_workers catalog | head -n 1) &&
		em_until "pgrep -f \"^$EM_BUILD/earmark-jobs -c $EM_STATE/\" >/dev/null" &&
		archived || return 1
	done &&
	test "$(find "$archive" -name base | wc -l)" = 1 &&
	restore killed --archive "$archive" >out &&
	test "$(transfers killed)" = "$(count)" &&
	test "$(sqlite3 killed/earmark.db "SELECT count(*) FROM flyer WHERE title LIKE '\''kill _'\''")" = 3
'

test_expect_success 'a damaged, missing or foreign segment is rejected' '
	for i in 1 2 3; do
		em_cli ledger adjust ana 1 --reason "segment $i" >/dev/null &&
		archived || return 1
	done &&
	base=$(basename "$(dirname "$(find "$archive" -name base)")") &&
	find "$archive/$base" -name "0*-*" | sort >segments &&
	one=$(grep -v -e "-0000000000\$" segments | head -n 1) &&
	next=$(head -n 1 segments) && [ -n "$one" ] &&
	cp "$one" keep && size=$(stat -c %s "$one") &&
	printf X | dd of="$one" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null &&
	refuses 1 "is damaged: the digest is wrong" restore bad --archive "$archive" &&
	rm "$one" &&
	refuses 1 "is missing in the archive" restore bad --archive "$archive" &&
	cp "$next" "$one" &&
	refuses 1 "belongs to another history" restore bad --archive "$archive" &&
	head -c $((size - 40)) keep >"$one" &&
	refuses 1 "is damaged" restore bad --archive "$archive" &&
	cp keep "$one" &&
	last=$(tail -n 1 segments) && mv "$last" . &&
	refuses 1 "is missing in the archive" restore bad --archive "$archive" &&
	mv "$(basename "$last")" "$last" &&
	restore good --archive "$archive" >out
'

test_expect_success 'a full archive delays nothing, and history continues' '
	mv "$archive" aside && : >"$archive" &&
	for i in 1 2 3; do
		em_cli ledger adjust ana 1 --reason "full $i" >/dev/null || return 1
	done &&
	em_until "[ \"\$(metric earmark_archive_failures_total)\" -gt 0 ]" &&
	rm "$archive" && mv aside "$archive" &&
	archived &&
	restore full --archive "$archive" >out &&
	test "$(transfers full)" = "$(count)" &&
	test "$(find "$archive" -name base | wc -l)" = 1
'
# Nothing is written meanwhile, so only "head" is stored.
logged() {
	grep -c "$1" "$EM_STATE/log/jobs.log"
}
test_expect_success 'each outage of the archive is logged while the service is idle' '
	again="accepts files again" fault="level.:.error.*Not a directory" &&
	for i in 1 2; do
		faults=$(logged "$fault") ends=$(logged "$again")
		mv "$archive" aside && : >"$archive" &&
		em_until "[ \$(logged \"$fault\") -gt $faults ]" &&
		rm "$archive" && mv aside "$archive" &&
		em_until "[ \$(logged \"$again\") -gt $ends ]" || return 1
	done
'

# Each checkpoint tries to write a segment, and there are many per second.
test_expect_success 'a spool that cannot be written is logged at most once a second' '
	fault="level.:.error.*db-archive.*Not a directory" &&
	spool=$EM_STATE/earmark.db-archive && mv "$spool" aside && : >"$spool" &&
	start=$(date +%s) && until [ "$(logged "$fault")" -ge 2 ]; do
		adjust || return 1
	done &&
	for i in $(seq 40); do
		adjust || return 1
	done &&
	lines=$(logged "$fault") && took=$(($(date +%s) - start)) &&
	note "$lines lines in $took s" && [ "$lines" -le $((took + 2)) ] &&
	rm "$spool" && mv aside "$spool" && archived
'

# The process that stores files may be writing "head" while the archiver starts.
test_expect_success 'a start removes incomplete files of the archiver only' '
	em_stop && echo x >"$spool/.part-copy" && echo x >"$spool/.part-medium" &&
	em_start && archived &&
	test ! -e "$spool/.part-copy" && test -e "$spool/.part-medium"
'

em_stop
test_done
