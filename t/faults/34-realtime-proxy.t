#!/bin/sh
# shellcheck disable=SC2154
test_description='realtime: a second nginx, HTTP/2, idle time and a new network'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

# The second nginx closes connections that are silent for 60 s, its default.
idle=2
[ "${EARMARK_FAULT-}" != full ] || idle=190

em_conf limits.write_rate=0
em_start

# front FILE OPTION...: starts a second nginx on $port, as an operator may
# configure it, with the given lines.
front() {
	mkdir -p "$EM_TEMP/front" && port=$(/usr/bin/python3 -c "import socket
s = socket.socket(); s.bind((\"127.0.0.1\", 0)); print(s.getsockname()[1])") &&
	[ -s "$EM_TEMP/front/key" ] || openssl req -x509 -newkey ec -pkeyopt \
	    ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=front \
	    -keyout "$EM_TEMP/front/key" -out "$EM_TEMP/front/crt" 2>openssl.log
	cat >"$EM_TEMP/front/nginx.conf" <<-END
		pid $EM_TEMP/front/pid;
		error_log $EM_TEMP/front/error.log;
		worker_processes 1;
		daemon on;
		events {}
		http {
			access_log off;
			client_body_temp_path $EM_TEMP/front/1;
			proxy_temp_path $EM_TEMP/front/2;
			fastcgi_temp_path $EM_TEMP/front/3;
			uwsgi_temp_path $EM_TEMP/front/4;
			scgi_temp_path $EM_TEMP/front/5;
			map \$http_upgrade \$upgrade {
				default upgrade;
				"" "";
			}
			server {
				listen 127.0.0.1:$port ssl http2;
				ssl_certificate $EM_TEMP/front/crt;
				ssl_certificate_key $EM_TEMP/front/key;
				# HTTP/1.0 and buffering are the defaults.
				location / {
					proxy_pass $URL;
				}
				location = /realtime {
					proxy_pass $URL;
					proxy_http_version 1.1;
					proxy_set_header Host \$host;
					proxy_set_header Upgrade \$http_upgrade;
					proxy_set_header Connection \$upgrade;
				}
			}
		}
	END
	nginx -c "$EM_TEMP/front/nginx.conf" -e "$EM_TEMP/front/error.log"
}

# Sends ana a notification.
cat >send <<END
#!/bin/sh
printf '{"user_id":%s,"title":"%s","body":"b"}' \$ANA "\$1" |
    curl -sf -H "Content-Type: application/json" -d @- \\
    -H "Authorization: Bearer \$ADMIN" "$URL/notifications/send"
END
chmod +x send

test_expect_success 'setup: accounts and a second nginx with TLS' '
	em_user ana && em_user adm admin && front &&
	test "$(curl -sk --http2 -o /dev/null -w "%{http_version} %{http_code}" \
	    "https://127.0.0.1:$port/health/live")" = "2 200"
'

test_expect_success 'events arrive through it after an idle time and on a new network' '
	ADMIN=$TOKEN_adm ANA=$ID_ana "$EM_SRC/t/faults/tools/realtime_proxy.py" \
	    "$port" "$TOKEN_ana" $idle "$PWD/send" >said 2>&1
	seen=$?
	note "idle for $idle s, exit status $seen: $(cat said)"
	test $seen = 0
'

kill "$(cat "$EM_TEMP/front/pid")"
test_done
