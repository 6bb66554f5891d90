#!/bin/sh
test_description='install: make install DESTDIR=... installs a working tree'
. "$(dirname "$0")/../lib.sh"

em_temp
tree=$EM_TEMP/tree
prefix=$(sed -n 's/^prefix = //p' "$EM_BUILD/Makefile")
at=$tree$prefix share=$tree$prefix/share
unset MAKEFLAGS MAKELEVEL MFLAGS

em_pools() {
	(: >none.conf && (umask 077 && printf "%064d\n" 0 >key) &&
	"$EM_BUILD/earmark" -c none.conf pools) | cut -d " " -f 1
}

test_expect_success 'make install writes only below DESTDIR' '
	make -C "$EM_BUILD" -s install DESTDIR="$tree" >out 2>&1 &&
	test "$(find "$tree" -type f | wc -l)" -gt 20 &&
	! find "$prefix" -name "earmark*" -newer "$EM_TEMP" 2>/dev/null |
	    grep .
'

test_expect_success 'programs, manual pages, nginx files and openapi.json are installed' '
	test -x "$at/bin/earmark" && test -x "$at/sbin/earmark-jobs" &&
	test -x "$at/sbin/earmark-realtime" &&
	for pool in auth user listeners favorites catalog calls wallet payments admin system; do
		test -x "$at/libexec/earmark/earmark-$pool" || return 1
	done &&
	for page in man1/earmark.1 man5/earmark.conf.5 man7/earmark-api.7 \
	    man8/earmark-pool.8 man8/earmark-jobs.8 \
	    man8/earmark-realtime.8; do
		test -s "$share/man/$page" || return 1
	done &&
	jq -e .paths "$share/earmark/openapi.json" >/dev/null &&
	(cd "$EM_SRC/nginx" && ls earmark-*.conf*) | sed "s/\.in\$//" >want &&
	ls "$share/earmark/nginx" >got && test_cmp want got &&
	test -s "$share/earmark/static/pay.css" &&
	diff -r -x pay.css "$EM_SRC/nginx/html" "$share/earmark/www"
'

test_expect_success 'no installed text contains the path of the build folder' '
	! grep -rlF "$EM_BUILD" "$share" "$at/libexec/earmark/earmark-worker" &&
	! grep -rlF "$EM_SRC/nginx" "$share" && ! grep -rl "@[A-Z_]*@" "$share"
'

# The operator enters a public address later, and may not read this file again.
test_expect_success 'the installed configuration does not enable the sandbox' '
	sed "s,^base_url = .*,base_url = https://api.example.org," \
	    "$at/etc/earmark/earmark.conf" >conf &&
	(umask 077 && printf "%064d\n" 0 >key) &&
	"$EM_BUILD/earmark" -c "$PWD/conf" config get payments.providers >out &&
	test "$(cat out)" = "" &&
	test_expect_code 1 "$EM_BUILD/earmark" -c "$PWD/conf" doctor --launch \
	    >out 2>err &&
	grep "^ok    sandbox " out && grep "^ok    payments .*no provider" out
'

test_expect_success 'nginx accepts the installed sites' '
	site=$EM_TEMP/site && mkdir -p "$site" "$at/var/log/earmark" &&
	sed -i "s,$prefix/,$at/,g" "$share"/earmark/nginx/*.conf &&
	for name in earmark earmark-public; do
		# Uses Unix sockets, because the ports may be in use.
		sed "s,$prefix/,$at/,g" "$share/earmark/site/$name" |
		    awk -v at="unix:$site/$name" "\$1 == \"listen\" {
			sub(/[0-9[][^ ;]*/, at \"-\" NR)
		    } { print }" >"$site/$name.conf" || return 1
	done &&
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	    -subj /CN=x -keyout "$at/etc/earmark/tls.key" \
	    -out "$at/etc/earmark/tls.crt" 2>openssl.log &&
	cat >"$site/nginx.conf" <<-EOF &&
		pid $site/pid;
		events { }
		http {
			include $site/earmark.conf;
			include $site/earmark-public.conf;
		}
	EOF
	nginx -t -p "$site" -c "$site/nginx.conf" -e "$site/error.log"
'

units=$at/lib/systemd/system
test_expect_success 'systemd units, user and folders are installed' '
	test -s "$units/earmark.service" && test -s "$units/earmark@.service" &&
	test -s "$at/lib/sysusers.d/earmark.conf" &&
	test -s "$at/lib/tmpfiles.d/earmark.conf" &&
	test -x "$at/sbin/earmark-run" &&
	! grep -r "@[A-Z_]*@" "$at/lib" "$at/etc/earmark/earmark.conf" \
	    "$at/sbin/earmark-run" &&
	for pool in $(em_pools); do
		for kind in socket service; do
			grep -q "^Wants=.*earmark@$pool.$kind" \
			    "$units/earmark.service" || return 1
		done
	done
'

test_expect_success 'the installed configuration is valid and is not overwritten' '
	cp "$at/etc/earmark/earmark.conf" first &&
	(umask 077 && printf "%064d\n" 0 >"$at/etc/earmark/key") &&
	"$at/bin/earmark" -c "$at/etc/earmark/earmark.conf" config check &&
	echo "# mine" >>"$at/etc/earmark/earmark.conf" &&
	make -C "$EM_BUILD" -s install DESTDIR="$tree" >out 2>&1 &&
	grep -qx "# mine" "$at/etc/earmark/earmark.conf"
'

# owned CONF: what programs write is in folders of the service user.
owned() {
	awk "\$1 == \"d\" && \$4 != \"root\" { print \$2 \"/\" }" \
	    "$at/lib/tmpfiles.d/earmark.conf" >folders && test -s folders &&
	for key in db_file lock_file run_dir media_dir outbox_file backup_dir \
	    spool_dir; do
		path=$("$at/bin/earmark" -c "$1" config get paths.$key) &&
		echo "$path/" | grep -qFf folders ||
		    { note "$key is $path"; return 1; }
	done
}

test_expect_success 'the service user can write where it has to' '
	owned "$at/etc/earmark/earmark.conf" &&
	sed "/^\(spool\|socket\)_dir/d" "$at/etc/earmark/earmark.conf" \
	    >"$at/etc/earmark/old.conf" && owned "$at/etc/earmark/old.conf" &&
	rm "$at/etc/earmark/old.conf"
'

test_expect_success 'the installed programs serve' '
	bin=$EM_TEMP/bin && mkdir "$bin" && ln -s "$at"/bin/* "$at"/sbin/* \
	    "$at"/libexec/earmark/* "$share/earmark/openapi.json" "$bin/" &&
	EM_BUILD=$bin em_start && api GET /health && expect 200 &&
	api GET /version && expect 200
'

# The configuration was changed above. Keys and logs were created by the test.
test_expect_success 'make uninstall removes all files except those of the operator' '
	em_stop &&
	make -C "$EM_BUILD" -s uninstall DESTDIR="$tree" >out 2>&1 &&
	(cd "$at" && find . ! -type d ! -path "./var/log/*" | sort) >left &&
	printf "./etc/earmark/%s\n" earmark.conf key tls.crt tls.key >kept &&
	diff kept left
'

test_done
