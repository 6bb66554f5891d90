# Generates the table of the built-in texts from templates/LANGUAGE/NAME.CHANNEL
# (lib/base/template.h).
BEGIN {
	print "/* Made from templates by tools/templates.awk. */"
	print "#include \"base/template.h\"\n"
	print "const struct template_file template_builtin[] = {"
}
FNR == 1 {
	if (n++)
		print "\t    },"
	parts = split(FILENAME, part, "/")
	file = part[parts]
	channel = file
	sub(/.*\./, "", channel)
	sub(/\.[a-z]*$/, "", file)
	printf "\t{ .language = \"%s\", .name = \"%s\", .channel = TEMPLATE_%s,\n", \
	    part[parts - 1], file, toupper(channel)
	print "\t    .text ="
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\t    \"%s\\n\"\n", $0
}
END {
	print "\t    },\n};\n"
	printf "const size_t template_builtin_n = %d;\n", n
}
