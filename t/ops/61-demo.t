#!/bin/sh
test_description='demo: starts and stops an installation'
. "$(dirname "$0")/../lib.sh"

em_temp
demo=$EM_SRC/demo
A=$EM_TEMP/a B=$EM_TEMP/b
EM_STATE=$A

start() {
	state=$1
	shift
	"$demo" --detach --build "$EM_BUILD" --state "$state" --port 0 \
	    --tls-port 0 "$@" >out 2>err
}

url_of() {
	sed -n 's/^url=//p' "$1/run/demo.env"
}

# refuses WORD ARGS...: succeeds if demo fails with one sentence that contains
# WORD.
refuses() {
	word=$1
	shift
	"$demo" --detach --build "$EM_BUILD" "$@" >out 2>err
	code=$?
	[ $code = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q "$word" err &&
	test_must_be_empty out || {
		note "not a refusal about $word ($code): $(cat err)"
		return 1
	}
}

# Prints the command lines of processes that use the folder $1.
processes() {
	for file in /proc/[0-9]*/cmdline; do
		{ tr '\0' ' ' <"$file"; } 2>/dev/null | grep -F "$1/" |
		    grep -v "^grep"
	done
	:
}

milliseconds() {
	echo $(($(date +%s%N) / 1000000))
}

test_expect_success '--help prints the options, and unknown options exit with 2' '
	"$demo" --help >out && grep -q -e --detach out &&
	test_expect_code 2 "$demo" --nope 2>err && grep -q help err &&
	test_expect_code 2 "$demo" --port 2>err
'

test_expect_success 'an unsupported operating system is rejected, and the container is named' '
	printf "PRETTY_NAME=\"Plan 9\"\nID=plan9\nVERSION_ID=\"4\"\n" >release &&
	EARMARK_OS_RELEASE=$PWD/release &&
	export EARMARK_OS_RELEASE &&
	refuses "Plan 9" --state "$A" --port 0 --tls-port 0; ret=$?
	printf "PRETTY_NAME=\"Debian GNU/Linux 11\"\nID=debian\nVERSION_ID=\"11\"\n" >release
	refuses "Debian GNU/Linux 11" --state "$A" --port 0 --tls-port 0 &&
	printf "PRETTY_NAME=\"Ubuntu 24.04\"\nID=ubuntu\nVERSION_ID=\"24.04\"\n" >release &&
	refuses Ubuntu --state "$A" --port 0 --tls-port 0 &&
	grep -q "docker compose up -d" err &&
	grep -qx "### In a container" "$EM_SRC/README.md" &&
	EARMARK_OS_RELEASE=$PWD/none &&
	refuses "docker compose up -d" --state "$A" --port 0 --tls-port 0
	ret=$((ret + $?))
	unset EARMARK_OS_RELEASE
	test $ret = 0 && ! test -d "$A"
'

test_expect_success 'invalid and equal ports are rejected' '
	refuses 66666 --state "$A" --port 66666 &&
	refuses 7x --state "$A" --port 7x &&
	refuses same --state "$A" --port 4711 --tls-port 4711 &&
	! test -d "$A"
'

test_expect_success 'a folder that is not a state folder is rejected' '
	mkdir "$EM_TEMP/home" && echo mine >"$EM_TEMP/home/letter" &&
	refuses "not a state folder" --state "$EM_TEMP/home" --port 0 --tls-port 0 &&
	test "$(ls -A "$EM_TEMP/home")" = letter &&
	refuses letters --state "$EM_TEMP/a b" --port 0 --tls-port 0 &&
	refuses "too long" --state "$EM_TEMP/$(printf %090d 0)" --port 0 --tls-port 0
'

test_expect_success 'demo starts and prints URL, logins and examples' '
	began=$(milliseconds) && start "$A" && ! grep failed err &&
	note "first start: $(($(milliseconds) - began)) ms" &&
	URL=$(url_of "$A") && grep -qF "$URL" out &&
	test "$(sed -n "/Three logins/,/^\$/p" out | grep -c "^  ")" = 3 &&
	test "$(sed -n "/Five things/,\$p" out | grep -c "^  ")" = 5 &&
	grep -qF "./demo --stop --state $A" out &&
	grep -qF "$A/outbox.jsonl" out
'

test_expect_success 'files with secrets are readable by the owner only' '
	grep -Eqx "[0-9a-f]{64}" "$A/key" &&
	for file in key tls.key outbox.jsonl earmark.db; do
		test "$(stat -c %a "$A/$file")" = 600 || {
			note "$file: $(stat -c %a "$A/$file")"
			return 1
		}
	done
'

test_expect_success 'the three printed logins work' '
	sed -n "/Three logins/,/^\$/p" out | grep "^  " >logins &&
	while read -r name password role; do
		api POST /auth/login "{\"identifier\":\"$name\",\"password\":\"$password\"}" &&
		expect 200 && check_json ".user.roles | index(\"$name\")" ||
		    return 1
	done <logins
'

test_expect_success 'the five printed examples work if pasted into a shell' '
	sed -n "/Five things/,\$p" out | sed -n "s/^  //p" >lines.sh &&
	sh lines.sh >answers 2>curl.err &&
	grep -q "\"listeners\":\[{" answers &&
	grep -q Probolinggo answers &&
	grep -q "Successfully added listener to favorites" answers &&
	grep -q "\"favorites\":\[{" answers
'

test_expect_success 'the demo data contains listeners, flyers and destinations' '
	api GET "/listeners?per_page=100" && expect 200 &&
	check_json "(.listeners | length) > 25" &&
	api GET "/listeners?online=true" &&
	check_json "(.listeners | length) > 10" &&
	api GET /api/flyers/ && check_json "(.results | length) > 10" &&
	api GET "/api/flyers/?near=52.49,13.42&radius_km=10" &&
	check_json ". | tostring | contains(\"Jazz in the laundromat\")" &&
	api GET "/api/v1/destinations?country=JP" && check_json "(.items | length) > 5"
'

test_expect_success 'each listener has a picture, and the reviews and sessions that are counted' '
	api GET "/listeners?per_page=100" &&
	json ".listeners[] | \"\(.user_id) \(.reviews_count) \(
	    .profile_image_url) \(.profile_image_thumb_url)\"" >list &&
	while read -r id reviews picture thumb; do
		api GET "/listeners/$id/reviews?per_page=100" && expect 200 &&
		check_json ".total_count == $reviews and
		    (.reviews | length) == $reviews" &&
		for url in "$picture" "$thumb"; do
			api GET "${url#"$URL"}" &&
			expect 200 && header Content-Type | grep -q image/jpeg ||
			    return 1
		done || return 1
	done <list &&
	test "$(em_sql "SELECT count(*) FROM listener AS l WHERE sessions_count
	    <> (SELECT count(*) FROM session WHERE listener_id = l.user_id)")" = 0
