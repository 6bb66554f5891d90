#!/bin/sh
test_description='workers and decoders of pictures'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# One worker serves all requests of the pool. The tests stop decoders by
# signals, so the order of events does not depend on the speed of the machine.
em_conf pools.user_workers=1
em_conf limits.write_rate=0
em_conf limits.picture_seconds=0
em_start

# Decoding one of these pictures takes about half a second.
/usr/bin/python3 - <<'END'
import struct, zlib

def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
        struct.pack(">I", zlib.crc32(kind + data)))

side = 4000
for n in range(8):
    row = b"\0" + bytes([n * 30]) * side * 3
    open(f"{n}.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR",
        struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
        chunk(b"IDAT", zlib.compress(row * side, 1)) + chunk(b"IEND", b""))
END

# Prints the numbers of the decoders of the worker.
decoders() {
	cat "/proc/$worker/task/$worker/children"
}

# upload N: uploads N.png in the background. code.N becomes the status.
upload() {
	rm -f "code.$1"
	{
		curl -s -m 60 -o "got.$1" -w '%{http_code}\n' -X PUT \
		    -H "Authorization: Bearer $TOKEN_ana" \
		    -H 'Content-Type: image/png' --data-binary "@$1.png" \
		    "$URL/user/profile/image" >"code.$1.new"
		mv "code.$1.new" "code.$1"
	} &
}

# Waits until N decoders run, and stops them. A child that has not yet executed
# the decoder must not be stopped: its worker would wait for it (vfork).
stop_decoders() {
	stopped=
	em_until 'for p in $(decoders); do
		case " $stopped " in
		*" $p "*) ;;
		*) grep -qs "^earmark-picture" "/proc/$p/comm" &&
		    kill -STOP $p 2>/dev/null && stopped="$stopped $p" ;;
		esac
	done; test $(echo $stopped | wc -w) = '"$1"
}

