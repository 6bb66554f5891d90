#!/bin/sh
# Comments, docstrings, manuals and test titles are written in plain technical
# English. t/tools/prose.py contains the phrases that it rejects.
test_description='static: comments, manuals and test titles'
. "$(dirname "$0")/../lib-static.sh"

prose=$src/t/tools/prose.py

test_expect_success 'no comment, manual or test title contains a forbidden phrase' '
	quiet "$prose" "$src"
'

# Control: the test must be able to fail. reports FILE PATTERN: a tree with the
# text of standard input as FILE fails, and the report matches PATTERN.
reports() {
	mkdir -p "tree/$(dirname "$1")" && cat >"tree/$1" &&
	! "$prose" tree >found && grep -qe "$2" found && rm -r tree && return
	sed 's/^/# /' found >&5
	return 1
}

test_expect_success 'a forbidden phrase is reported with its line' '
	reports lib/base/x.c "^lib/base/x.c:2: write .cannot.: It can not" <<-\END &&
	int x;
	/* It can not
	 * wait. */
	END
	reports man/x.1 "^man/x.1:.*permanently" <<-\END &&
	.Sh NAME
	.Pp
	The file is deleted for good.
	END
	reports sql/x.sql "^sql/x.sql:1: name the role" <<-\END &&
	-- Who has signed in: one row each.
	SELECT 1;
	END
	reports t/tools/x.py "^t/tools/x.py:1: write .maximum." <<-\END &&
	"""Returns a list, at the most 10 rows of it."""
	END
	reports t/core/x.t "^t/core/x.t:1: write .no user." <<-\END
	test_expect_success "a session that nobody has is unknown" true
	END
'

# tree N: writes 100 comments, N of them with a doubtful phrase.
tree() {
	mkdir -p tree/cmd && for i in $(test_seq 1 100); do
		if [ "$i" -le "$1" ]; then
			echo "/* The user $i is told about it. */"
		else
			echo "/* Returns the name of user $i. */"
		fi
	done >tree/cmd/x.c
}

test_expect_success 'two of 100 blocks may contain a doubtful phrase, three may not' '
	tree 2 && quiet "$prose" tree && tree 3 &&
	! "$prose" tree >found && grep "^cmd: 3 of 100 blocks" found
'

test_expect_success 'plain text, code and strings are not reported' '
	rm -rf tree && mkdir -p tree/cmd && cat >tree/cmd/x.c <<-\END &&
	/* Returns what the caller passed, or NULL. Who am I? */
	const char *x = "nobody";
	END
	quiet "$prose" tree
'

test_done
