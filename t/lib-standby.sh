# Functions of tests of standbys. $second is the folder of the standby.
# shellcheck shell=sh disable=SC2154

# Makes the folder of another machine with the same configuration and keys.
second_machine() {
	second=$EM_TEMP/$1 &&
	mkdir -p "$second/run" "$second/media" "$second/log" &&
	cp "$EM_STATE/earmark.conf" "$EM_STATE/key" "$second/" &&
	chmod 600 "$second/key"
}

# Runs earmark on the standby.
standby() {
	"$EM_BUILD/earmark" -c "$second/earmark.conf" "$@"
}

# Prints a value of the status of the standby, such as .standby.state.
standing() {
	standby status --json | jq -r "$1"
}

# Prints up to where the standby has applied the archive, in a form that can be
# compared as text.
position() {
	awk '{ v[$1] = $2 }
	    END { printf "%s/%08d-%010d\n", v["base"], v["generation"], v["frames"] }' \
	    "$second/earmark.db.standby-position"
}

# Waits until the standby has all segments that are in $archive now.
followed() {
	last=$(find "$archive" -name '0*-*' ! -name '*.part' | sort | tail -n 1)
	end=$(grep -a -m1 '^end ' "$last") && last=${last#"$archive/"} &&
	end=$(printf "%s-%010d" "${last%-*}" "${end#end }") &&
	em_until "[ ! \"\$(position)\" \\< $end ]"
}

# Starts to follow the archive in the background. Sets $follower.
follow() {
	"$EM_BUILD/earmark" -c "$second/earmark.conf" restore --follow "$@" \
	    >>follow.out 2>>follow.err &
	follower=$!
}

# start_machine FOLDER: starts the services of another state folder.
start_machine() {
	"$EM_SRC/demo" --detach --empty --build "$EM_BUILD" --port 0 \
	    --tls-port 0 --state "$1" >start.out 2>&1 || {
		note "$(cat start.out)"
		return 1
	}
	EM_STATE=$1 URL=$(sed -n 's/^url=//p' "$1/run/demo.env")
}

# Print the folder of the oldest and of the newest base of the archive $1.
oldest_base() {
	find "$1" -mindepth 1 -maxdepth 1 -name '2*Z' | sort | head -n 1
}
newest_base() {
	find "$1" -mindepth 1 -maxdepth 1 -name '2*Z' | sort | tail -n 1
}

# Prints the newest segment of a base.
newest_segment() {
	find "$1" -name '0*-*' ! -name '*.part' | sort | tail -n 1
}

# Ends the follower.
unfollow() {
	kill "$follower" && { wait "$follower" || :; }
} 2>/dev/null
