#!/bin/sh
# Compares the route tables of the workers, the nginx locations and
# openapi.json.
test_description='static: routes, nginx and openapi.json agree'
. "$(dirname "$0")/../lib-static.sh"

conf=$src/nginx/earmark-locations.conf.in

for pool in $pools; do
	test_expect_success "earmark-$pool prints its routes" '
		"$build/earmark-$pool" --routes >"routes-$pool" &&
		grep -Eq "^[A-Z]+ /[^ ]* [a-z|]+$" "routes-$pool" &&
		! grep -Evq "^[A-Z]+ /[^ ]* [a-z|]+$" "routes-$pool"
	'
done

tables=
for pool in $pools; do
	tables="$tables $pool=routes-$pool"
done
compare() {
	"$src/t/tools/routes.py" "$@" $tables
}

test_expect_success 'routes, nginx locations and openapi.json agree' '
	show compare "$build/openapi.json" "$conf"
'

test_expect_success 'fields of routes and of openapi.json agree' '
	for pool in $pools; do
		"$build/earmark-$pool" --fields >"fields-$pool" || return 1
	done &&
	show "$src/t/tools/fields.py" "$build/openapi.json" fields-*
'

test_expect_success 'api/fields.txt contains the fields of the workers' '
	sort fields-* >have && sort "$src/api/fields.txt" >listed &&
	show diff listed have
'

# timeouts CONF MS: prints the locations in which nginx waits for less than MS,
# although a route that calls spool_start() may need as long for its first byte.
# A check of an upload does not call it.
timeouts() {
	for file in $(grep -rl "spool_start(" "$src/fcgi/routes"); do
		table=$(sed -n "s/^const struct route_table \([a-z_]*\) .*/\1/p" \
		    "$file")
		grep -l "&$table\>" "$src"/fcgi/pools/main_*.c
	done | sed "s/.*main_\(.*\)\.c/\1/" | sort -u >spooling
	awk -v most="$2" '
		FNR == NR { spools["earmark_" $1 ";"] = 1; next }
		/^\t*location / { seconds = 0; name = $0 }
		$1 == "fastcgi_read_timeout" { seconds = $2 + 0 }
		$1 == "fastcgi_pass" && ($2 in spools) &&
		    seconds * 1000 <= most && name !~ "/check/" {
			print name ": " seconds " s"
		}
	' spooling "$1"
}

test_expect_success 'nginx waits until a large response is produced' '
	ms=$(sed -n "s/^#define SPOOL_TOTAL_MS[^0-9]*//p" \
	    "$src/fcgi/core/spool.h") && [ "$ms" -gt 20000 ] &&
	timeouts "$conf" "$ms" >short && show test_must_be_empty short &&
	[ "$(wc -l <spooling)" -ge 2 ]
'

test_expect_success 'a location that waits for less is found' '
	sed "/^location .customer.favorites /,/^}/s/60s/20s/" "$conf" \
	    >less.conf && [ "$(timeouts less.conf "$ms" | wc -l)" = 1 ]
'

test_expect_success 'nginx waits longer for an upload than a worker defers it' '
	us=$(sed -n "s/^#define DEFERRED_TIME.*(\([0-9]*\) .*/\1/p" \
	    "$src/fcgi/core/deferred.h") &&
	sed -n "/^location @earmark_.*_image/,/^}/p" "$conf" |
	    sed -n "s/.*fastcgi_read_timeout \([0-9]*\)s;/\1/p" >waits &&
	[ "$(wc -l <waits)" = 2 ] &&
	while read -r wait; do
		[ "$wait" -gt "$us" ] || return 1
	done <waits
'

