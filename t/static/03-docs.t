#!/bin/sh
# The manual pages must be well-formed and agree with the programs. The scripts
# must pass shellcheck.
test_description='static: manual pages and scripts'
. "$(dirname "$0")/../lib-static.sh"

docs=$src/t/tools/docs.py

test_expect_success 'mandoc reports nothing about the manual pages' '
	quiet mandoc -Tlint -Wwarning "$src"/man/*.[1-8]
'

test_expect_success 'all manual pages are installed' '
	for page in "$src"/man/*; do
		grep -q "man/$(basename "$page")" "$src/Makefile.am" ||
		    echo "$page is not in Makefile.am"
	done >missing &&
	quiet cat missing
'

test_expect_success 'earmark.conf(5) documents all keys and their defaults' '
	mkdir empty && : >empty/earmark.conf &&
	(umask 077 && printf "%064d\n" 0 >empty/key) &&
	"$build/earmark" -c empty/earmark.conf config show >shown &&
	grep -q "^\[jobs\]" shown &&
	show "$docs" conf "$src" shown
'

test_expect_success 'earmark-jobs(8) documents all jobs' '
	show "$docs" jobs "$src"
'

test_expect_success 'all metrics are documented' '
	show "$docs" metrics "$src"
'

test_expect_success 'alerts refer only to existing metrics, labels and values' '
	show "$docs" alerts "$src"
'

test_expect_success 'the dashboard shows all metrics, and only existing labels and values' '
	show "$docs" dashboard "$src"
'

command -v promtool >/dev/null && test_set_prereq PROMTOOL
test_expect_success PROMTOOL 'promtool accepts the alerts, and they fire in the test cases' '
	show promtool check rules "$src/doc/alerts.yml" &&
	show promtool test rules "$src/t/static/alerts.yml"
'
test_expect_success PROMTOOL 'promtool accepts the expressions of the dashboard' '
	"$docs" expressions "$src" >panels.yml &&
	show promtool check rules panels.yml
'

# The last requirement of each section of the standard, up to level 2.
test_expect_success 'asvs.md has each requirement once, with a test that exists or a reason' '
	for last in 6.1.3 6.2.12 6.3.4 6.4.4 6.5.5 6.6.3 6.8.4 7.1.3 7.2.4 7.3.2 \
	    7.4.5 7.5.2 7.6.2 9.1.3 9.2.4 10.1.2 10.2.2 10.3.4 10.4.11 10.5.5 \
	    10.6.2 10.7.3; do
		for n in $(seq "${last##*.}"); do
			echo "${last%.*}.$n"
		done
	done >required &&
	sed -n "s/^| \([0-9.]*\) | .*/\1/p" "$src/doc/asvs.md" >present &&
	cmp required present && sed -n "/^| [0-9]/p" "$src/doc/asvs.md" >rows &&
	! grep -vE "t/[a-z]+/|Not (met|applicable): [A-Za-z]" rows &&
	grep -o "t/[a-z]*/[A-Za-z0-9_-]*\.t" rows | sort -u >named &&
	test "$(wc -l <named)" -ge 20 && while read -r file; do
		test -f "$src/$file" || test -f "$src/${file%.t}.c" ||
		    { echo "asvs.md: no $file"; return 1; }
	done <named
'

test_expect_success 'all error codes are documented, and all documented ones occur' '
	show "$docs" codes "$src" "$build/openapi.json"
'

test_expect_success 'earmark-api(7) lists all endpoints' '
	show "$docs" endpoints "$src" "$build/openapi.json"
'

test_expect_success 'earmark(1) documents all commands' '
	sed -n "/^static const struct command commands/,/^};/s/^	{ \"\([a-z ]*\)\".*/\1/p" \
	    "$src/cmd/earmark/earmark.c" >commands &&
	test -s commands &&
	while read -r command; do
		grep -Eq "^\.(It )?Cm $command( |\$)" "$src/man/earmark.1" ||
		    echo "earmark.1: no command $command"
	done <commands >missing &&
	quiet cat missing
'

test_expect_success 'the Kotlin example agrees with openapi.json' '
	show "$src/t/tools/kotlin.py" "$src/doc/EarmarkApi.kt" "$build/openapi.json" &&
	sed "s,v1/user/balance,v1/user/purse,; s,val rating: Double,val rating: Long,
	    s,\"wait_time\") val waitTime: Long?,\"wait_time\") val waitTime: Long,
	    s,\"is_online\",\"is_here\"," "$src/doc/EarmarkApi.kt" >other.kt &&
	! "$src/t/tools/kotlin.py" other.kt "$build/openapi.json" >out &&
	grep "getBalance: GET /api/v1/user/purse is None" out &&
	grep "FavoriteListener.rating: Long, not number" out &&
	grep "FavoriteListener.wait_time may be null" out &&
	grep "FavoriteListener: there is no member is_here" out
'

# Replaces the libraries by their annotations, so that only the example has to
# compile.
command -v kotlinc >/dev/null && test_set_prereq KOTLINC
test_expect_success KOTLINC 'the Kotlin example compiles' '
	{
		echo "package retrofit2.http"
		for name in GET POST Header Path Query; do
			echo "annotation class $name(val value: String)"
		done
		echo "annotation class Body"
		echo "annotation class HTTP(val method: String, val path: String,
		    val hasBody: Boolean)"
	} >retrofit.kt &&
	{
		echo "package kotlinx.serialization"
		echo "annotation class Serializable"
		echo "@Target(AnnotationTarget.PROPERTY)"
		echo "annotation class SerialName(val value: String)"
	} >serialization.kt &&
	show kotlinc retrofit.kt serialization.kt "$src/doc/EarmarkApi.kt" \
	    -d classes.jar && test -s classes.jar
