#!/bin/sh
# Compares the completion of bash with the commands and options of the program.
test_description='static: bash completion of earmark'
. "$(dirname "$0")/../lib-static.sh"

PATH=$build:$PATH
mkdir -p state && : >state/earmark.conf &&
(umask 077 && printf '%064d\n' 0 >state/key)

cat >tab <<'END'
# tab FILE WORD...: prints the completions of the last word.
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_earmark
printf '%s\n' "${COMPREPLY[@]}" | sed '/^$/d' | sort
END
tab() {
	bash tab "$src/completion/earmark.bash" "$@" >offered 2>said &&
	[ ! -s said ] || { sed 's/^/# /' said >&5; return 1; }
}
# offers WORDS...: succeeds if exactly these words are offered.
offers() {
	[ $# -gt 0 ] || { [ ! -s offered ]; return; }
	printf '%s\n' "$@" | sort >wanted
	show diff wanted offered
}

test_expect_success 'the completion file passes shellcheck and is installed' '
	show shellcheck -s bash "$src/completion/earmark.bash" &&
	grep -q "completion/earmark.bash" "$src/Makefile.am"
'

sed -n '/^static const struct command commands/,/^};/s/^	{ "\([a-z -]*\)".*/\1/p' \
    "$src/cmd/earmark/earmark.c" >commands
test_expect_success 'all commands are completed' '
	test -s commands &&
	tab earmark "" && cut -d" " -f1 commands | sort -u >wanted &&
	show diff wanted offered &&
	for subject in $(sed -n "s/ .*//p" commands | sort -u); do
		tab earmark "$subject" "" &&
		sed -n "s/^$subject //p" commands | sort >wanted &&
		show diff wanted offered || return 1
	done
'

# Each command is run with each option of any command. Without a configuration
# a command only checks its arguments.
test_expect_success 'all options of each command are completed, and no others' '
	: >all && while read -r name; do
		# shellcheck disable=SC2086
		tab earmark $name -- && cp offered "has-$name" &&
		cat offered >>all || return 1
	done <commands &&
	awk "/cli_option options/ { list = 1 }
		list && /{ (\\.name = )?\"[a-z-]+\"/ {
			split(\$0, part, \"\\\"\")
			print \"--\" part[2]
		}
		list && /};/ { list = 0 }" "$src"/cmd/*/*.c >>all &&
	sort -u all | grep -v "^--help" >options && test -s options &&
	unset EARMARK_CONF && while read -r name; do
		echo --help >wanted && while read -r option; do
			# shellcheck disable=SC2086
			earmark $name "$option" >out 2>&1 </dev/null
			grep -q "unknown option" out || echo "$option"
		done <options >>wanted &&
		sort -o wanted wanted && show diff wanted "has-$name" || {
			echo "# $name" >&5
			return 1
		}
	done <commands
'

test_expect_success 'a partial option is completed' '
	tab earmark user add --pass && offers --password --password-file \
	    --password-stdin &&
	tab earmark ledger show ana --l && offers --limit &&
	tab earmark --ver && offers --version &&
	tab earmark -c state/earmark.conf ledger v && offers verify
'

test_expect_success 'roles, kinds, keys, pools and files are completed as values' '
	tab earmark user add ana --role "" &&
	offers admin customer finance listener moderator service support &&
	tab earmark user grant ana l && offers listener &&
	tab earmark user list --status b && offers banned &&
	tab earmark import "" &&
	offers creatives destinations documents flyers listeners styles &&
	tab earmark -c state/earmark.conf config get auth.otp_tt &&
	offers auth.otp_ttl &&
	tab earmark -c state/earmark.conf pools restart fav &&
	offers favorites &&
	tab earmark -c state/ear && offers state/earmark.conf &&
	tab earmark import flyers state/k && offers state/key
'

test_expect_success 'completed values are those of openapi.json' '
	jq -r ".components.schemas.Role.enum[]" "$build/openapi.json" | sort >wanted &&
	tab earmark user add ana --role "" && show diff wanted offered &&
	jq -r ".components.schemas.AccountStatus.enum[]" "$build/openapi.json" |
	    sort >wanted &&
	tab earmark user list --status "" && show diff wanted offered
'

test_expect_success 'unknown words have no completions' '
	tab earmark nonsense "" && offers && tab earmark version "" && offers &&
	tab earmark user ban ana "" && offers && tab earmark user nonsense x &&
	offers && tab earmark user ban "[" && offers && tab earmark pools "[" && offers
'

test_expect_success 'bash registers the completion for earmark' '
	bash -c ". \"\$1\" && complete -p earmark" - "$src/completion/earmark.bash" \
	    >out && grep -q -- "-F _earmark earmark" out
'

# Control: the comparison must be able to fail.
test_expect_success 'a missing command or option is reported' '
	sed "s/| tr -d .* sort -u/& | grep -v keep/" "$src/completion/earmark.bash" \
	    >other && ! cmp -s other "$src/completion/earmark.bash" &&
	bash tab ./other earmark backup -- >offered && ! grep -q keep offered &&
	tab earmark backup -- && grep -q -- --keep offered
'

test_done
