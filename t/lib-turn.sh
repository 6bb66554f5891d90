# A TURN server (coturn) on loopback for calls between two browsers. Sourced
# after lib-browser.sh.
#
# turn_start [PORT]		starts it and configures Earmark to announce it, before
#			em_start. Announces PORT if another process forwards
#			from there. Sets $relay to its own port, and the
#			prerequisite COTURN if the package is installed
# turn_ready		waits until it listens
# look NAME MEMBERS	runs t/browser/app.js with these members of its plan
# person NAME ROLE...	creates an account with an e-mail address and signs in
# shellcheck shell=sh disable=SC2034,SC2154

udp_port() {
	/usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

turn_start() {
	em_temp
	turn=$EM_TEMP/turn
	mkdir "$turn"
	trap turn_exit EXIT
	command -v turnserver >/dev/null || {
		note "NO CALL USES A RELAY: the package coturn is not installed."
		return
	}
	relay=$(udp_port)
	printf 'a-secret-of-the-relay' >"$turn/secret"
	chmod 600 "$turn/secret"
	cat >"$turn/conf" <<-EOF
		listening-ip=127.0.0.1
		relay-ip=127.0.0.1
		listening-port=$relay
		realm=earmark.test
		use-auth-secret
		static-auth-secret=a-secret-of-the-relay
		fingerprint
		allow-loopback-peers
		no-multicast-peers
		no-cli
		no-tcp
		no-tls
		no-dtls
		no-stdout-log
		log-file=$turn/log
		simple-log
		pidfile=$turn/pid
		userdb=$turn/db
	EOF
	turnserver -c "$turn/conf" >"$turn/out" 2>&1 8>&- 9>&- &
	turn_pids=$!
	em_conf "rtc.turn_urls=turn:127.0.0.1:${1-$relay}?transport=udp"
	em_conf "rtc.turn_secret_file=$turn/secret"
	test_set_prereq COTURN
}

turn_ready() {
	relay_port=$(printf "%04X" "$relay") &&
	em_until "grep -q \":$relay_port \" /proc/net/udp" || {
		note "$(cat "$turn/out" "$turn/log")"
		return 1
	}
}

turn_exit() {
	code=$?
	# shellcheck disable=SC2086
	[ -z "${turn_pids-}" ] || kill $turn_pids
	(exit $code)
	em_exit
}

look() {
	browse app "{\"url\":\"$URL/app/\",\"shots\":\"$shots/app-$1\",$2}"
}

person() {
	who=$1
	shift
	# shellcheck disable=SC2046
	printf '%s\n' "$EM_PASSWORD" | em_cli user add "$who" --password-stdin \
	    --email "$who@example.org" $(printf ' --role %s' "$@") \
	    >/dev/null && em_login "$who"
}