# generate FIELDS [FILE]: openapi.json from a list of fields and the files of
# api/, one of which may be replaced.
generate() {
	mkdir -p api && cp "$src"/api/*.yaml api/ &&
	{ [ $# -lt 2 ] || cp "$2" api/; } &&
	files=$(sed -n "/^API_FILES/,/[^\\]$/p" "$src/api/api.am" |
	    grep -o "api/[a-z]*.yaml") &&
	"$src/tools/openapi.py" "$1" $files
}

test_expect_success 'openapi.json is generated from all files of api/' '
	generate "$src/api/fields.txt" >fresh.json &&
	cmp fresh.json "$build/openapi.json" &&
	echo "$files" | sort >have && (cd "$src" && ls api/*.yaml) >want &&
	test_cmp want have
'

test_expect_success 'errors in api/ are reported' '
	wrong() {
		sed "$2" "$src/api/$1" >"$1" && ! cmp -s "$src/api/$1" "$1" &&
		! generate "$src/api/fields.txt" "$1" >out 2>err &&
		grep "$3" err
	}
	wrong ops.yaml "s/x-role: open/&\n      x-role: any/" "x-role is repeated" &&
	wrong ops.yaml "s/schema: Live/schema: Lives/" "Lives does not exist" &&
	wrong ops.yaml "s,^  /version:,  /health:," "/health is repeated" &&
	wrong accounts.yaml "s/^            email: /            mail: /" \
	    "register: not in the field table: .*mail" &&
	wrong listeners.yaml "s/x-path: {id: Id}/x-path: {ids: Id}/" \
	    "x-path does not match" &&
	wrong schemas.yaml "s/optional: \[/&nothing, /" "no properties: .*nothing"
'

# suits FILTER: succeeds if FILTER matches nothing in openapi.json. Prints
# matches.
suits() {
	jq -c "[paths(objects) as \$p | {at: (\$p | map(tostring) | join(\" \")),
	    v: getpath(\$p)} | select(.at | test(\" (examples?|value)( |\$)\") |
	    not) | select(.v | $1) | .at]" "$build/openapi.json" >said &&
	[ "$(cat said)" = "[]" ] && return
	sed "s/^/# /" said >&5
	return 1
}
test_expect_success 'openapi.json has no constructs that client generators reject' '
	suits "(.type | arrays? // [.] | index(\"integer\")) and .format == null" &&
	suits "(.enum | arrays) and (.enum | index(null))" &&
	suits "has(\"x-codes\") and (.content | length) > 1" &&
	suits "has(\"operationId\") and (.responses | keys |
	    any(test(\"X\") or . == \"default\"))" &&
	suits "has(\"operationId\") and
	    (.requestBody.content[\"application/json\"].schema |
	    . != null and has(\"\$ref\") == false)" &&
	jq -e ".components.schemas | has(\"Error\") | not" "$build/openapi.json"
'

test_expect_success 'a changed field changes openapi.json' '
	grep " window " "$src/api/fields.txt" &&
	sed "s/|30d$/|30d|90d/" "$src/api/fields.txt" >more &&
	generate more >changed.json &&
	jq -e ".paths[\"/api/v1/popular\"].get.parameters[] |
	    select(.name == \"window\").schema.enum[-1] == \"90d\"" changed.json
'

# Control: the comparison must be able to fail.
test_expect_success 'an additional, missing or changed route is reported' '
	cp routes-system kept &&
	echo "GET /more open" >>routes-system &&
	! compare "$build/openapi.json" "$conf" >out &&
	grep "GET /more open: not in openapi.json" out &&
	grep -v "^GET /version " kept >routes-system &&
	! compare "$build/openapi.json" "$conf" >out &&
	grep "GET /version open: no row of pool system" out &&
	sed "s,^\(GET /version\) open,\1 admin," kept >routes-system &&
	! compare "$build/openapi.json" "$conf" >out &&
	grep "GET /version admin: not in openapi.json" out
	said=$?
	cp kept routes-system
	return $said
'

test_expect_success 'a location with another pool or an unknown one is reported' '
	sed "s,earmark_catalog,earmark_user," "$conf" >other &&
	! compare "$build/openapi.json" other >out &&
	grep "catalog: /api/styles goes to user" out &&
	{
		cat "$conf"
		echo "location /supper {"
		echo "fastcgi_pass earmark_user;"
		echo "}"
	} >other &&
	! compare "$build/openapi.json" other >out &&
	grep "location /supper: no route of user is below it" out
'

test_expect_success 'an additional, missing or changed field is reported' '
	cp fields-favorites kept &&
	field() {
		sed "$1" kept >fields-favorites &&
		! cmp -s kept fields-favorites &&
		! "$src/t/tools/fields.py" "$build/openapi.json" fields-* >out &&
		grep "$2" out
	}
	at="GET .api.v1.popular query" &&
	field "s,^\($at\) window ,\1 span ," "query span is not in" &&
	field "s,^\($at\) window ,\1 span ," "query window is not taken" &&
	field "s,^\($at window enum\) optional,\1 required," "is required" &&
	field "s,^\($at window .*\)|30d,\1," "is one of 24h|7d$" &&
	field "s,^\($at limit\) int,\1 str," "limit is str" &&
	field "/^GET .api.v1.customer.favorites query q /s, 200 , 100 ," \
	    "is at most 100"
	said=$?
	cp kept fields-favorites
	return $said
'

test_done
