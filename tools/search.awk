# Generates the table of full-text indexes from sql/search/NAME.sql. A file has
# the parts "-- part: create", "batch" and "fill", in this order, which
# lib/db/search_index.c explains.
function quote(line) {
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	return "\n\t    \"" line "\\n\""
}
function flush_index() {
	if (name == "")
		return
	if (part != 3) {
		print name ".sql: a part is missing" > "/dev/stderr"
		failed = 1
		exit 1
	}
	printf "\t{ \"%s\",%s,%s,%s },\n", name, sql[1], sql[2], sql[3]
	n++
}
BEGIN {
	print "/* Made from sql/search by tools/search.awk. */"
	print "#include \"db/stmt.h\"\n"
	print "const struct search_text search_texts[] = {"
	split("create batch fill", parts)
}
FNR == 1 {
	flush_index()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.sql$/, "", name)
	part = 0
	split("", sql)
}
/^-- part: / && $3 == parts[part + 1] {
	part++
	next
}
part > 0 && NF > 0 {
	sql[part] = sql[part] quote($0)
}
END {
	if (failed)
		exit 1
	flush_index()
	print "};\n"
	printf "const int search_texts_n = %d;\n", n
}
