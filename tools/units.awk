# Generates systemd units. @HARDEN@ and @QUIET@ are replaced with the settings
# of two files that all units share, @SOCKET_UNITS@ and @SERVICE_UNITS@ with
# the units of all pools.

# Prints the settings of a file without its comments.
function settings(file,	line) {
	while ((getline line < file) > 0)
		if (line != "" && line !~ /^#/)
			print line
	close(file)
}

# Returns the units of all pools: "auth user" gives "earmark@auth.socket
# earmark@user.socket".
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
