#!/bin/sh
test_description='earmark: configuration, version, help'
. "$(dirname "$0")/../lib.sh"

em_conf presence.online_ttl=77
em_conf server.metrics_token=hush-hush
em_bare >/dev/null || exit 1

test_expect_success 'config check accepts a valid configuration' '
	em_cli config check >out &&
	echo "$EM_STATE/earmark.conf is valid" >want &&
	test_cmp want out
'

test_expect_success 'config show prints effective values with masked secrets' '
	em_cli config show >shown &&
	grep -q "^online_ttl = 77$" shown &&
	grep -q "^db_file = $EM_STATE/earmark.db$" shown &&
	grep -q "^access_ttl = 900$" shown &&
	! grep -q hush shown
'

test_expect_success 'the output of config show is a valid configuration' '
	sed "/^metrics_token/d" shown >"$EM_STATE/again.conf" &&
	"$EM_BUILD/earmark" -c "$EM_STATE/again.conf" config show |
	    sed "/^metrics_token/d" >again &&
	sed "/^metrics_token/d" shown | test_cmp - again
'

test_expect_success 'config get prints one value, also a secret' '
	em_cli config get server.metrics_token >out &&
	echo hush-hush >want &&
	test_cmp want out &&
	refuses 1 "unknown key" em_cli config get server.nonsense &&
	refuses 1 "unknown key" em_cli config get nonsense &&
	refuses 2 "usage:" em_cli config get
'

test_expect_success 'all errors are reported with their lines' '
	cat >"$EM_STATE/bad.conf" <<-EOF &&
	[server]
	base_url = here
	nonsense = 1
	[pools]
	auth_workers = many
	auth_workers = 2
	EOF
	test_expect_code 3 "$EM_BUILD/earmark" -c "$EM_STATE/bad.conf" \
	    config check >out 2>err &&
	test_must_be_empty out &&
	sed "s,^$EM_STATE/,," err >said &&
	cat >want <<-EOF &&
	bad.conf:3: unknown key '\''nonsense'\'' in [server]
	bad.conf:5: auth_workers must be an integer
	bad.conf:6: auth_workers is already set in line 5
	bad.conf:2: base_url must begin with http:// or https://
	EOF
	test_cmp want said &&
	test_expect_code 3 "$EM_BUILD/earmark" -c "$EM_STATE/bad.conf" migrate 2>err &&
	test_expect_code 3 "$EM_BUILD/earmark-jobs" -c "$EM_STATE/bad.conf" --once 2>err &&
	test_expect_code 3 "$EM_BUILD/earmark-favorites" -c "$EM_STATE/bad.conf" -t 2>err
'

test_expect_success 'a missing or invalid key is reported without its value' '
	mv "$EM_STATE/key" key &&
	test_expect_code 3 em_cli config check 2>err &&
	grep -q "key_file" err &&
	sed s/^./x/ key >"$EM_STATE/key" &&
	test_expect_code 3 em_cli config check 2>err &&
	grep -q "64 hexadecimal" err &&
	! grep -qF "$(cut -c 2-20 key)" err &&
	mv key "$EM_STATE/key"
'

test_expect_success 'EARMARK_CONF names the configuration unless -c is given' '
	EARMARK_CONF=$EM_STATE/earmark.conf "$EM_BUILD/earmark" config check &&
	EARMARK_CONF=/nowhere "$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" \
	    config check &&
	refuses 3 "No such file" env EARMARK_CONF=/nowhere \
	    "$EM_BUILD/earmark" config check
'