'

test_expect_success 'the demo customer has a balance and a past session' '
	test_must_be_empty err &&
	password=$(sed -n "s/^  customer  *\([^ ]*\).*/\1/p" logins) &&
	api POST /auth/login \
	    "{\"identifier\":\"customer\",\"password\":\"$password\"}" &&
	expect 200 && token=$(json .access_token) &&
	api GET /sessions/history -t "$token" && expect 200 &&
	check_json ".sessions[0] | .listener_id == 2 and .rating == 5 and
	    .billed_minutes == 2 and .cost == 1000" &&
	api GET /user/transactions -t "$token" && expect 200 &&
	check_json "[.transactions[] | [.type, .amount]] ==
	    [[\"session\", -1000], [\"topup\", 50000]]" &&
	api POST /promotions/redeem -t "$token" "{\"code\":\"welcome\"}" &&
	expect 200 && check_json ".balance == 59000" &&
	em_cli ledger verify
'

test_expect_success 'the demo data contains answers and a pending ticket' '
	api GET /support/faq && expect 200 && check_json "(.faq | length) == 5" &&
	api GET /support/tickets -t "$token" &&
	check_json "[.tickets[].status] == [\"pending\"]" &&
	password=$(sed -n "s/^  admin  *\([^ ]*\).*/\1/p" logins) &&
	api POST /auth/login \
	    "{\"identifier\":\"admin\",\"password\":\"$password\"}" &&
	admin=$(json .access_token) &&
	api GET "/admin/tickets?status=open" -t "$admin" &&
	check_json "[.tickets[].username] == [\"listener\"]" &&
	api GET /admin/feedback -t "$admin" && check_json ".total_count == 1"
'

test_expect_success 'a second start in the same folder is rejected' '
	refuses "already in\|already" --state "$A" --port 0 --tls-port 0 &&
	api GET /health && expect 200
'

test_expect_success 'a port in use is rejected' '
	refuses "is taken" --state "$B" --port "${URL##*:}" --tls-port 0 &&
	refuses "is taken" --state "$B" --port 0 --tls-port "${URL##*:}" &&
	! test -d "$B"
'

test_expect_success 'two installations run at the same time' '
	start "$B" --empty && other=$(url_of "$B") && test "$other" != "$URL" &&
	api GET /listeners && check_json ".total_count > 25" &&
	api_base=$other && api GET /listeners; api_base=
	expect 200 && check_json ".total_count == 0" &&
	! grep -q "Three logins" out
'

test_expect_success '--stop ends all processes of its installation and no others' '
	"$demo" --stop --state "$B" >out && grep -q Stopped out &&
	processes "$B" >left && test_must_be_empty left &&
	test -z "$(find "$B/run" -name "*.sock" -o -name "*.pid")" &&
	api GET /health && expect 200 &&
	"$demo" --stop --state "$B" >out && grep -q "No demo is running" out
'

test_expect_success '--stop ends no process whose id is in a stale file' '
	sleep 100 & bystander=$! &&
	echo $bystander >"$B/run/favorites.pid" &&
	"$demo" --stop --state "$B" >out &&
	kill -0 $bystander; alive=$?
	kill $bystander
	test $alive = 0
'

test_expect_success 'a second start keeps the data' '
	before=$(em_sql "SELECT count(*) || max(id) FROM user") &&
	"$demo" --stop --state "$A" &&
	began=$(milliseconds) && start "$A" &&
	note "second start, to the first 200: $(($(milliseconds) - began)) ms" &&
	URL=$(url_of "$A") &&
	test "$(em_sql "SELECT count(*) || max(id) FROM user")" = "$before" &&
	api GET "/listeners?online=true" && check_json "(.listeners | length) > 10" &&
	grep -q "^base_url = $URL\$" "$A/earmark.conf"
'

test_expect_success 'a database of a newer version is rejected and unchanged' '
	"$demo" --stop --state "$A" &&
	was=$(em_sql "PRAGMA user_version") &&
	em_sql "UPDATE user SET bio = bio; PRAGMA user_version = 9999" &&
	refuses newer --state "$A" --port 0 --tls-port 0 &&
	processes "$A" >left && test_must_be_empty left &&
	test "$(em_sql "PRAGMA user_version")" = 9999 &&
	flock "$A/writer.lock" sqlite3 "$A/earmark.db" "PRAGMA user_version = $was"
'

# Starts demo in its own session with SIGINT enabled, as a terminal does.
foreground() {
	# Without the line of an earlier start.
	: >out
	/usr/bin/python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
os.execv(sys.argv[1], sys.argv[1:])' "$demo" --build "$EM_BUILD" --state "$A" \
	    --port 0 --tls-port 0 "$@" >out 2>err &
	pid=$!
	em_until 'grep -q "Ctrl-C" out'
	URL=$(url_of "$A")
}

gone() {
	em_until "! kill -0 $1 2>/dev/null"
}

test_expect_success 'demo prints one-time codes, and Ctrl-C ends all processes' '
	foreground && api POST /auth/register "{\"username\":\"newcomer\",\"password\":\"a-long-word-7\",\"phone\":\"+15550123\"}" &&
	expect 201 && code=$(em_code +15550123) &&
	em_until "grep -q \"+15550123: code $code\" out" &&
	kill -s INT -- -$pid && gone $pid && grep -q Stopped out &&
	processes "$A" >left && test_must_be_empty left &&
	test_must_be_empty err
'

test_expect_success '--stop also ends a demo in the foreground' '
	foreground && "$demo" --stop --state "$A" >stopped && gone $pid &&
	processes "$A" >left && test_must_be_empty left
'

test_expect_success 'messages are JSON lines with the documented members' '
	jq -e "(.at | test(\"^[0-9T:-]+Z\$\")) and .channel and .to and .template and .body" \
	    "$A/outbox.jsonl" >/dev/null
'

test_done
