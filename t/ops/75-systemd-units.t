#!/bin/sh
test_description='systemd: the units are sandboxed and contain no unknown settings'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

if ! systemd-analyze security --help 2>/dev/null | grep -q -e --offline; then
	skip_all='systemd-analyze is missing, or older than 250'
	test_done
fi
em_temp
unset MAKEFLAGS MAKELEVEL MFLAGS
root=$EM_TEMP/root
analyze() {
	systemd-analyze --root="$root" --no-pager "$@"
}

# systemd-analyze needs drop-ins and templates in their installed folders.
test_expect_success 'make install installs the units' '
	make -C "$EM_BUILD" -s install DESTDIR="$EM_TEMP/tree" >out 2>&1 &&
	made=$(find "$EM_TEMP/tree" -name earmark.service) &&
	mkdir -p "$root/etc/systemd" "$root/usr/lib/systemd/system" &&
	cp -r "${made%/*}" "$root/etc/systemd/system" &&
	(cd "$root/etc/systemd/system" && ls) | grep "\.service$" |
	    grep -v @ >services &&
	(: >none.conf && (umask 077 && printf "%064d\n" 0 >key) &&
	"$EM_BUILD/earmark" -c none.conf pools) |
	    sed "s/ .*//; s/.*/earmark@&.service/" >>services &&
	test "$(wc -l <services)" -ge 14
'

test_expect_success 'the exposure of each service is at most 1.5 of 10' '
	while read -r unit; do
		analyze security --offline=true --threshold=15 "$unit" \
		    >seen 2>&1 || { cat seen; return 1; }
		sed -n "s/.*level for //p" seen
	done <services
'

# By default, systemd stops a service after five starts in 10 s, and a socket
# after twenty activations in 2 s.
test_expect_success 'services and sockets have no limit of restarts' '
	(cd "$root/etc/systemd/system" &&
	for unit in earmark@.service earmark-jobs.service \
	    earmark-realtime.service; do
		sed -n "/^\[Unit\]/,/^\[Service\]/p" $unit |
		    grep -x StartLimitIntervalSec=0 &&
		grep -x Restart=always $unit &&
		grep -xE "RestartSec=[1-9][0-9]*ms" $unit || return 1
	done &&
	for unit in earmark@.socket earmark-realtime.socket; do
		sed -n "/^\[Socket\]/,\$p" $unit |
		    grep -x TriggerLimitIntervalSec=0 || return 1
	done)
'

# systemd and spawn-fcgi change owner and mode of sockets by path.
test_expect_success 'sockets are in folders that only root can write to' '
	tmpfiles=$(find "$EM_TEMP/tree" -path "*tmpfiles.d/earmark.conf") &&
	for unit in earmark@.socket earmark-realtime.socket; do
		at=$(sed -n "s/^ListenStream=\(.*\)\/.*/\1/p" \
		    "$root/etc/systemd/system/$unit") &&
		grep -x "d $at 0755 root root -" "$tmpfiles" || return 1
	done
'

# logrotate and certbot write as root by path.
test_expect_success 'folders that programs of root write to belong to root' '
	for name in log/earmark lib/earmark-acme; do
		grep -E "^d [^ ]*/$name 0755 root (root|adm) -" "$tmpfiles" ||
		    return 1
	done &&
	awk "/^d/ && \$4 != \"root\" { print \$2 \"/\" }" "$tmpfiles" >others &&
	awk "/^d/ && \$4 == \"root\" { print \$2 \"/\" }" "$tmpfiles" >roots &&
	test -s others && test_must_fail grep -Ff others roots
'

# Units of workers must not run other programs as root.
test_expect_success 'units run only installed programs as root' '
	grep -hE "^Exec[A-Za-z]*=[^/]*[+!]" \
	    "$root"/etc/systemd/system/earmark*.service |
	    grep -vE "=\+[^ ]*/bin/earmark -c [^ ]* (migrate|pools restart)$" |
	    grep -vx "ExecReload=+systemctl --no-block try-restart.*" >other
	test_must_fail grep . other
'

test_expect_success 'a service without sandboxing is reported' '
	printf "[Service]\nExecStart=/bin/true\n" \
	    >"$root/etc/systemd/system/open.service" &&
	! analyze security --offline=true --threshold=15 open.service
'

# Reports about missing programs do not matter, because the root contains only
# units.
test_expect_success 'systemd knows all settings of the units' '
	{ cat services; echo earmark@user.socket; echo earmark-realtime.socket
	echo earmark-backup.timer; echo earmark-drill.timer; } >all &&
	while read -r unit; do
		analyze --man=no --recursive-errors=no verify "$unit" \
		    >>words 2>&1 || :
	done <all
	test_must_fail grep -iE "unknown|ignoring|invalid|failed to parse" words
'

test_expect_success 'an unknown setting is reported' '
	printf "[Service]\nExecStart=/bin/true\nNoSuchThing=1\n" \
	    >"$root/etc/systemd/system/open.service" &&
	analyze --man=no verify open.service 2>&1 | grep -i unknown
'

test_done
