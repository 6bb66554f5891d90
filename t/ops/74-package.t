#!/bin/sh
test_description='package: build, installation on a clean Debian, upgrade, removal'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_temp
unset MAKEFLAGS MAKELEVEL MFLAGS
# The cache contains a minimal Debian, which is created once from
# EARMARK_MIRROR.
cache=${EARMARK_PACKAGE_CACHE:-/var/cache/earmark-package}
tree=$EM_TEMP/earmark debs=$EM_TEMP

test_expect_success 'maintainer scripts are clean' '
	for name in config postinst postrm preinst prerm init tests/smoke; do
		sh -n "$EM_SRC/debian/$name" || return 1
		! head -n 1 "$EM_SRC/debian/$name" | grep -v "^#!/bin/sh" ||
		    return 1
	done &&
	shellcheck -S warning -e SC1091 "$EM_SRC"/debian/config \
	    "$EM_SRC"/debian/p*st* "$EM_SRC"/debian/pre* \
	    "$EM_SRC"/debian/tests/smoke "$EM_SRC"/t/package/*
'

test_expect_success 'the package has the version of the programs' '
	version=$(sed -n "1s/.*(\(.*\)).*/\1/p" "$EM_SRC/debian/changelog") &&
	test "$("$EM_BUILD/earmark" --version | cut -d " " -f 2)" = "$version"
'

# Build-Depends must be the packages that ./check installs for the build.
test_expect_success 'Build-Depends lists the packages needed for the build' '
	src=$EM_SRC prog=t &&
	(. "$EM_SRC/tools/setup.sh" && printf "%s\n" $BUILD_PACKAGES) |
	    grep -vxE "gcc|libc6-dev|make|autoconf|automake" |
	    sed "s/^python3$/python3:any/" | sort >ours &&
	awk "/^Build-Depends:/ { on = 1; sub(/^[^:]*:/, \"\") }
	    /^[A-Z]/ { on = 0 } on { sub(/<.*/, \"\"); gsub(/[ ,]/, \"\");
	    print }" "$EM_SRC/debian/control" |
	    grep -vxE "debhelper-compat.*|dh-.*|po-debconf|libcmocka-dev" |
	    sort >theirs &&
	diff ours theirs
'

# The following tests build the package and run its complete life twice.
missing=
for program in dpkg-buildpackage dh lintian debootstrap unshare nsenter; do
	command -v $program >/dev/null || missing="$missing $program"
done
if [ -z "${EARMARK_PACKAGE-}" ]; then
	why='make package-check runs it; it takes some minutes'
elif [ "$(id -u)" != 0 ]; then
	why='only root can install'
elif [ -n "$missing" ]; then
	why="missing:$missing"
else
	why=
	test_set_prereq LONG
fi
[ -z "$why" ] || note "NOT TESTED, building and installing the package: $why"

# Uses the present sources, including uncommitted files.
test_expect_success LONG 'the package is built' '
	mkdir "$tree" && cd "$EM_SRC" &&
	if [ -e .git ]; then
		git ls-files -z --cached --others --exclude-standard
	else
		find . -type f ! -path "./debian/build/*" -print0
	fi | tar --null --ignore-failed-read -T - -cf - | tar -xf - -C "$tree" &&
	cd "$tree" && DEB_BUILD_OPTIONS="parallel=2 ${EARMARK_PACKAGE#yes}" \
	    dpkg-buildpackage -us -uc -b >"$debs/build.log" 2>&1 ||
	    { tail -n 30 "$debs/build.log"; false; }
'

test_expect_success LONG 'lintian reports no errors and no warnings' '
	cd "$debs" && lintian --allow-root --fail-on error,warning \
	    earmark_*.changes >lintian.log 2>&1 || { cat lintian.log; false; }
'

# The newer package differs only in its version.
test_expect_success LONG 'setup: an old and a new package' '
	cd "$debs" && mv earmark_*.deb old.deb &&
	dpkg-deb -R old.deb new && sed -i "s/^Version:.*/Version: 9.9/" \
	    new/DEBIAN/control &&
	dpkg-deb --root-owner-group -b new new.deb >build2.log &&
	if ! dpkg-deb -f old.deb Depends | cmp -s - "$cache/depends"; then
		"$EM_SRC/t/package/cache" "$cache" "$debs/old.deb" \
		    >cache.log 2>&1 || { tail -n 20 cache.log; false; }
	fi
'

# life plain|systemd: reports each step as a test.
life() {
	root=$EM_TEMP/$1
	if [ -d "$cache/$1" ] && [ -s "$debs/new.deb" ]; then
		cp -a --reflink=auto "$cache/$1" "$root"
		cp "$debs/old.deb" "$debs/new.deb" "$EM_SRC/t/package/inside" \
		    "$root/"
		timeout 280 "$EM_SRC/t/package/enter" "$1" "$root" \
		    sh /inside "$1" >"$debs/$1.log" 2>&1
		ended=$?
	else
		echo 'there is no root to install into' >"$debs/$1.log"
		ended=1
	fi
	if [ $ended = 77 ]; then
		note "NOT TESTED: a $1 root cannot be run here"
		return
	fi
	log=$debs/$1.log
	grep '^# [ps]' "$log" | while read -r line; do
		note "${line#??}"
	done
	sed -n "s/^step '\(.*\)' .*/\1/p" "$EM_SRC/t/package/inside" \
	    >"$debs/steps"
	while read -r what <&7; do
		test_expect_success "$1: $what" '
			grep -qxF "ok $what" "$log" || {
				sed -n "/^not ok $what$/,/^[on]/p" "$log"
				tail -n 3 "$log"
				false
			}
		'
	done 7<"$debs/steps"
	test_expect_success "$1: all steps were run" '
		test $ended = 0 && test "$(wc -l <"$debs/steps")" -ge 20
	'
}
[ -n "$why" ] || life plain
[ -n "$why" ] || life systemd

test_done
