# Units of systemd: @HARDEN@ and @QUIET@ become the settings of two files, which
# all units share; @SOCKET_UNITS@ and @SERVICE_UNITS@ the units of all pools.

# Without comments: they are for who changes the files, once.
function settings(file,	line) {
	while ((getline line < file) > 0)
		if (line != "" && line !~ /^#/)
			print line
	close(file)
}

# "auth user" -> "earmark@auth.socket earmark@user.socket"
function units(kind,	i, n, name, all) {
	n = split(pools, name, " ")
	for (i = 1; i <= n; i++)
		all = all (i > 1 ? " " : "") "earmark@" name[i] "." kind
	return all
}

$0 == "@HARDEN@" { settings(harden); next }
$0 == "@QUIET@" { settings(quiet); next }
{
	gsub(/@SOCKET_UNITS@/, units("socket"))
	gsub(/@SERVICE_UNITS@/, units("service"))
	print
}
