#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark backup and drill'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"

em_allow '"event":"(db_fault|db_full)"'
em_start || exit 1
backups=$EM_STATE/backups

# Prints the newest backup.
newest() {
	find "$backups" -mindepth 1 -maxdepth 1 -name 'earmark-*' | sort | tail -n 1
}

# Prints files in the backup folder that are not backups.
strange() {
	find "$backups" -mindepth 1 -maxdepth 1 ! -name 'earmark-????-??-??T??-??-??Z'
}

# health MEMBER STATUS: succeeds if /health has this status for backup or
# restore_drill.
health() {
	api GET /health && expect 200 &&
	check_json ".status == \"ok\" and .$1.status == \"$2\""
}

dump() {
	sqlite3 -readonly "$1" '.dump --preserve-rowids' |
	    grep -av 'INTO backup_log VALUES\|sqlite_sequence' | sort
}

test_expect_success 'setup: accounts, a balance and images' '
	em_user ana && em_user bob &&
	em_cli ledger adjust ana 5000 --reason "to begin with" >out &&
	printf "\377\330\377\340\000\020JFIF" >"$EM_STATE/media/one.jpg" &&
	head -c 100000 /dev/urandom >"$EM_STATE/media/two.png" &&
	em_sql "UPDATE user SET image = '\''two.png'\'' WHERE username = '\''ana'\''" &&
	echo half >"$EM_STATE/media/.three.png.77" &&
	health backup never && health restore_drill never
'

test_expect_success 'earmark backup prints the name of a backup that only its owner can read' '
	em_cli backup >out && test "$(cat out)" = "$(newest)" &&
	first=$(newest) && basename "$first" |
	    grep -Eqx "earmark-2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z" &&
	test -z "$(find "$backups" -perm /077)" && test -z "$(strange)" &&
	health backup ok
'

test_expect_success 'an upload that is not complete is not in the backup' '
	echo begun >"$EM_STATE/media/.five" && exec 9<"$EM_STATE/media/.five" &&
	flock 9 && mv "$EM_STATE/media/.five" "$EM_STATE/media/five.jpg" &&
	em_cli backup >out && exec 9<&- &&
	test -f "$(newest)/media/two.png" && test ! -e "$(newest)/media/five.jpg" &&
	em_cli backup >out && test -f "$(newest)/media/five.jpg" &&
	rm "$EM_STATE/media/five.jpg"
'

# The words are those of t/faults/tools/fail_nth.c.
test_expect_success 'a backup fails if the folder of media files cannot be read' '
	had=$(newest) && python3 -c "import struct, sys
