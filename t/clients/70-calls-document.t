#!/bin/sh
# shellcheck disable=SC2016
test_description='doc/calls.md: a shell executes its commands'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_start

# password NAME: prints the password of an account of the demo.
password() {
	sed -n "s/^$1  *\([^ ]*\).*/\1/p" "$EM_SRC/sql/demo/logins"
}

test_expect_success 'setup: the accounts of the demo' '
	EM_PASSWORD=$(password customer) && em_user customer &&
	EM_PASSWORD=$(password listener) && listener listener 500 &&
	fund customer 50000
'

# The first block starts the demo.
test_expect_success 'all commands succeed' '
	awk "/^\`\`\`sh/ { n++; on = n > 1; next } /^\`\`\`/ { on = 0 } on" \
	    "$EM_SRC/doc/calls.md" >commands &&
	[ "$(grep -c "^request" commands)" -ge 9 ] && ln -s "$EM_BUILD" build &&
	D=$EM_STATE U=$URL sh -eu commands >out 2>err &&
	test_must_be_empty err && ! grep "\"error\"" out
'

test_expect_success 'the output has the steps of a call in their order' '
	cat >want <<-\END &&
	"call.incoming"
	"accepted"
	"session.started"
	"call.accepted"
	"credential"
	"offer"
	"candidate"
	"answer"
	"ended"
	"session.ended"
	"call.ended"
	END
	tail -n +2 out | tr "\n" " " >line &&
	rest=$(cat line) && while read -r word; do
		case $rest in
		*"$word"*) rest=${rest#*"$word"} ;;
		*) note "no $word in $rest"; return 1 ;;
		esac
	done <want && printf %s "$rest" | grep -q "The rate per minute"
'

test_done
