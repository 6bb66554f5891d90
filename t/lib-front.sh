# A second nginx in front of the one of Earmark, with TLS and HTTP/2, as an
# operator may configure it. Sourced after lib.sh.
#
#	front_port	chooses the port $front, before em_start
#	front_start	starts it, after em_start
#	front_stop	ends it
#
# Each line of $front_log is the address of the client, the protocol, the status
# and the path of a request that has ended.
# shellcheck shell=sh disable=SC2154

front_port() {
	em_temp
	front=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	front_log=$EM_TEMP/front/access.log
}

# HTTP/1.0 and buffering are the defaults of the first location. Connections
# that are silent for 60 s are closed, which is the default too.
front_start() {
	mkdir -p "$EM_TEMP/front"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -days 2 -subj /CN=front -keyout "$EM_TEMP/front/key" \
	    -out "$EM_TEMP/front/crt" 2>openssl.log
	cat >"$EM_TEMP/front/nginx.conf" <<-END
		pid $EM_TEMP/front/pid;
		error_log $EM_TEMP/front/error.log;
		worker_processes 1;
		daemon on;
		events {}
		http {
			log_format front "\$remote_addr \$server_protocol \$status \$uri";
			access_log $front_log front;
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
				listen 127.0.0.1:$front ssl http2;
				ssl_certificate $EM_TEMP/front/crt;
				ssl_certificate_key $EM_TEMP/front/key;
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

front_stop() {
	kill "$(cat "$EM_TEMP/front/pid")"
}
