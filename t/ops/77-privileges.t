#!/bin/sh
# shellcheck disable=SC2016
test_description='privileges: the service user cannot influence root'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# games exists on every Debian, with a group of the same name.
user=games
if [ "$(id -u)" != 0 ]; then
	note "NOT TESTED, what a hostile service user can do: only root can"
	skip_all='only root can become another user'
	test_done
fi

# The installation is in a separate folder with the owners and modes that
# postinst sets.
em_temp
chmod 711 "$EM_TEMP"
cp "$EM_SRC/t/tools/hostile.py" "$EM_TEMP/"
: >"$EM_TEMP/begun"
unset MAKEFLAGS MAKELEVEL MFLAGS
tree=$EM_TEMP/tree
prefix=$(sed -n 's/^prefix = //p' "$EM_BUILD/Makefile")
at=$tree$prefix
etc=$at/etc/earmark
state=$at/var/lib/earmark
run=$at/var/run/earmark
sockets=$at/var/run/earmark-sockets
ours=$at/var/run/earmark-run
secret=$EM_TEMP/secret
em_allow '"event":"(start|jobs|child|realtime)"'

hostile() {
	setpriv --reuid=$user --regid=$user --clear-groups "$@"
}
# background ACTION...: runs hostile.py as the service user until the end.
# Waits until it has started.
pids=
background() {
	: >"$EM_TEMP/begun"
	setpriv --reuid=$user --regid=$user --clear-groups \
	    "$EM_TEMP/hostile.py" "$@" >"$EM_TEMP/begun" 2>"$EM_TEMP/failed" &
	pids="$pids $!"
	em_until '[ -s "$EM_TEMP/begun" ]' || { cat "$EM_TEMP/failed"; return 1; }
}
as_root() {
	timeout 60 "$at/bin/earmark" -c "$etc/earmark.conf" "$@"
}
control() {
	EARMARK_RUN_ANYWAY=1 timeout 200 "$at/sbin/earmark-run" "$@" 9>&-
}
# running FILE: prints the id of the process that a pid file of earmark-run
# names.
running() {
	read -r keeper _ <"$1" &&
	tr -d " \n" <"/proc/$keeper/task/$keeper/children"
}
# A folder and a file that only root can access.
victim=$EM_TEMP/victim
untouched() {
	[ "$(cat "$victim/file")" = root ] &&
	[ "$(stat -c '%a %u %g' "$victim/file" "$victim")" = "600 0 0
700 0 0" ] && [ "$(ls -A "$victim")" = file ] || {
		note "root's folder was changed: $(ls -laR "$victim")"
		return 1
	}
}
end_hostile() {
	for pid in $pids $(sed -n "s/^successor //p" "$EM_TEMP/begun"); do
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	pids=
}
# Removes all files that the hostile user created in run/. No service may run.
forgive() {
	end_hostile
	hostile find "$run" -mindepth 1 -delete
	[ ! -L "$state/media" ] || hostile rm "$state/media"
	[ -d "$state/media" ] || hostile mkdir "$state/media"
}
not_told() {
	! grep -rqs 'top secret' "$@"
}

test_expect_success 'setup: an installation' '
	make -C "$EM_BUILD" -s install DESTDIR="$tree" >out 2>&1 &&
	chmod -R go+rX "$tree" &&
	sed -i "s,$prefix/,$at/,g; s/owner=earmark/owner=$user/" \
	    "$at/sbin/earmark-run" "$etc/earmark.conf" &&
	sed "s/timeout -k 1 30/timeout -k 1 2/" "$at/sbin/earmark-run" \
	    >"$at/sbin/earmark-run-2" && chmod 755 "$at/sbin/earmark-run-2" &&
	sed -i "s,$prefix/,$at/,g; s/ earmark / $user /g; s/ earmark / $user /" \
	    "$at/lib/tmpfiles.d/earmark.conf" &&
	ln -s "$at"/libexec/earmark/earmark-* "$at/bin/" &&
	grep "^d " "$at/lib/tmpfiles.d/earmark.conf" >folders &&
	while read -r _ path mode owner group _; do
		mkdir -p "$path" && chmod "$mode" "$path" &&
		chown "$owner:$group" "$path" || return 1
	done <folders &&
	(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d " \n" \
	    >"$etc/key" && echo top secret >"$secret") &&
	sed -i "/^\[server\]/a log_level = info" "$etc/earmark.conf" &&
	printf "[pools]\n" >>"$etc/earmark.conf" &&
	for pool in auth user listeners favorites catalog calls wallet \
	    payments admin system; do
		echo "${pool}_workers = 1"
	done >>"$etc/earmark.conf" &&
	chgrp $user "$etc/earmark.conf" && chmod 640 "$etc/earmark.conf" &&
	mkdir -m 700 "$victim" && (umask 077 && echo root >"$victim/file")
