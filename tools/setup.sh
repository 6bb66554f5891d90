# Functions of ./demo and ./check: install missing packages, and build. Sourced
# by a POSIX shell with $src (the source folder) and $prog set.
# shellcheck shell=sh disable=SC2034,SC2154

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Packages for the build, for running and for tests.
BUILD_PACKAGES="gcc libc6-dev make autoconf automake pkg-config libfcgi-dev
libsqlite3-dev libjson-c-dev libjwt-dev libssl-dev libsodium-dev libinih-dev
libcurl4-openssl-dev libidn2-dev liboath-dev libqrencode-dev libwebsockets-dev
libwebsockets-evlib-ev libev-dev zlib1g-dev libzstd-dev
libjpeg-dev libpng-dev libwebp-dev liblcms2-dev libseccomp-dev python3 python3-yaml"
RUN_PACKAGES="nginx spawn-fcgi multiwatch curl jq sqlite3 openssl
ca-certificates"
TEST_PACKAGES="libcmocka-dev gojq sharness perl python3-jsonschema python3-aiosmtpd python3-pil shellcheck
mandoc cppcheck git strace wrk nodejs npm chromium chromium-headless-shell
coturn oathtool"

say() {
	printf '%s\n' "$*"
}

# refuse TEXT...: prints one error line and exits. Nothing has been changed.
refuse() {
	printf '%s: %s\n' "$prog" "$*" >&2
	exit 1
}

# What other systems can use instead; see compose.yaml.
ELSEWHERE="Use Debian 12 or later, or a container: docker compose up -d, or\
 podman-compose up -d (see \"In a container\" in README.md)."

# Accepts Debian 12 and later. Other systems have other package names.
supported_system() {
	release=${EARMARK_OS_RELEASE:-/etc/os-release}
	if [ "$(uname -s)" != Linux ] || ! [ -r "$release" ]; then
		refuse "this system is not supported. $ELSEWHERE"
	fi
	name='' id='' number=''
	while IFS='=' read -r key value; do
		value=${value#\"}
		value=${value%\"}
		case $key in
		PRETTY_NAME) name=$value ;;
		ID) id=$value ;;
		VERSION_ID) number=$value ;;
		esac
	done <"$release"
	case $id:${number%%.*} in
	debian:1[2-9] | debian:[2-9][0-9]) ;;
	debian:) ;;	# testing and unstable have no number
	*)
		refuse "this system (${name:-unknown}) is not supported." \
		    "$ELSEWHERE"
		;;
	esac
}

# Succeeds if the program of package $1 exists, also if another package
# provides it.
have_program() {
	case $1 in
	nodejs) command -v node ;;
	nginx | npm | chromium | chromium-headless-shell) command -v "$1" ;;
	*) false ;;
	esac >/dev/null
}

# Prints those of the given packages that are not installed.
missing_packages() {
	missing=''
	# shellcheck disable=SC2068,SC2016
	for name in $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $@ \
	    2>/dev/null | awk -v want="$*" '
		$2 == "installed" { have[$1] = 1 }
		END {
			n = split(want, name, " ")
			for (i = 1; i <= n; i++)
				if (!(name[i] in have))
					print name[i]
		}'); do
		have_program "$name" || missing="$missing $name"
	done
	printf '%s' "${missing# }"
}

# Installs packages without starting their servers. Debian starts an installed
# server unless policy-rc.d forbids it. An existing policy-rc.d is kept, except
# one that an interrupted run of this script created.
install_quietly() (
	policy=${EARMARK_POLICY:-/usr/sbin/policy-rc.d}
	if ! [ -e "$policy" ] || grep -q '^# of earmark' "$policy"; then
		trap '$as_root rm -f "$policy"' EXIT
		trap 'exit 1' HUP INT TERM
		printf '%s\n' '#!/bin/sh' '# of earmark, while it installs' \
		    'case " $* " in *" coturn"* | *" nginx"*) exit 101 ;; esac' |
		    $as_root tee "$policy" >/dev/null &&
		$as_root chmod 755 "$policy" || exit
	fi
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	    --no-install-recommends "$@" </dev/null
)

need_packages() {
	lacking=$(missing_packages "$@")
	[ -n "$lacking" ] || return 0
	command -v apt-get >/dev/null ||
	    refuse "apt-get was not found. Install these packages:" \
	    "$lacking."
	as_root=
	if [ "$(id -u)" != 0 ]; then
		as_root=sudo
		command -v sudo >/dev/null ||
		    refuse "packages are missing. As root, run:" \
		    "apt-get install $lacking"
	fi
	say "Installing with apt-get: $lacking"
	# Runs without questions, and installs no recommended packages.
	apt_log=$(mktemp)
	$as_root apt-get update -q </dev/null >"$apt_log" 2>&1
	# shellcheck disable=SC2086
	if ! install_quietly $lacking >>"$apt_log" 2>&1; then
		tail -n 20 "$apt_log" >&2
		rm -f "$apt_log"
		refuse "apt-get could not install the missing packages. Its" \
		    "last lines are above."
	fi
	rm -f "$apt_log"
	# Prevents a start at boot, because ./demo and ./check run their own
	# servers.
	case " $lacking " in
	*" coturn "*)
		[ ! -d /run/systemd/system ] ||
		    $as_root systemctl disable -q coturn || :
		;;
	esac
	case " $lacking " in
	*" nginx "*)
		if [ -d /run/systemd/system ]; then
			$as_root systemctl disable -q --now nginx || :
		elif [ -s /run/nginx.pid ]; then
			$as_root /etc/init.d/nginx stop >/dev/null 2>&1 || :
		fi
		say "(The nginx service of the system is disabled.)"
		;;
	esac
}

# build_tree FOLDER: builds changed files in FOLDER. A lock prevents
# simultaneous builds.
build_tree() {
	mkdir -p "$1" || refuse "cannot create the build folder $1."
	exec 8>"$1/.lock"
	flock 8
	if ! [ -f "$1/Makefile" ]; then
		say "Building in $1 (the first time takes a minute) ..."
		: >"$1/build.log"
		[ -x "$src/configure" ] ||
		    (cd "$src" && autoreconf -fi) >>"$1/build.log" 2>&1 ||
		    build_failed "$1"
		(cd "$1" && "$src/configure" -q) >>"$1/build.log" 2>&1 ||
		    build_failed "$1"
	fi
	make -C "$1" -s -j"$(nproc)" all >"$1/build.log" 2>&1 ||
	    build_failed "$1"
	exec 8>&-
}

build_failed() {
	tail -n 30 "$1/build.log" >&2
	refuse "the build failed. See $1/build.log."
}
