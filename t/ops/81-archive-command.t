#!/bin/sh
# An archive that is reached only by commands, and encrypted.
test_description='archive by command'
. "$(dirname "$0")/../lib.sh"

archive=$PWD/remote
mkdir "$archive"
od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >archive.key
tr 0-9a-f 1-9a-f0 <archive.key >other.key
chmod 600 archive.key other.key
cat >store <<EOF
#!/bin/sh
put() {
	mkdir -p "$archive/\$(dirname "\$2")" &&
	    cp "\$1" "$archive/\$2.part" && mv "$archive/\$2.part" "$archive/\$2"
}
case \$(cat "$PWD/mode" 2>/dev/null) in
fail) exit 1 ;;
hang) sleep 600 ;;
partial) head -c 20 "\$1" >"$archive/\$2"; exit 1 ;;
short) head -c 20 "\$1" >"$archive/\$2"; exit 0 ;;
twice) mkdir -p "$archive/\$(dirname "\$2")"; cp "\$1" "$archive/\$2" ;;
reorder)
	if [ ! -e "$PWD/held" ]; then
		echo "\$2" >"$PWD/held.name" && cp "\$1" "$PWD/held"
		exit
	fi
	echo "\$2" >>"$PWD/reordered" ;;
esac
put "\$1" "\$2" || exit
[ ! -e "$PWD/held" ] || {
	put "$PWD/held" "\$(cat "$PWD/held.name")" && rm "$PWD/held"
}
EOF
cat >fetch <<EOF
#!/bin/sh
[ -f "$archive/\$1" ] && cp "$archive/\$1" "\$2"
EOF
chmod +x store fetch
em_conf "archive.command='$PWD/store' '%p' '%f'"
em_conf archive.timeout=2
em_conf "archive.key_file=$PWD/archive.key"
em_allow '"event":"(archive|child)"'
em_start || exit 1
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

# Restores until the archive contains all transfers.
complete() {
	em_until "restore $1 --fetch \"'$PWD/fetch' %f '%p'\" >out 2>&1 &&
	    [ \"\$(transfers $1)\" = $(count) ]"
}

test_expect_success 'a command stores the archive and another one gets it' '
	em_user ana &&
	em_cli ledger adjust ana 1 --reason "by command" >out &&
	em_until "[ -f remote/bases ]" &&
	complete one
'

test_expect_success 'nothing in an encrypted archive is readable without the key' '
	! grep -raq -e "SQLite format" -e "by command" remote &&
	grep -aq "^encrypted yes" remote/bases &&
	sed "s,archive.key,other.key," "$EM_STATE/earmark.conf" >other.conf &&
	rm -r one && mkdir -p one/run one/media && cp other.conf one/earmark.conf &&
	sed -i "/^command = /d" one/earmark.conf && cp "$EM_STATE/key" one/key &&
	refuses 1 "encrypted with another key" \
	    "$EM_BUILD/earmark" -c one/earmark.conf restore --fetch "\"$PWD/fetch\" %f \"%p\"" &&
	sed -i "/^key_file = .*other/d" one/earmark.conf &&
	refuses 1 "is encrypted" \
	    "$EM_BUILD/earmark" -c one/earmark.conf restore --fetch "\"$PWD/fetch\" %f \"%p\""
'

test_expect_success 'an encrypted archive contains the key of the installation' '
	complete two &&
	folder=$(sed -n "s/^the configuration is in //p" out) &&
	cmp "$EM_STATE/key" "$folder/key" &&
	em_cli drill --fetch "\"$PWD/fetch\" %f \"%p\"" >out &&
	grep -q "^ok: base .* segments" out &&
	! ls -a "$EM_STATE/earmark.db-archive" | grep drill &&
	! test -e "$folder/archive.key"
'

for mode in fail hang partial twice; do
	test_expect_success "history continues after a command: $mode" '
		echo $mode >mode &&
		before=$(metric earmark_archive_failures_total) &&
		em_cli ledger adjust ana 1 --reason "$mode" >out &&
		if [ $mode != twice ]; then
			em_until "[ \"\$(metric earmark_archive_failures_total)\" -gt ${before:-0} ]"
		fi &&
		rm mode &&
		complete $mode &&
		test "$(find remote -name base | wc -l)" = 1
	'
done

# Each second file is stored before the one before it.
test_expect_success 'history continues after a command that reorders files' '
	: >reordered && echo reorder >mode &&
	for i in 1 2 3; do
		em_until "em_cli ledger adjust ana 1 --reason reorder >out &&
		    sleep 0.3 && [ \$(grep -c /0 reordered) -ge $i ]" || return 1
		if restore reorder --fetch "\"$PWD/fetch\" %f \"%p\"" >out 2>&1; then
			[ "$(transfers reorder)" -le "$(count)" ] || return 1
		else
			grep -q "is missing in the archive" out || return 1
		fi
	done &&
	rm mode && em_cli ledger adjust ana 1 --reason "in order" >out &&
	complete reorder &&
	test "$(find remote -name base | wc -l)" = 1
'

test_expect_success 'files that a command has stored only in part are rejected' '
	echo short >mode && em_cli ledger adjust ana 1 --reason short >out &&
	em_until "find remote -name \"0*-*\" -size -21c | grep -q ." &&
	refuses 1 "is damaged" restore short --fetch "\"$PWD/fetch\" %f \"%p\""
'

em_stop
test_done