'

test_expect_success 'the service user can write only to its own folders' '
	hostile find "$at" ! -type l -writable 2>/dev/null | sort >writable &&
	printf "%s\n" "$at/var/backups/earmark" "$state" "$state/media" \
	    "$run" | sort >want &&
	test_cmp want writable
'

# impatient ACTION: runs earmark-run with a short timeout. The start fails if
# links exist in place of files that root would create.
impatient() {
	EARMARK_RUN_ANYWAY=1 test_might_fail timeout 60 \
	    "$at/sbin/earmark-run-2" "$1" >>"$EM_TEMP/impatient" 2>&1
}
test_expect_success 'links to a file of root are not followed' '
	as_root migrate && as_root backup &&
	backup=$(ls "$at/var/backups/earmark") &&
	hostile find "$run" -mindepth 1 -delete &&
	for name in metrics limits jobs.lock jobs.sock realtime.lock \
	    auth.sock realtime-http.sock broken-auth failed-user \
	    worker-auth-1 worker-user-99999; do
		hostile ln -s "$victim/file" "$run/$name" || return 1
	done &&
	hostile rmdir "$state/media" &&
	hostile ln -s "$victim" "$state/media" &&
	as_root migrate && untouched &&
	test_must_fail as_root backup && untouched &&
	as_root drill && untouched &&
	test_might_fail as_root doctor && untouched &&
	as_root status && untouched &&
	impatient start && impatient stop && untouched &&
	test_must_fail as_root restore "$at/var/backups/earmark/$backup" \
	    --replace && untouched
'

forgive
test_expect_success 'a start is safe while links are swapped for its sockets' '
	background swap "$run/auth.sock" "$victim/file" &&
	background swap "$run/jobs.lock" "$victim/file" &&
	background swap "$run/worker-auth-1" "$victim/file" &&
	for i in 1 2 3; do
		impatient start && impatient stop && untouched || return 1
	done
'

forgive
test_expect_success 'after a start, all pools answer' '
	control start && control status &&
	as_root doctor >doctor; grep "^ok *pool" doctor >pools
	test "$(wc -l <pools)" = 10 || { cat doctor; false; }
'

