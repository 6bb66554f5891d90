#!/bin/sh
# The examples of doc/standby.md: the configuration of keepalived, its
# notification script, and the commands for DNS.
test_description='static: the examples of doc/standby.md'
. "$(dirname "$0")/../lib-static.sh"

# example TEXT: prints the code block that contains a line with TEXT.
example() {
	awk -v text="$1" '
	    /^```/ { if (found) exit; inside = !inside; block = ""; next }
	    inside { block = block $0 "\n"; found = found || index($0, text) }
	    END { printf "%s", block }' "$src/doc/standby.md"
}

# Programs that write their name and arguments to the file calls. The status of
# earmark promote is in the file fails.
mkdir bin
for name in systemctl ssh earmark nsupdate; do
	cat >bin/$name <<-EOF
	#!/bin/sh
	echo "$name \$*" >>"$PWD/calls"
	case "$name \$1" in
	"earmark status") cat "$PWD/status" ;;
	"earmark promote") ! [ -e "$PWD/fails" ] ;;
	"nsupdate -k") cat >>"$PWD/calls" ;;
	esac
	EOF
done
chmod +x bin/*

example '#!/bin/sh' >earmark-notify
chmod 755 earmark-notify

# notify STATE: runs the script as keepalived does.
notify() {
	rm -f calls
	: >calls
	PATH=$PWD/bin:$PATH ./earmark-notify INSTANCE earmark "$1" 100
}

test_expect_success 'shellcheck accepts the scripts' '
	show shellcheck -x earmark-notify &&
	example "nsupdate" >dns && show shellcheck -s sh dns
'

test_expect_success 'the notification of the state MASTER promotes a standby' '
	echo "{\"standby\":{\"state\":\"following\"}}" >status && notify MASTER &&
	cat >want <<-\EOF &&
	earmark status --json
	systemctl stop earmark-standby
	earmark promote
	systemctl start earmark nginx
	EOF
	show diff want calls
'

test_expect_success 'it starts nothing if the promotion fails' '
	: >fails && ! notify MASTER && rm fails && ! grep start calls
'

test_expect_success 'other states, and machines that are no standby, change nothing' '
	notify BACKUP && notify FAULT && ! [ -s calls ] &&
	echo "{\"archive\":{\"status\":\"ok\"}}" >status && notify MASTER &&
	! grep -e promote -e systemctl calls
'

test_expect_success 'the commands for DNS promote, then change the address' '
	: >calls && PATH=$PWD/bin:$PATH sh dns &&
	grep -q "^ssh standby .*earmark promote && systemctl start" calls &&
	grep -q "^update add api.example.org 30 A 192.0.2.12" calls
'

# The interface must exist. keepalived 2.2.7 ends itself in a configuration test
# if a script has another user.
card=$(find /sys/class/net -mindepth 1 ! -name lo -printf '%f\n' | sort |
    head -n 1)
if [ "$(id -u)" = 0 ] && [ -n "$card" ] &&
    command -v keepalived >/dev/null 2>&1; then
	test_expect_success 'keepalived accepts the configuration' '
		example "vrrp_script earmark" >keepalived.conf &&
		user=$(sed -n "s/^	user //p" keepalived.conf) &&
		grep -q "useradd .* $user\`" "$src/doc/standby.md" &&
		grep -q "interface eth0" keepalived.conf &&
		script=$(sed -n "s/^	notify //p" keepalived.conf) &&
		sed "s,$script,$PWD/earmark-notify,; s,eth0,$card,
		    s,user $user,user root," keepalived.conf >root.conf &&
		quiet keepalived -t -f "$PWD/root.conf" &&
		sed "s/interval/intervall/" root.conf >wrong.conf &&
		! keepalived -t -f "$PWD/wrong.conf" >out 2>&1
	'
fi
test_done
