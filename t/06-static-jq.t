#!/bin/sh
# The shell tests ask the jq of t/jq/, which starts sooner. What it says is what
# the system's says, of results, of its end, and of what it leaves to the other.
test_description='static: both jq say the same'
. "$(dirname "$0")/static.sh"

ours=$build/t/jq/jq
theirs=$(command -v jq)

cat >in <<'END'
{"id":7,"name":"Asha","bio":"says \"hi\"\n\t\\ \u00e9 \u20ac / é","rating":4.5,
 "share":0.125,"below":-3,"none":null,"yes":true,"no":false,"empty":[],"void":{},
 "tags":["b","a","c","a"],"mixed":[3,null,"x",{"b":1,"a":2},[2],true,1.5,false],
 "people":[{"n":"ana","age":30,"on":true},{"n":"ben","age":22,"on":false},
  {"n":"cat","age":30,"on":true}],"next":"http://127.0.0.1/x?a=1&b=2",
 "at":"2026-01-02T03:04:05Z","deep":{"a":{"b":[{"c":1},{"c":2}]}},"two words":9,
 "id":8}
END

# What is known here, a line each.
cat >known <<'END'
.
.id, .name
.two, .deep.a.b[0].c, .deep["a"].b[1].c
."two words", .["two words"], .deep."a"
.rating == 4.5, .rating >= 5, .rating < 4.75, .rating + 1
.share, .below, -.below, .share * 8, 10 / 4, 1 - 3
.tags[0], .tags[-1], .tags[9], .tags[1:], .tags[:2], .tags[-2:], .tags[3:1]
.name[1:], .name[:-1], .tags[1:3][0]
.none.a, .none[0], .none[1:]
.people[].n, [.people[] | .age], [.people[].on]
[.people[] | select(.on) | .n], [.people[] | select(.age > 25 and .on)]
.people | map(.age) | add
.people | map(select(.n == "ben"))[0]
[.people[] | {n, age: .age, "x y": 1, (.n): .on}]
.people | length, (.[0] | length), (.[0].n | length)
.bio | length
[.mixed[] | type]
.mixed | sort
.mixed | unique
[.mixed[] | tostring], [.mixed[] | tojson]
.tags | sort, unique, reverse, first, last, min, max, join(", "), index("c")
keys, keys_unsorted, (.people[0] | keys), (.tags | keys)
has("id"), has("nope"), (.tags | has(3), has(4))
(.yes | not), (.none | not), (.id | not), (.empty | not)
.yes and .no, .yes or .no, .no and .x, .none or .none
(.yes, .no) and (.yes, .none)
(.yes, .no) or (.yes, .none)
.none // "x", .no // .none, .id // 1, (.empty[] // 5), (.none // .no // 3)
.id == 8 and .name == "Asha" and (.no | not)
.id != 8, .id > 7, "a" < "b", [1, 2] < [1, 3], {a: 1} < {a: 2}, null < false
{a: 1, b: 2} == {b: 2, a: 1}, [1, 2] == [2, 1], 1 == 1.0, "1" == 1
{a: 1} + {b: 2, a: 3}, [1] + [2], "a" + "b", null + 1, [1, 2, 1] - [1]
[(1, 2) + (10, 20)], [(1, 2) < (2, 1)], [range(3)], [range(2; 5)], [range(5; 0; -2)]
"a\(.id)b\(.tags)c\(.name)", "\("x" + "y")", "q\"\\\n"
if .yes then 1 else 2 end, if .no then 1 elif .yes then 3 else 2 end
. as $all | .people[] | .n + $all.name
[.people[] as $p | $p.n, $p.age]
.people | any(.on), all(.on), any(.[]; .age == 22), all(.[]; .age > 21)
[true, false] | any, all
[] | any, all, add, length, first, last, min, join(",")
del(.people, .mixed, .bio, .rating), del(.deep.a.b[].c), del(.nope)
.people | sort_by(.age), sort_by(.age, .n), group_by(.on), map(.n)
[.people[] | .n | startswith("a"), endswith("n")]
.next | ltrimstr("http://127.0.0.1"), rtrimstr("b=2"), ltrimstr("x"), split("&")
.at | test("^[0-9-]{10}T[0-9:]{8}Z$"), test("^2026-"), test("a|b"), test("\\.")
.tags | contains(["a"]), inside(["a", "b", "c", "d"]), contains(["z"])
{a: 1, b: "xy"} | contains({b: "x"}), contains({a: 2})
.tags | index("a"), index("zz")
.void | to_entries, keys, length
.people[0] | to_entries, to_entries[0].key
"12" | tonumber, fromjson
"[1,{\"a\":2}]" | fromjson
first(.people[].n), [limit(2; .tags[])], [.people[] | empty]
[..] | length
.deep | [.. | select(type == "number")]
[.[] | type] | unique
.people[1:] | .[0].n, .[].age
3.5, -1, "x", null, true, [], {}, [[]], {a: {}}
.people[-1].n, .people[.below + 3].n
{"a": .id | tostring, b: .tags[0]}
[.people[] | [.n, .age]] == [["ana", 30], ["ben", 22], ["cat", 30]]
END

