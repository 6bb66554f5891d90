# Generates the table of migrations from sql/migrations/NNNN-NAME.sql, in
# order. A first line "-- released: HASH" is the SHA-256 of the text with which
# earlier programs applied the migration, before its comments were changed.
FNR == 1 {
	if (NR > 1)
		print "\t    },"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.sql$/, "", name)
	level = substr(name, 1, 4) + 0
	if (level != ++want) {
		printf "%s: migration %d expected\n", FILENAME, want > "/dev/stderr"
		failed = 1
		exit 1
	}
	if (NR == 1) {
		print "/* Made from sql/migrations by tools/migrations.awk. */"
		print "#include \"db/stmt.h\"\n"
		print "const struct migration migrations[] = {"
	}
	released = $2 == "released:" ? "\"" $3 "\"" : "NULL"
	printf "\t{ %d, \"%s\", %s,\n", level, name, released
}
{
	line = $0
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	printf "\t    \"%s\\n\"\n", line
}
END {
	if (failed)
		exit 1
	print "\t    },\n};\n"
	printf "const int migrations_n = %d;\n", want
}