'

test_expect_success 'shellcheck reports nothing about the scripts' '
	show shellcheck -x -P SCRIPTDIR "$src/demo" "$src/check" \
	    "$src/.ci/run" "$src"/tools/*.sh "$src"/tools/earmark-work* \
	    "$build/system/earmark-run" "$build/system/earmark-container" \
	    "$src/t/package/platform" \
	    "$src/t/lib.sh" "$src/t/lib-static.sh"
'

test_expect_success './check counts a log that has binary bytes' '
	log=$PWD/check.log && export log &&
	{ printf "\000\377\200 a test printed this\n" &&
	echo "t/a.t (Wstat: 256 (exited 1) Tests: 12 Failed: 2)" &&
	printf "Files=9, Tests=88, \377\nexit status 1\n"; } >"$log" &&
	sed -n "s/^} .*| //p" "$src/check" >filter &&
	sh filter <"$log" >out && grep -a "^Files=9" out && [ "$(wc -l <out)" = 3 ] &&
	sed -n "/^[A-Z_=]* *awk/,\$p" "$src/check" >summary &&
	{ sh summary >out && return 1
	[ "$(cat out)" = "86 passed, 2 failed" ]; }
'

# Each test is checked alone, because following sourced files takes a minute.
test_expect_success 'shellcheck reports nothing about the tests' '
	show shellcheck -S warning -e SC2034,SC2154,SC2120 "$src"/t/*/*.t \
	    "$src"/t/lib*.sh
'

test_expect_success 'the Python programs can be parsed' '
	for file in "$src"/t/tools/*.py "$src"/tools/*.py; do
		head -n 1 "$file" | grep -qx "#!/usr/bin/python3" ||
		    echo "$file: not of Debian'\''s python3"
		/usr/bin/python3 -c "import ast, sys
ast.parse(open(sys.argv[1]).read())" "$file"
	done >wrong 2>&1 &&
	quiet cat wrong
'

# Control: the comparisons must be able to fail.
test_expect_success 'a missing key, a changed default and an unknown code are reported' '
	mkdir -p tree/man tree/fcgi tree/nginx && cp "$src"/man/* tree/man/ &&
	cp "$src"/nginx/earmark-* tree/nginx/ &&
	grep -v "It Cm otp_ttl" "$src/man/earmark.conf.5" \
	    >tree/man/earmark.conf.5 &&
	! "$docs" conf tree shown >out && grep "no key auth.otp_ttl" out &&
	sed "s/\(It Cm otp_ttl Pq\) 300/\1 301/" "$src/man/earmark.conf.5" \
	    >tree/man/earmark.conf.5 &&
	! "$docs" conf tree shown >out && grep "auth.otp_ttl is .300" out &&
	echo "x = err_set(err, RC_BAD, \"strange\", NULL);" >tree/fcgi/x.c &&
	! "$docs" codes tree "$build/openapi.json" >out &&
	grep "no operation has the code strange" out &&
	echo "x = metric_get(\"earmark_strange_total\");" >tree/fcgi/x.c &&
	! "$docs" metrics tree >out && grep "no counter earmark_strange" out &&
	mkdir -p tree/doc && sed "s/earmark_backup_failed/earmark_backup_lost/
	    s/given_up/lost_count/; s/by (instance, provider)/by (colour)/" \
	    "$src/doc/alerts.yml" >tree/doc/alerts.yml &&
	! "$docs" alerts tree >out && grep "no metric earmark_backup_lost" out &&
	grep "nothing says lost_count" out && grep "no label colour" out &&
	sed "s/earmark_calls_live/earmark_calls_alive/; s/pool!~/swimming_pool!~/
	    s/by (mode)/by (made)/; s/earmark_db_wal_bytes/earmark_db_commits_total/
	    s/topk(15/topk(\$few/; 0,/\"unit\": /s/\"unit\": /\"units\": /
	    s/registrations|/inscriptions|/" "$src/doc/grafana.json" \
	    >tree/doc/grafana.json &&
	cp -R "$src/lib/domain/ops" tree/fcgi/ &&
	! "$docs" dashboard tree >out &&
	grep "Live calls: there is no metric earmark_calls_alive" out &&
	grep "no panel shows earmark_calls_live" out &&
	grep "_bucket has no label swimming_pool" out &&
	grep "Checkpoints: no label made" out &&
	grep "no panel shows earmark_db_wal_bytes" out &&
	grep "no variable few" out && grep "Up: no unit" out &&
	grep "nothing says inscriptions" out &&
	sed "/^\.It GET Ta .health Ta/d" "$src/man/earmark-api.7" \
	    >tree/man/earmark-api.7 &&
	! "$docs" endpoints tree "$build/openapi.json" >out &&
	grep "no endpoint GET /health open" out
'

test_expect_success 'HACKING.md has at most 400 lines' '
	[ "$(wc -l <"$src/HACKING.md")" -le 400 ]
'

test_done