test_expect_success 'the one is not the other' '
	test -x "$ours" && test -n "$theirs" && ! test "$ours" -ef "$theirs"
'

# All at once: the system'"'"'s takes its time to start.
test_expect_success 'what a filter gives' '
	sed "s/.*/[&],/; \$s/,\$//; 1s/^/[/; \$s/\$/]/" known >all &&
	"$theirs" -c "$(cat all) | .[]" in >theirs &&
	test "$(wc -l <theirs)" = "$(wc -l <known)" &&
	while IFS= read -r filter; do
		JQ_DOUBT=1 "$ours" -c "[$filter]" in || echo "failed: $filter"
	done <known >ours &&
	show diff theirs ours
'

test_expect_success 'how it is written' '
	for how in -r -c -rc -e -s -cs; do
		for filter in . .name .mixed ".[]" .none; do
			"$theirs" $how "$filter" in >theirs 2>&1
			echo $? >>theirs
			"$ours" $how "$filter" in >ours 2>&1
			echo $? >>ours
			show diff theirs ours || return 1
		done
	done
'

# both ARGUMENTS...: with the same input the same results and the same end.
both() {
	"$theirs" "$@" <in >theirs 2>&1
	echo $? >>theirs
	"$ours" "$@" <in >ours 2>&1
	echo $? >>ours
	show diff theirs ours
}

test_expect_success 'how it ends, and what is given to it' '
	both -e .no && both -e .none && both -e .yes && both -e empty &&
	both -n 1 && both -en false && both -s length && both -cn "[1, 2]" &&
	both -cn --arg a x --arg b "y z" "\$ARGS.named, \$a, \$b" &&
	both -c --argjson a "{\"b\":[1]}" "[\$a.b, .id]" &&
	both -r .name in in && printf "1 \"a\" {}\n[2]" >in && both . &&
	: >in && both . && both -s . && both -n 2
'

test_expect_success 'what is not known here is left to the other' '
	echo "{\"four\":4.0,\"a\":[1,2,3],\"b\":1e100,\"c\":\"\\ud83d\\ude00\"}" >in &&
	both "reduce .a[] as \$x (0; . + \$x)" && both .b && both .c &&
	both -c . && both ".four == 4" && both "[.four] | add" &&
	both -c "[.a[] |= . + 1]" && both ".a | @csv" && both -R . &&
	both "def f: 3; f" && both -c "[.a[]?, .b[]?]" && both -S . &&
	both ".a | map(. % 2)" && both nonsense && both ".a.b" && both ".a +" &&
	both "\$unknown" && both .a nofile && both -z . &&
	both "try error(\"x\") catch ." && both ".a | tojson | test(\"\\\\d\")" &&
	for text in "{" "[1,]" "{\"a\":01}" "nan" "{\"a\":1}}" "\"a" "[1 2]" \
	    "\"\\x\"" "tru" "{a:1}" "[1.5e3,-0]" "123456789012345678901"; do
		echo "$text" >in && both -c . && both -c length || return 1
	done
'

# The comparison must be able to fail.
test_expect_success 'it would be seen' '
	JQ_DOUBT=1 && export JQ_DOUBT && echo "{}" >in &&
	"$ours" "@json" in >out 2>&1; test $? = 99 &&
	"$ours" .a in && unset JQ_DOUBT && ! (
		ours=/bin/cat
		both .a 5>/dev/null
	)
'

test_done
