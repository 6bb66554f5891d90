#!/bin/sh
# Checks that the manual pages name all pools, path prefixes and sections of
# the configuration.
test_description='static: manual pages are complete'
. "$(dirname "$0")/../lib-static.sh"

# The functions print what they find, one per line, sorted. MAN is a folder of
# pages.

# programs: the pool programs of fcgi/fcgi.am.
programs() {
	sed -n '/^pool_PROGRAMS/,/[^\\]$/p' "$src/fcgi/fcgi.am" |
	    grep -o 'earmark-[a-z]*' | sort
}
# named_programs MAN: those in the section NAME of earmark-pool(8).
named_programs() {
	sed -n '/^\.Sh NAME/,/^\.Sh SYNOPSIS/s/^\.Nm \(earmark-[a-z]*\).*/\1/p' \
	    "$1/earmark-pool.8" | sort
}
# prefixes: "POOL /PREFIX" of each route, without those for nginx only.
prefixes() {
	for program in $(programs); do
		"$build/$program" --routes |
		    sed -E "s,^[A-Z]+ (/api(/v1)?)?(/[^/ ]*).*,${program#*-} \3,"
	done | grep -v ' /\.' | sort -u
}
# listed_prefixes MAN: "POOL /PREFIX" in the list of pools of earmark-pool(8).
listed_prefixes() {
	awk '/^\.It Cm [a-z]+$/ { pool = $3 }
	    /^\.(El|It [^C])/ { pool = "" }
	    pool != "" && $1 == ".Pa" {
		for (i = 2; i <= NF; i++)
			if (split($i, part, "/") > 1)
				print pool, "/" part[2]
	    }' "$1/earmark-pool.8" | sort -u
}
# sections: the sections of the configuration that the programs know.
sections() {
	mkdir -p state && : >state/earmark.conf &&
	(umask 077 && printf '%064d\n' 0 >state/key) &&
	"$build/earmark" -c state/earmark.conf config show |
	    sed -n 's/^\[\([a-z]*\)\].*/\1/p' | sort
}
# documented_sections MAN: those with a subsection in earmark.conf(5).
documented_sections() {
	sed -n 's/^\.Ss \[\([a-z]*\)\]$/\1/p' "$1/earmark.conf.5" | sort
}
# repeated_titles MAN: "FILE: TITLE" of each title that a page has twice.
repeated_titles() {
	for page in "$1"/*.[1-8]; do
		sed -n "s/^\.S[hs] /${page##*/}: /p" "$page" | sort | uniq -d
	done
}

# agree MAN: compares all of this with the pages.
agree() {
	programs >want && test -s want && named_programs "$1" >have &&
	diff want have && prefixes >want && test -s want &&
	listed_prefixes "$1" >have && diff want have &&
	sections >want && test -s want && documented_sections "$1" >have &&
	diff want have && repeated_titles "$1" >have && cat have &&
	! test -s have
}

test_expect_success 'earmark-pool(8) names each pool program' '
	programs >want && test -s want && named_programs "$src/man" >have &&
	show diff want have
'

test_expect_success 'earmark-pool(8) lists the path prefixes of each pool' '
	prefixes >want && test -s want && listed_prefixes "$src/man" >have &&
	show diff want have
'

test_expect_success 'earmark.conf(5) has each section of the configuration' '
	sections >want && test -s want &&
	documented_sections "$src/man" >have && show diff want have
'

test_expect_success 'no manual page has two sections with the same title' '
	repeated_titles "$src/man" >have && quiet cat have
'

# differs FILE SCRIPT TEXT: a page changed by a sed script is reported.
differs() {
	rm -rf man && cp -R "$src/man" man && chmod -R u+w man &&
	sed "$2" "$src/man/$1" >"man/$1" && ! cmp -s "$src/man/$1" "man/$1" &&
	! agree man >differences && show grep -e "$3" differences
}
test_expect_success 'incomplete pages are reported' '
	agree "$src/man" &&
	differs earmark-pool.8 "/^\.Nm earmark-wallet/d" "< earmark-wallet" &&
	differs earmark-pool.8 "s, /presence,," "< listeners /presence" &&
	differs earmark-pool.8 "s,^\.Pa /admin,&s," "> admin /admins" &&
	differs earmark.conf.5 "/^\.Ss .rtc.$/d" "< rtc" &&
	differs earmark.1 "s/^\.Ss Ledger/.Ss Payments/" "earmark.1: Payments"
'

test_done
