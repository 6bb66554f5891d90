#!/bin/sh
# Checks the files of the container without building it. make container-check
# builds and runs it.
test_description='static: Containerfile, compose.yaml and the configuration of nginx'
. "$(dirname "$0")/../lib-static.sh"

container=$src/t/tools/container.py

test_expect_success 'Containerfile and compose.yaml agree with the packages and with each other' '
	show "$container" "$src"
'

test_expect_success 'nginx accepts the configuration of the container' '
	at=$(mktemp -d) && mkdir "$at/nginx" &&
	cp "$src"/nginx/*.conf "$build"/nginx/*.conf "$at/" &&
	snippets=$(sed -n "s,.*include \(/.*\)/earmark-limits.conf;,\1,p" \
	    "$build/nginx/container.conf") &&
	run=$(sed -n "s,^pid \(.*\)/nginx.pid;,\1,p" \
	    "$build/nginx/container.conf") &&
	test -n "$snippets" && test -n "$run" &&
	sed -i "s,$snippets,$at,; s,$run,$at/nginx,; s,/tmp/nginx-,$at/temp-,
	    s,[^ ]*/nginx.log,/dev/stderr," "$at"/*.conf &&
	echo "listen unix:$at/listen;" >"$at/nginx/listen.conf" &&
	echo "set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;" \
	    >"$at/nginx/proxies.conf" &&
	show nginx -t -q -e stderr -c "$at/container.conf"; ret=$?
	rm -rf "$at"
	return $ret
'

# breaks EXPRESSION FILE WORDS: a change of a file by sed must be reported.
breaks() {
	rm -rf tree && mkdir -p tree/tools tree/debian tree/system &&
	cp "$src/Containerfile" "$src/compose.yaml" "$src/README.md" \
	    "$src/.dockerignore" tree/ &&
	cp "$src/tools/setup.sh" tree/tools/ &&
	cp "$src/debian/control" tree/debian/ &&
	cp "$src/system/earmark-container.in" tree/system/ &&
	"$container" tree && sed -i "$1" "tree/$2" &&
	! "$container" tree >out && grep "$3" out
}
test_expect_success 'wrong packages, users, checks and volumes are reported' '
	breaks "s/ tzdata / /" Containerfile "no package tzdata" &&
	breaks "s/ tzdata / tzdata vim /" Containerfile "vim is not in" &&
	breaks "s/multiwatch curl/curl/" tools/setup.sh "no package multiwatch" &&
	breaks "s/[$]BUILD_PACKAGES/gcc/" Containerfile "BUILD_PACKAGES only" &&
	breaks "/^USER/d" Containerfile "no USER" &&
	breaks "s/^USER.*/USER root/" Containerfile "no USER" &&
	breaks "s,/health/live,/health," Containerfile "no HEALTHCHECK" &&
	breaks "s,^VOLUME .*,VOLUME /data," Containerfile "not the volume" &&
	breaks "s/read_only: true/read_only: false/" compose.yaml writable &&
	breaks "s/127.0.0.1:3001:8080/3001:80/" compose.yaml "open to the" &&
	breaks "s/EARMARK_PROXIES/EARMARK_PROXY/" compose.yaml EARMARK_PROXY &&
	breaks "/^build$/d" .dockerignore "build is sent"
'

test_done