sys.stdout.buffer.write(struct.pack(\"6q32s\", 9, 2, 0, 5, 0, 0, b\"earmark\"))" \
	    >nth &&
	NTH=$PWD/nth LD_PRELOAD=$EM_BUILD/t/faults/tools/fail_nth.so \
	    test_expect_code 1 "$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" \
	    backup >out 2>err &&
	grep -q "media: Input/output error" err &&
	test "$had" = "$(newest)" && em_cli backup >out
'

test_expect_success 'backup.copy_command gets each backup, and its failure is reported' '
	cp "$EM_STATE/earmark.conf" kept.conf &&
	cat >>"$EM_STATE/earmark.conf" <<-EOF &&
	[backup]
	copy_command = cp -a "\$1" "$PWD/copy" && echo copied
	EOF
	em_cli backup >out 2>err && test "$(cat out)" = "$(newest)" &&
	grep -x copied err && diff -r "$(newest)" copy && health backup ok &&
	sed -i "s/^copy_command = .*/copy_command = exit 3/" \
	    "$EM_STATE/earmark.conf" &&
	test_expect_code 1 em_cli backup >out 2>err &&
	grep "backup.copy_command ended with status 3" err &&
	test "$(cat out)" = "$(newest)" && health backup failed &&
	sed -i "s/^copy_command = .*/copy_command = kill -9 \$\$/" \
	    "$EM_STATE/earmark.conf" &&
	test_expect_code 1 em_cli backup >out 2>err && grep "signal 9" err &&
	mv kept.conf "$EM_STATE/earmark.conf" && em_cli backup >out &&
	health backup ok
'

test_expect_success 'a backup contains all files with their digests' '
	(cd "$first" && sha256sum --quiet -c SHA256SUMS && find . -type f |
	    sed "s,^\./,," | grep -vx SHA256SUMS | sort) >have &&
	sed "s/^.\{64\}  //" "$first/SHA256SUMS" | sort >want &&
	test_cmp want have &&
	printf "%s\n" backup.json earmark.db media/one.jpg media/two.png >want &&
	test_cmp want have &&
	cmp "$EM_STATE/media/two.png" "$first/media/two.png"
'

test_expect_success 'backup.json describes the backup' '
	jq -e ".name == \"$(basename "$first")\" and .schema == $levels and
	    .media == 2 and .media_bytes == 100010 and
	    .ledger.transfers == 1 and (.ledger.head | length == 64)" \
	    "$first/backup.json"
'

test_expect_success 'two backups in a second have different names in order' '
	em_cli backup >one && em_cli backup >two &&
	test "$(cat one)" != "$(cat two)" &&
	test "$(cat two)" = "$(newest)"
'

test_expect_success 'unchanged images are hard links to the previous backup' '
	echo four >"$EM_STATE/media/four.webp" &&
	rm "$EM_STATE/media/one.jpg" &&
	em_cli backup >out && second=$(newest) &&
	test "$first/media/two.png" -ef "$second/media/two.png" &&
	! test "$EM_STATE/media/four.webp" -ef "$second/media/four.webp" &&
	test ! -e "$second/media/one.jpg" && test -e "$first/media/one.jpg" &&
	(cd "$second" && sha256sum --quiet -c SHA256SUMS)
'

test_expect_success '--keep removes older backups and no other files' '
	mkdir "$backups/earmark-old" "$backups/mine" && echo x >"$backups/mine/x" &&
	em_cli backup --keep 2 >out &&
	find "$backups" -mindepth 1 -maxdepth 1 | sort >have &&
	printf "%s\n" "$second" "$(cat out)" "$backups/earmark-old" \
	    "$backups/mine" | sort >want &&
	test_cmp want have && rmdir "$backups/earmark-old" && rm -r "$backups/mine" &&
	em_cli backup --keep=0 >out && em_cli backup --keep 0 >out &&
	test "$(find "$backups" -mindepth 1 -maxdepth 1 | wc -l)" = 4
'

test_expect_success 'a backup can be made in another folder' '
	em_cli backup elsewhere >out && test -s "$(cat out)/earmark.db" &&
	test "$(stat -c %a elsewhere)" = 700 &&
	em_cli drill elsewhere >out && grep -q "^ok: elsewhere/earmark-" out
'

test_expect_success 'incomplete backups are removed' '
	mkdir -p "$backups/.part-earmark-2026-01-01T00-00-00Z/media" \
	    "$backups/.gone-x" "$backups/.drill-77" &&
	echo x >"$backups/.part-earmark-2026-01-01T00-00-00Z/media/x" &&
	em_cli backup >out && test -z "$(strange)"
'

test_expect_success 'names stay in order if the clock was set back' '
	late=$backups/earmark-2099-01-01T00-00-00Z &&
	mv "$(newest)" "$late" && em_cli backup --keep 1 >out &&
	test "$(cat out)" = "$backups/earmark-2099-01-01T00-00-01Z" &&
	test "$(newest)" = "$(cat out)" && test ! -e "$late" &&
	mv "$(newest)" "$backups/earmark-2026-01-01T00-00-00Z"
'

test_expect_success 'failures are reported and stored' '
	refuses 1 "^earmark: /nowhere/at/all: No such file .*create the folder" \
	    em_cli backup /nowhere/at/all &&
	health backup failed &&
	api GET /metrics && expect 200 &&
	grep -qx "earmark_backup_failed 1" "$body" &&
	refuses 2 "not a number" em_cli backup --keep many &&
	refuses 2 "not a number" em_cli backup --keep -1 &&
	em_cli backup >out && health backup ok
'

test_expect_success 'metrics contain time and size of the last backup' '
	api GET /metrics && expect 200 &&
	grep -qx "earmark_backup_failed 0" "$body" &&
	at=$(sed -n "s/^earmark_backup_last_success_timestamp_seconds //p" "$body") &&
	test $(($(date +%s) - at)) -lt 60 &&
	size=$(sed -n "s/^earmark_backup_last_size_bytes //p" "$body") &&
	test "$size" -ge "$(stat -c %s "$(newest)/earmark.db")" &&
	grep -qx "earmark_restore_drill_failed 0" "$body"
'

test_expect_success 'a backup older than its period is reported as late' '
	em_sql "UPDATE backup_log SET began_at = began_at - 200000000,
	    at = at - 200000000" && health backup late &&
	em_cli backup >out && health backup ok
'

test_expect_success 'earmark drill verifies the newest backup and leaves no files' '
	before=$(find "$EM_STATE" -path "*/run" -prune -o -print | wc -l) &&
	em_cli drill >out &&
	grep -q "^ok: $(newest), schema $levels -> $levels, 1 transfers, 4 files" out &&
	health restore_drill ok && test -z "$(strange)" &&
	test "$(find "$EM_STATE" -path "*/run" -prune -o -print | wc -l)" = "$before"
'

# spoiled TEXT: succeeds if drill exits with 4 and TEXT. Makes a new backup.
spoiled() {
	refuses 4 "$1" em_cli drill && health restore_drill failed &&
	rm -r "$(newest)" && em_cli backup >out
}

test_expect_success 'earmark drill reports damaged files' '
	em_cli backup >out && cp -r "$(newest)" good &&
	printf x >>"$(newest)/earmark.db" && spoiled "earmark.db of the backup is damaged" &&
	printf x | dd of="$(newest)/earmark.db" bs=1 seek=50000 conv=notrunc 2>dd.err &&
	spoiled "earmark.db of the backup is damaged" &&
	cp "$(newest)/media/two.png" two && rm "$(newest)/media/two.png" &&
	head -c 100000 /dev/urandom >"$(newest)/media/two.png" &&
	spoiled "media/two.png of the backup is damaged" &&
	em_cli drill >out && health restore_drill ok
'

test_expect_success 'earmark drill reports missing files' '
	rm "$(newest)/media/two.png" &&
	refuses 1 "does not contain media/two.png" em_cli drill &&
	sed -i /two.png/d "$(newest)/SHA256SUMS" &&
	refuses 4 "does not contain 1 media files of the database, such as media/two.png" em_cli drill &&
	rm "$(newest)/earmark.db" &&
	refuses 1 "does not contain earmark.db" em_cli drill &&
	rm "$(newest)/SHA256SUMS" &&
	refuses 1 "not a backup" em_cli drill &&
	rm -r "$(newest)" && em_cli backup >out
'

test_expect_success 'earmark drill rejects file names outside of the backup' '
	for name in ../key media/../../key /etc/passwd media/.x media/ key; do
		cp "$(newest)/SHA256SUMS" sums &&
		printf "%064d  %s\n" 0 "$name" >>"$(newest)/SHA256SUMS" &&
		refuses 1 "has an invalid line" em_cli drill || return 1
		cp sums "$(newest)/SHA256SUMS"
	done &&
	ln -sf "$EM_STATE/key" "$(newest)/media/two.png" &&
	test_expect_code 1 em_cli drill 2>err && grep -q "two.png" err &&
	rm -r "$(newest)" && em_cli backup >out && em_cli drill >out
'

# Stops the jobs, so that nothing changes any more.
test_expect_success 'the copied database equals the original, row by row' '
	em_stop_jobs &&
	em_cli backup >out && first=$(newest) &&
	dump "$EM_STATE/earmark.db" >want && dump "$first/earmark.db" >have &&
	test_cmp want have && test "$(wc -l <want)" -gt 500 &&
	test "$(sqlite3 "$first/earmark.db" "PRAGMA integrity_check")" = ok &&
	for table in listener_text flyer_text destination_text; do
		cp "$first/earmark.db" fts.db &&
		sqlite3 fts.db "INSERT INTO $table($table) VALUES ('\''integrity-check'\'')" ||
		    return 1
	done
'

# Computes new digests, as an attacker who changed rows would do.
sums() {
	(cd "$(newest)" && sha256sum backup.json earmark.db media/* >SHA256SUMS)
}

test_expect_success 'backup and drill verify the ledger' '
	sqlite3 "$(newest)/earmark.db" "DROP TRIGGER entry_no_update;
	    UPDATE entry SET amount = amount + 1 WHERE account_id < 16" &&
	sums && spoiled "the ledger is broken" &&
	em_sql "DROP TRIGGER transfer_no_update; UPDATE transfer SET note = '\''no'\''" &&
	refuses 4 "the ledger is broken" em_cli backup &&
	test -z "$(strange)" && health backup failed
'

test_expect_success 'a backup of an older schema can be made before the migration' '
	em_stop && make_level 13 "$EM_STATE/earmark.db" &&
	em_cli backup older >out && test "$(jq .schema "$(cat out)/backup.json")" = 13 &&
	em_cli migrate >out && em_cli drill older >out &&
	grep -q "schema 13 -> $levels" out
'

test_expect_success 'earmark drill fails if there is no backup' '
	mkdir none && refuses 1 "no backup in none" em_cli drill none &&
	mkdir no-archive &&
	refuses 1 "^earmark: no-archive/bases: No such file" \
	    em_cli drill --archive no-archive
'

# drills: prints how many drills are stored.
drills() {
	em_sql "SELECT count(*) FROM backup_log WHERE kind = 2"
}

test_expect_success 'a named folder that does not exist is a usage error, not a failed drill' '
	: >file && drills=$(drills) &&
	refuses 2 "^earmark: nowhere: No such file .*earmark backup" \
	    em_cli drill nowhere &&
	refuses 2 "^earmark: file: Not a directory" em_cli drill file &&
	refuses 2 "^earmark: nowhere: No such file .*archive\.dir" \
	    em_cli drill --archive nowhere &&
	[ "$(drills)" = "$drills" ] && mv "$backups" moved &&
	refuses 1 "No such file .*earmark backup" em_cli drill &&
	[ "$(drills)" = $((drills + 1)) ]
'

test_done
