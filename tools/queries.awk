# Generates the closed list of statements from sql/queries/*/*.sql.
#   awk -v mode=names -f queries.awk FILES	the enum (db/names.h)
#   awk -v mode=texts -f queries.awk FILES	the table (stmt_texts[])
# A file contains statements in this format:
#   -- name: flyer_get
#   -- index: the index it uses		(required, for readers)
#   -- allow: scan sort			(only if the plan needs it)
#   SELECT ...;
# A fragment is a part of several statements of the same file:
#   -- fragment: flyer_columns
#   id, title
# "-- use: flyer_columns" on a line of its own inserts it into a statement.
function die(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	failed = 1
	exit 1
}
function flush_stmt() {
	if (name == "")
		return
	if (sql == "" || sql !~ /;$/)
		die("statement " name " does not end with ;")
	if (!indexed)
		die("statement " name " has no -- index: line")
	n++
	names[n] = name
	files[n] = file
	allows[n] = allow
	sub(/;$/, "", sql)
	sqls[n] = sql
	name = ""
}
FNR == 1 {
	flush_stmt()
	fragment = ""
	split("", fragments)
	file = FILENAME
	sub(/.*\//, "", file)
}
/^-- fragment: / {
	flush_stmt()
	fragment = $3
	if (fragment in fragments)
		die("second fragment " fragment)
	fragments[fragment] = ""
	next
}
/^-- use: / {
	if (name == "" || !($3 in fragments))
		die("no fragment " $3)
	sql = sql fragments[$3]
	next
}
/^-- name: / {
	flush_stmt()
	fragment = ""
	name = $3
	if (name !~ /^[a-z][a-z0-9_]*$/)
		die("bad name " name)
	if (name in seen)
		die("second statement " name)
	seen[name] = 1
	sql = ""
	allow = ""
	indexed = 0
	next
}
/^-- index: / { indexed = 1; next }
/^-- allow: / { allow = substr($0, 11); next }
/^[ \t]*--/ || /^[ \t]*$/ { next }
{
	if (name == "" && fragment == "")
		die("text before the first -- name:")
	line = $0
	sub(/[ \t]+--[^']*$/, "", line)
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	gsub(/^[ \t]+/, " ", line)
	if (fragment != "") {
		fragments[fragment] = fragments[fragment] " " line
		next
	}
	if (sql ~ /;$/)
		die("more than one statement under " name)
	sql = sql (sql == "" ? "" : " ") line
}
END {
	if (failed)
		exit 1
	flush_stmt()
	print "/* Made from sql/queries by tools/queries.awk. */"
	if (mode == "names") {
		print "#ifndef DB_NAMES_H\n#define DB_NAMES_H\n\nenum stmt_id {"
		for (i = 1; i <= n; i++)
			printf "\tQ_%s,\n", toupper(names[i])
		print "\tSTMT_MAX\n};\n\n#endif"
	} else {
		print "#include \"db/names.h\"\n#include \"db/stmt.h\"\n"
		print "const struct stmt_text stmt_texts[STMT_MAX] = {"
		for (i = 1; i <= n; i++)
			printf "\t[Q_%s] = { \"%s\", \"%s\",\n\t    \"%s\", \"%s\" },\n", \
			    toupper(names[i]), names[i], files[i], sqls[i], allows[i]
		print "};"
	}
}
