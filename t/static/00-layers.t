#!/bin/sh
# Each layer uses lower layers only: base <- db, json, crypto <- net <-
# providers. domain uses base, db and the part of json that writes. fcgi and
# cmd use all of these. Each library is used by one layer.
test_description='static: layers'
. "$(dirname "$0")/../lib-static.sh"

test_expect_success 'each file includes only headers that its layer may use' '
	quiet "$src/t/tools/layers.py" includes "$src"
'

test_expect_success 'the names of exported functions begin with the name of their header' '
	quiet "$src/t/tools/names.py" "$src"
'

test_expect_success 'each layer calls only functions that it may use' '
	quiet "$src/t/tools/layers.py" symbols "$build"
'

test_expect_success 'files have at most 600 lines, no leftovers and a first comment' '
	quiet "$src/t/tools/layers.py" text "$src"
'

test_expect_success 'make check runs all tests, and their names and numbers are unique' '
	for file in "$src"/t/unit/*.c; do
		name=t/unit/$(basename "$file" .c).t
		grep -q "$name" "$src/t/t.am" || echo "$name is not in t.am"
	done >unlisted &&
	for file in "$src"/t/*/*.t; do
		test -x "$file" || echo "$file is not executable"
		basename "$(dirname "$file")" >>folders
		basename "$file" >>names
		echo "${file#"$src"/t/}" | sed "s/-.*//" >>numbers
	done >>unlisted &&
	for folder in $(sort -u folders); do
		sed -n "/^TEST_FOLDERS = /,/[a-z]\$/p" "$src/t/t.am" |
		    grep -qw "$folder" || echo "t/$folder is not in t.am"
	done >>unlisted &&
	sort names | uniq -d | sed "s/$/ is the name of two tests/" \
	    >>unlisted &&
	sort numbers | uniq -d | sed "s/$/ is the number of two tests/" \
	    >>unlisted &&
	quiet cat unlisted
'

# Control: the checks must be able to fail.
wrong() {
	mkdir -p "tree/$(dirname "$1")" &&
	printf "%s\n" "$2" >"tree/$1" &&
	! "$src/t/tools/layers.py" "$3" tree >out &&
	grep -q "$4" out &&
	rm -r tree
}

test_expect_success 'an include of a higher layer is reported' '
	wrong lib/base/x.c "#include \"db/db.h\"" includes \
	    "base includes .db/db.h" &&
	wrong lib/domain/common/x.c "#include \"json/json_decode.h\"" includes \
	    "domain includes .json/json_decode.h" &&
	wrong lib/domain/common/x.c "#include \"fcgi/core/req.h\"" includes "domain includes" &&
	wrong fcgi/x.c "#include <sqlite3.h>" includes "SQLite is not for" &&
	wrong fcgi/x.c "#include \"db/internal.h\"" includes private &&
	wrong lib/domain/common/x.c "#include <json-c/json.h>" includes "json-c is not" &&
	wrong fcgi/core/guard.c "#include <fcgiapp.h>" includes "FCGX is not" &&
	wrong lib/base/str.c "#include <openssl/evp.h>" includes "OpenSSL" &&
	wrong cmd/x.c "#include \"fcgi/core/req.h\"" includes "cmd includes"
'

test_expect_success 'a long file, a leftover and a line comment are reported' '
	wrong lib/domain/common/x.c "$(yes "int x;" | head -n 601)" text "601 lines" &&
	wrong lib/domain/common/x.c "/* TO""DO: more */" text "left to do" &&
	wrong lib/domain/common/x.c "// short" text "a line comment" &&
	wrong lib/domain/common/x.c "x = \"{\\\"id\\\":%d}\";" text json_build &&
	wrong lib/domain/common/x.h "int x;" text "what it is for"
'

test_expect_success 'a subject that uses a later one is reported' '
	wrong lib/domain/catalog/x.c "#include \"domain/favorites/favorite.h\"" \
	    includes "catalog includes .*of favorites" &&
	wrong lib/domain/other/x.c "#include \"base/str.h\"" includes \
	    "in no subject"
'

test_expect_success 'an exported function without the name of its header is reported' '
	mkdir -p tree/lib/base &&
	echo "int x_get(void); static inline int look(void) { return 1; }" \
	    >tree/lib/base/x.h &&
	! "$src/t/tools/names.py" tree >out &&
	echo "lib/base/x.h: look" >want && test_cmp want out &&
	rm -r tree
'

test_expect_success 'a call of a higher layer is reported' '
	mkdir -p tree/lib tree/fcgi &&
	for name in base db json crypto archive net providers domain; do
		echo "int ${name}_f(void); int ${name}_f(void) { return 1; }" \
		    >"$name.c" &&
		cc -c "$name.c" && ar rc "tree/lib/lib$name.a" "$name.o" ||
		    return 1
	done &&
	cp tree/lib/libdomain.a tree/fcgi/libcore.a &&
	quiet "$src/t/tools/layers.py" symbols tree &&
	echo "int json_f(void); int g(void); int sqlite3_close(void *);
	    int g(void) { return json_f() + sqlite3_close(0); }" >x.c &&
	cc -c x.c && ar rc tree/lib/libdomain.a x.o &&
	! "$src/t/tools/layers.py" symbols tree >out &&
	grep "domain calls json_f of json" out &&
	grep "calls sqlite3_close of SQLite" out
'

test_expect_success 'only programs that may wait for the network are linked with libcurl' '
	for file in "$build"/earmark "$build"/earmark-*; do
		test -x "$file" && readelf -d "$file" |
		    grep -q "NEEDED.*libcurl" && basename "$file"
	done | sort >linked &&
	printf "%s\n" earmark earmark-jobs earmark-payments >want &&
	test_cmp want linked
'

test_expect_success 'the pools that are linked with the code of sessions register it' '
	for file in "$build"/fcgi/pools/main_*.o; do
		name=${file##*/main_} && name=${name%.o} &&
		! nm "$build/earmark-$name" | grep -q " session_review$" ||
		    echo "$name"
	done >linked &&
	for file in "$build"/fcgi/pools/main_*.o; do
		name=${file##*/main_} &&
		! nm -u "$file" | grep -q " session_register$" ||
		    echo "${name%.o}"
	done >registered &&
	grep wallet linked && ! grep favorites linked &&
	test_cmp linked registered
'

test_done