# Prints how many sockets of the worker are not in its epoll set. The connection
# of a request that waits for a decoder is one of them. Others are not in the set
# for a moment.
waiting() {
	ls -l "/proc/$worker/fd" |
	    sed -n "s/.* \([0-9]*\) -> socket:.*/\1/p" | sort >sockets
	sed -n "s/^tfd: *\([0-9]*\) .*/\1/p" "/proc/$worker/fdinfo"/* \
	    2>/dev/null | sort >watched
	comm -23 sockets watched | wc -l
}

pictures() {
	em_images_removed && find "$EM_STATE/media" -type f | wc -l
}

test_expect_success 'setup: a user and the worker' '
	em_user ana && worker=$(em_workers user) && worker=${worker% } &&
	upload 0 && wait && test "$(cat code.0)" = 200 && test "$(pictures)" = 2
'

test_expect_success 'other requests are served while pictures are decoded' '
	for n in 1 2 3 4 5 6; do upload $n; done &&
	stop_decoders 2 &&
	for n in 1 2 3 4 5 6 7 8 9; do
		api GET /user/profile -t "$TOKEN_ana" && expect 200 &&
		api PUT /user/profile -t "$TOKEN_ana" "{\"bio\":\"$n\"}" &&
		expect 200 || return 1
	done &&
	set -- $stopped && kill -0 $1 && kill -0 $2 &&
	! test -e code.6
'

test_expect_success 'at most 2 decoders run, and all uploads end' '
	set -- $(decoders) && test $# = 2 &&
	kill -CONT $stopped && wait &&
	cat code.[1-6] | sort -u >out && echo 200 >want && test_cmp want out &&
	test "$(pictures)" = 2 && test -z "$(decoders)"
'

test_expect_success 'a killed decoder returns 503 and changes nothing' '
	api GET /user/profile -t "$TOKEN_ana" && json . >want &&
	upload 7 && stop_decoders 1 && kill -9 $stopped && wait &&
	test "$(cat code.7)" = 503 && grep -q "\"busy\"" got.7 &&
	api GET /user/profile -t "$TOKEN_ana" && json . >got &&
	test_cmp want got && test "$(pictures)" = 2 &&
	upload 7 && wait && test "$(cat code.7)" = 200
'

test_expect_success 'a decoder that crashes returns 415 and the worker continues' '
	upload 1 && stop_decoders 1 && kill -SEGV $stopped &&
	kill -CONT $stopped && wait && test "$(cat code.1)" = 415 &&
	test "$(em_workers user)" = "$worker "
'

test_expect_success 'an upload whose client goes away is completed' '
	api GET /user/profile -t "$TOKEN_ana" && json .profile_image_url >before &&
	{ curl -s -m 60 -X PUT -H "Authorization: Bearer $TOKEN_ana" \
	    -H "Content-Type: image/png" --data-binary @2.png \
	    "$URL/user/profile/image" >/dev/null & } && client=$! &&
	stop_decoders 1 && kill $client && wait $client
	kill -CONT $stopped &&
	em_until "api GET /user/profile -t \"\$TOKEN_ana\" &&
	    ! json .profile_image_url | cmp -s - before" &&
	test "$(pictures)" = 2 && test -z "$(decoders)"
'

test_expect_success 'a decoder ends with its worker' '
	upload 3 && stop_decoders 1 && kill -9 $worker && wait &&
	em_until "! grep -qs . /proc/${stopped# }/cmdline" &&
	test "$(cat code.3)" = 502 &&
	em_until "test -n \"\$(em_workers user)\"" &&
	worker=$(em_workers user) && worker=${worker% } &&
	upload 3 && wait && test "$(cat code.3)" = 200 &&
	test "$(pictures)" = 4
'

test_expect_success 'a worker that ends refuses uploads that take too long' '
	before=$(for n in 1 2 3 4 5; do waiting; done | sort -n | head -n 1) &&
	upload 4 && upload 5 && upload 6 && stop_decoders 2 &&
	em_until "test \$(waiting) -ge $((before + 3))" && kill -TERM $worker && wait &&
	cat code.[456] | sort -u >out && echo 503 >want && test_cmp want out &&
	test "$(pictures)" = 4
'

# Without strace, or if it may not trace, this test is skipped.
! strace -o /dev/null true 2>/dev/null || test_set_prereq STRACE
test_expect_success STRACE 'the decoder syncs the files, so that no other request waits' '
	em_until "test -n \"\$(em_workers user)\"" &&
	worker=$(em_workers user) && worker=${worker% } &&
	{ strace -f -y -e trace=fsync,fdatasync -o trace -p $worker 2>/dev/null & } &&
	tracer=$! &&
	em_until "grep -q \"^TracerPid:.*[1-9]\" /proc/$worker/status" &&
	upload 0 && em_until "test -e code.0" && test "$(cat code.0)" = 200 &&
	kill $tracer && wait && grep "$EM_STATE/media" trace >syncs &&
	! grep "^$worker " syncs && test "$(grep -c "= 0$" syncs)" = 3
'

test_expect_success 'a worker that is killed before the commit leaves the files of an upload' '
	worker=$(em_workers user) && worker=${worker% } &&
	before=$(pictures) && exec 9<>"$EM_STATE/writer.lock" && flock 9 &&
	upload 1 9>&- &&
	em_until "grep -q -- \"-> FLOCK .*:$(stat -c %i \
	    "$EM_STATE/writer.lock") \" /proc/locks" &&
	kill -9 $worker && exec 9>&- && wait && test "$(cat code.1)" = 502 &&
	test "$(pictures)" = $((before + 2))
'

# sweep N: runs the job at its next time, and checks that it removes N files.
sweep() {
	em_sql "DELETE FROM setting WHERE key = \"image_sweep\"" &&
	em_jobs >out && grep -x "image-sweep $1" out
}

test_expect_success 'the job image-sweep removes old files without a row, except after a restore' '
	em_until "test -n \"\$(em_workers user)\"" && em_stop_jobs &&
	/usr/bin/python3 - "$EM_STATE/media" <<-\EOF &&
	import sys
	for n in range(450):
	    for name in f"{n:032x}-00000000.png", f"{n:032x}-00000000-256.png":
	        open(f"{sys.argv[1]}/{name}", "w").close()
	EOF
	>"$EM_STATE/media/.$(printf %032d 7)-00000000.jpg.77" &&
	>"$EM_STATE/media/operator.png" && before=$(pictures) &&
	sweep 0 && test "$(pictures)" = "$before" &&
	touch -d "2 hours ago" "$EM_STATE"/media/* "$EM_STATE"/media/.*77 &&
	now=$(date +%s)000 &&
	em_sql "INSERT INTO backup_log(kind, ok, began_at, at, name)
	    VALUES (3, 1, $now, $now, \"old\")" && sweep 0 &&
	em_sql "UPDATE backup_log SET at = at - 2678400000, began_at = 0" &&
	sweep $((before - 3)) && em_jobs | grep -x "image-sweep 0" &&
	test "$(pictures)" = 3 && test -e "$EM_STATE/media/operator.png" &&
	api GET /user/profile -t "$TOKEN_ana" &&
	for url in .profile_image_url .profile_image_thumb_url; do
		path=$(json "$url" | sed "s|^http://[^/]*||") &&
		test -e "$EM_STATE$path" || return 1
	done
'

test_expect_success 'of one account, 3 uploads wait; others get 429, and another account is served' '
	sed -i "s/^picture_seconds *=.*/picture_seconds = 100/" \
	    "$EM_STATE/earmark.conf" && em_cli pools restart user &&
	worker=$(em_workers user) && worker=${worker% } && em_user bob &&
	rm -f code.* && for n in 1 2 3 4 5; do upload $n; done && stop_decoders 2 &&
	em_until "test \$(cat code.[1-5] | tr -d \"\n\") = 429429" &&
	TOKEN_ana=$TOKEN_bob && upload 6 && kill -CONT $stopped && wait &&
	test "$(cat code.6)" = 200 &&
	test "$(cat code.[1-5] | sort | tr "\n" " ")" = "200 200 200 429 429 "
'

test_done