test_expect_success 'no service program runs as root' '
	for file in "$ours"/*.pid; do
		pid=$(running "$file") &&
		test "$(stat -c %U "/proc/$pid")" = $user || return 1
	done
'

test_expect_success 'only nginx can connect to the sockets' '
	test "$(stat -c "%a %U %G" "$sockets/auth.sock")" = \
	    "660 $user www-data" &&
	setpriv --reuid=www-data --regid=www-data --clear-groups \
	    "$EM_TEMP/hostile.py" connect "$sockets/auth.sock" &&
	test_must_fail setpriv --reuid=nobody --regid=nogroup --clear-groups \
	    "$EM_TEMP/hostile.py" connect "$sockets/auth.sock" &&
	test_must_fail hostile rm -f "$sockets/auth.sock"
'

test_expect_success 'a reload by root restarts the workers' '
	all() {
		ls "$run" | grep worker-
		running "$ours/jobs.pid"
		echo
		running "/proc/$(running "$ours/realtime.pid")/stat"
		echo
	} &&
	all | sort >before &&
	control reload &&
	em_until "all | sort >after; test -z \"\$(comm -12 before after)\"" &&
	test "$(wc -l <before)" = 12 && test "$(wc -l <after)" = 12
'

test_expect_success 'a command line in a status file of the service user is not run' '
	payload=$run/payload &&
	printf "#!/bin/sh\nid -u >$run/executed\nexit 1\n" >payload &&
	hostile cp /dev/stdin "$payload" <payload && hostile chmod 755 "$payload" &&
	background worker "$run" wallet "$payload" &&
	as_root pools restart wallet && ! test -e "$run/executed"
'

end_hostile
test_expect_success 'a process of root that claims to be a worker is not killed' '
	cp /bin/sleep "$EM_TEMP/earmark-sleep" &&
	{ sleep 1000 & } && mine=$! &&
	{ "$EM_TEMP/earmark-sleep" 1000 & } && named=$! &&
	background claim "$run" wallet $mine &&
	background claim "$run" wallet $named &&
	test_must_fail as_root pools restart wallet 2>said &&
	grep -i "not permitted" said &&
	kill -0 $mine && kill -0 $named &&
	kill $mine $named
'

end_hostile
test_expect_success 'a process of root named in a stale pid file is not killed' '
	{ python3 -c "import time; time.sleep(1000)" "$etc/earmark.conf" & } &&
	mine=$! &&
	cp "$ours/catalog.pid" kept && echo "$mine 1" >"$ours/catalog.pid" &&
	control stop && kill -0 $mine && kill $mine &&
	read -r pid _ <kept && kill "$pid" && em_until "! kill -0 $pid"
'

forgive
test_expect_success 'blocking and unreadable files in run/ have no effect' '
	for name in worker-auth-4000000 failed-auth broken-user jobs.lock; do
		hostile mkfifo "$run/$name" || return 1
	done &&
	hostile ln -s "$secret" "$run/failed-catalog" &&
	hostile ln -s "$secret" "$run/worker-user-4000000" &&
	test_expect_code 1 as_root doctor >said1 2>&1 &&
	test_must_fail as_root pools restart >said2 2>&1 &&
	as_root status >said3 && not_told said1 said2 said3
'

forgive
test_expect_success 'control characters in a status file do not reach the terminal' '
	printf "\033]0;gone\007\233\n" >reason &&
	hostile cp /dev/stdin "$run/failed-auth" <reason &&
	test_might_fail as_root doctor >said &&
	grep -a "gone" said && ! grep -aP "[\x00-\x08\x0b-\x1f\x7f-\xff]" said
'

# The list contains names chosen by clients.
test_expect_success 'control characters in the database do not reach the terminal' '
	as_root user add mallory --email mallory@example.com >out &&
	hostile sqlite3 "$state/earmark.db" "UPDATE user SET username =
	    '\''x'\'' || char(27) || '\'']0;gone'\'' || char(155) || '\''ś'\''
	    WHERE username = '\''mallory'\''" &&
	script -qec "$at/bin/earmark -c $etc/earmark.conf user list" \
	    /dev/null >said &&
	tr -d "\r" <said >plain && grep "x?]0;gone.?ś" plain &&
	! grep -aP "[\x00-\x08\x0b-\x1f\x7f]" plain &&
	as_root user list | grep -a "$(printf "\033")"
'

# An operator may store the database in a subfolder.
test_expect_success 'a database folder replaced by a link to a folder of root is rejected' '
	sed "s,^db_file = .*,db_file = $state/data/earmark.db," \
	    "$etc/earmark.conf" >"$etc/other.conf" &&
	hostile ln -s "$victim" "$state/data" &&
	test_must_fail "$at/bin/earmark" -c "$etc/other.conf" migrate &&
	untouched && hostile rm "$state/data"
'

test_expect_success 'a configuration owned by the service user is read with its rights' '
	hostile cp "$etc/earmark.conf" "$state/earmark.conf" &&
	hostile ln -s "$secret" "$state/key" &&
	test_must_fail "$at/bin/earmark" -c "$state/earmark.conf" config check \
	    2>said && grep "Permission denied" said && not_told said &&
	hostile rm "$state/earmark.conf" "$state/key"
'

forgive
test_expect_success 'restore run by root writes as the service user' '
	as_root restore "$at/var/backups/earmark/$backup" --replace &&
	test -z "$(find "$state" ! -user $user)"
'

# Number of consecutive kills of the workers of a pool.
kills=200
test_expect_success 'earmark-run restarts the workers of a pool after any number of aborts' '
	control start &&
	parent=$(running "$ours/catalog.pid") &&
	killed=$("$EM_SRC/t/faults/tools/abort_workers.py" "$parent" $kills) &&
	note "$killed" &&
	em_until "as_root doctor | grep -q \"^ok *pool catalog\"" &&
	em_until "[ \$(ls \"$run\" | grep -c worker-catalog) = 1 ]"
'

test_expect_success 'earmark-run restarts supervising processes that were killed' '
	for name in catalog realtime jobs; do
		kill -9 "$(running "$ours/$name.pid")" || return 1
	done &&
	em_until "as_root doctor >doctor; ! grep -E \"^bad *(pool|jobs|real)\" \
	    doctor" && control status
'

test_expect_success 'stop ends all processes and leaves no sockets' '
	control stop && test -z "$(ls "$sockets")" &&
	! grep -lsF "$at" /proc/[0-9]*/cmdline >left && untouched ||
	    { cat left; false; }
'

end_hostile
test_done