test_expect_success 'keys and secrets can be systemd credentials' '
	mkdir -p creds plain/secrets &&
	printf "[payments]\nproviders = stripe\nstripe_key_file = secrets/stripe\nstripe_webhook_file = secrets/hook\n" \
	    >plain/earmark.conf &&
	refuses 3 "key_file" "$EM_BUILD/earmark" -c plain/earmark.conf \
	    config check &&
	(umask 077 && cp "$EM_STATE/key" creds/key &&
	echo sk_test_1 >creds/secrets_stripe && echo whsec_1 >creds/hook) &&
	CREDENTIALS_DIRECTORY=$PWD/creds "$EM_BUILD/earmark" \
	    -c plain/earmark.conf config check &&
	CREDENTIALS_DIRECTORY=$PWD/creds "$EM_BUILD/earmark" \
	    -c plain/earmark.conf config show >out &&
	grep -qx "key_file = $PWD/creds/key" out &&
	grep -qx "stripe_key_file = $PWD/creds/secrets_stripe" out &&
	grep -qx "db_file = $PWD/plain/earmark.db" out &&
	rm creds/secrets_stripe &&
	CREDENTIALS_DIRECTORY=$PWD/creds refuses 3 "stripe" \
	    "$EM_BUILD/earmark" -c plain/earmark.conf config check
'

test_expect_success 'earmark run by root uses the user id of the database owner' '
	test "$(id -u)" != 0 || {
		install -d -o nobody -g nogroup "$EM_TEMP/owned" &&
		chmod 711 "$EM_TEMP" &&
		cp "$EM_STATE/key" "$EM_TEMP/owned/key" &&
		chmod 600 "$EM_TEMP/owned/key" &&
		: >"$EM_TEMP/owned/earmark.conf" &&
		"$EM_BUILD/earmark" -c "$EM_TEMP/owned/earmark.conf" migrate &&
		"$EM_BUILD/earmark" -c "$EM_TEMP/owned/earmark.conf" user list &&
		test "$(stat -c %U "$EM_TEMP/owned/earmark.db")" = nobody &&
		test "$(stat -c %U "$EM_TEMP/owned/writer.lock")" = nobody &&
		test "$(stat -c %U "$EM_TEMP/owned/key")" = root
	}
'

test_expect_success 'version prints the versions of program, schema and SQLite' '
	em_cli version >out &&
	grep -qE "^earmark [0-9]+\.[0-9]+\.[0-9]+$" out &&
	grep -qE "^schema [0-9]+$" out &&
	grep -q "^sqlite 3\." out &&
	"$EM_BUILD/earmark" --version | grep -q "^earmark " &&
	"$EM_BUILD/earmark-jobs" --version | grep -q "^earmark-jobs "
'

test_expect_success 'all commands have --help and are listed by earmark --help' '
	"$EM_BUILD/earmark" --help >list &&
	sed -n "s/^  \([a-z]*\( [a-z]*\)\{0,1\}\)  .*/\1/p" list >commands &&
	test "$(wc -l <commands)" -ge 14 &&
	while read -r command; do
		"$EM_BUILD/earmark" $command --help >help 2>err </dev/null &&
		grep -q "usage: earmark -c FILE $command" help &&
		test ! -s err || { note "$command"; return 1; }
	done <commands
'

test_expect_success 'all commands are documented in earmark(1)' '
	while read -r command; do
		sed -n "s/^\.\(It\|It Xo\) *//; s/^\.*Cm //p" \
		    "$EM_SRC/man/earmark.1" | grep -q "^$command" ||
		    { note "$command"; return 1; }
	done <commands
'

test_expect_success 'an unknown command or option exits with 2' '
	refuses 2 "unknown command" em_cli nonsense &&
	refuses 2 "unknown command" em_cli config nonsense &&
	refuses 2 "unknown option" em_cli --nonsense &&
	refuses 2 "unknown option" em_cli config show --all &&
	refuses 2 "unexpected argument .all." em_cli config show all &&
	test_expect_code 2 em_cli 2>err >out &&
	test_must_be_empty out &&
	test_expect_code 2 em_cli user 2>err >out &&
	test_must_be_empty out &&
	test_expect_code 2 "$EM_BUILD/earmark-jobs" 2>err &&
	test_expect_code 2 "$EM_BUILD/earmark-jobs" --nonsense 2>err
'

test_expect_success 'a failed write to standard output exits with 1' '
	test_expect_code 1 em_cli config show >/dev/full 2>err &&
	grep -q "standard output" err
'

test_done
