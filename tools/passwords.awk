# Generates the table of common passwords from lib/crypto/common_passwords.txt.
BEGIN {
	print "/* Made from lib/crypto/common_passwords.txt by tools/passwords.awk. */"
	print "#include \"crypto/common_passwords.h\"\n"
	print "const char *const common_passwords[] = {"
}
/^#( |$)/ {
	next
}
{
	gsub(/["\\]/, "\\\\&")
	printf "\t\"%s\",\n", $0
	n++
}
END {
	print "};"
	printf "const size_t common_passwords_n = %d;\n", n
}
