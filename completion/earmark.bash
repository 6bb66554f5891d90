# Bash completion for earmark(1). Commands and options are read from the help
# texts of the program, so they are always current. The configuration is read
# only for the names of keys and pools.

# Prints the commands, one "command" or "command subcommand" a line.
_earmark_commands() {
	"$1" --help 2>/dev/null |
	    sed -n 's/^  \([a-z][a-z]*\( [a-z][a-z-]*\)\{0,1\}\)  *[^ ].*/\1/p' |
	    awk 'NF'
}

# Prints the possible values of an option or of the argument of a command.
_earmark_values() {
	case $1 in
	--role | 'user grant' | 'user revoke')
		echo customer listener admin finance support moderator service ;;
	--status) echo pending_verification active deleted banned ;;
	--sex) echo male female other ;;
	import) echo creatives destinations documents flyers listeners styles ;;
	'config get')
		"${earmark[@]}" config show 2>/dev/null | awk '
			/^\[/ { section = substr($0, 2, index($0, "]") - 2) }
			/^[a-z]/ { print section "." $1 }' ;;
	'pools restart') "${earmark[@]}" pools 2>/dev/null | cut -d' ' -f1 ;;
	esac
}

_earmark() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev='' command='' i
	local words=() list earmark=("${COMP_WORDS[0]}")

	COMPREPLY=()
	[ "$COMP_CWORD" -gt 0 ] && prev=${COMP_WORDS[COMP_CWORD - 1]}
	# Collects the options before the command, and the words of the command.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | --config)
			[ ${#words[@]} -gt 0 ] || {
				earmark+=(-c "${COMP_WORDS[i + 1]/#\~/$HOME}")
				i=$((i + 1))
			} ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case ${#words[@]}:$prev in
	0:-c | 0:--config)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	esac

	list=$(_earmark_commands "${COMP_WORDS[0]}")
	if grep -qxF -- "${words[0]-} ${words[1]-}" <<<"$list"; then
		command="${words[0]} ${words[1]}"
		words=("${words[@]:2}")
	elif grep -qxF -- "${words[0]-}" <<<"$list" && { [ ${#words[@]} -gt 1 ] ||
	    ! grep -q "^${words[0]} ${cur:-.}" <<<"$list" 2>/dev/null; }; then
		command=${words[0]}
		words=("${words[@]:1}")
	fi
	if [ -z "$command" ]; then
		case ${#words[@]}:$cur in
		0:-*) list='-c --config --help --version' ;;
		0:*) list=$(cut -d' ' -f1 <<<"$list" | sort -u) ;;
		1:*) list=$(awk -v w="${words[0]}" '$1 == w { print $2 }' <<<"$list") ;;
		*) return ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
		return
	fi

	case $prev in
	--role | --status | --sex)
		list=$(_earmark_values "$prev")
		mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
		return ;;
	--password-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	esac
	# shellcheck disable=SC2086
	case $cur in
	-*)
		list=$("${COMP_WORDS[0]}" $command --help 2>/dev/null |
		    grep -oE -- '(^|[[ |])--[a-z][a-z-]*' | tr -d '[ |' | sort -u)
		mapfile -t COMPREPLY < <(compgen -W "$list --help" -- "$cur")
		return ;;
	esac
	case $command:${#words[@]} in
	import:0 | 'config get:0' | 'pools restart:0' | 'user grant:'[1-9]* | \
	    'user revoke:'[1-9]*)
		list=$(_earmark_values "$command")
		mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur") ;;
	import:1) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	backup:0 | drill:0 | restore:0)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	esac
}

complete -o filenames -F _earmark earmark
