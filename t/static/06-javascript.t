#!/bin/sh
test_description='static: eslint and prettier accept the JavaScript'
# shellcheck source=t/lib-static.sh
. "$(dirname "$0")/../lib-static.sh"
EM_SRC=$src
# shellcheck source=t/lib-npm.sh
. "$src/t/lib-npm.sh"

note() {
	printf '%s\n' "$*" | sed 's/^/# /' >&5
}

tree=$build/t/lint
npm_need "$tree" "$src/t/npm/lint/package.json" \
    "$src/t/npm/lint/package-lock.json"
# eslint searches the packages of its configuration next to the file.
cp "$src/t/npm/lint/eslint.config.js" "$tree/"

scripts() {
	git -C "$src" ls-files 2>/dev/null | grep '\.js$' ||
	    (cd "$src" && find nginx t -name '*.js' ! -path '*/node_modules/*')
}
scripts >list || :

lint() {
	(cd "$1" && xargs node "$tree/node_modules/eslint/bin/eslint.js" \
	    -c "$tree/eslint.config.js" --max-warnings 0)
}

test_expect_success 'the linter and the formatter are installed' '
	npm_there
'

test_expect_success 'eslint reports nothing' '
	show lint "$src" <list
'

test_expect_success 'prettier would change nothing' '
	(cd "$src" && xargs "$tree/node_modules/.bin/prettier" --check \
	    --log-level warn) <list >said 2>&1 && return
	sed "s/^/# /" said >&5
	return 1
'

test_expect_success 'eslint reports an unused variable' '
	mkdir -p tree/nginx/html &&
	echo "let unused = 1;" >tree/nginx/html/x.js &&
	! (cd tree && echo nginx/html/x.js | lint .) >out 2>&1 &&
	grep -q no-unused-vars out
'

test_done
