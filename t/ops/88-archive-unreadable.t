#!/bin/sh
# Files that earmark-jobs cannot read are not taken for files that do not exist,
# or for empty ones.
# shellcheck disable=SC2016
test_description='archive: unreadable files'
. "$(dirname "$0")/../lib.sh"

archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_allow '"event":"(archive|archive_gap|child)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"
media=$EM_STATE/media
list=$EM_STATE/earmark.db-archive/bases

# Runs a program that must observe the modes of files, also as root.
limited() {
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	fi
	exec "$@"
}

begin_jobs() {
	limited "$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    >>jobs.log 2>&1 &
	echo $! >"$EM_STATE/run/jobs.pid"
}

test_expect_success 'setup: an archive' '
	em_user ana && em_user marker &&
	em_until "[ -f \"$archive/bases\" ]" && archived &&
	em_stop_jobs && begin_jobs
'

test_expect_success 'an unreadable media file delays nothing, and is stored later' '
	echo one >"$media/one.jpg" && chmod 0 "$media/one.jpg" &&
	mkdir "$media/folder" && echo two >"$media/two.jpg" &&
	archived && test -f "$archive/media/two.jpg" &&
	test ! -e "$archive/media/one.jpg" &&
	sleep 1.1 && archived && archived &&
	[ "$(grep -c "one.jpg: Permission denied" jobs.log)" = 1 ] &&
	chmod 644 "$media/one.jpg" && archived &&
	em_until "[ -f \"$archive/media/one.jpg\" ] ||
	    { adjust && false; }" &&
	grep -q "all media files can be read again" jobs.log &&
	! grep -q "media/folder\|folder: " jobs.log
'

test_expect_success 'an unreadable folder of media files is logged' '
	mode=$(stat -c %a "$media") && echo three >"$media/three.jpg" &&
	chmod 0 "$media" && archived &&
	em_until "grep -q \"media: Permission denied\" jobs.log || { adjust && false; }" &&
	chmod "$mode" "$media" &&
	em_until "[ -f \"$archive/media/three.jpg\" ] || { adjust && false; }"
'

# Without files in the spool, earmark-jobs makes a base.
test_expect_success 'a base is added to the list only if the list can be read' '
	em_stop_jobs && rm "$EM_STATE"/earmark.db-archive/0* &&
	[ "$(wc -l <"$list")" = 1 ] && cp "$archive/bases" was &&
	mv "$list" aside && ln -s bases "$list" && begin_jobs &&
	em_until "grep -q \"bases: Too many levels\" jobs.log" &&
	cmp was "$archive/bases" &&
	rm "$list" && mv aside "$list" &&
	em_until "[ \"\$(wc -l <\"$list\")\" = 2 ]" && archived &&
	restore all --archive "$archive" >out &&
	[ "$(transfers all)" = "$(count)" ]
'

test_expect_success 'a damaged line of the list is reported, and the list does not change' '
	em_stop_jobs && rm "$EM_STATE"/earmark.db-archive/0* &&
	cp "$archive/bases" was && cp "$list" intact && sed -i "1s/Z/?/" "$list" &&
	cp "$list" damaged && begin_jobs &&
	em_until "grep -q \"the list of bases $list has an invalid line\" jobs.log" &&
	cmp was "$archive/bases" && cmp damaged "$list" &&
	cp intact "$list" &&
	em_until "[ \"\$(wc -l <\"$list\")\" = 3 ]" && archived &&
	restore all --archive "$archive" >out &&
	[ "$(transfers all)" = "$(count)" ]
'
em_stop
test_done
