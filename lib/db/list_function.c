#include "db/list_function.h"

#include <string.h>

#include "base/words.h"

/* Returns whether both texts have the same words, or are equal without words. */
static bool
same_words(const char *a, size_t na, const char *b, size_t nb)
{
	struct words x, y;
	struct word u, v;
	bool more, some;

	words_init(&x, a, na);
	words_init(&y, b, nb);
	for (some = false; (more = words_next(&x, &u)) &&
	    words_next(&y, &v); some = true)
		if (u.len != v.len || memcmp(u.text, v.text, u.len) != 0)
			return false;
	if (more || words_next(&y, &v))
		return false;
	return some || (na == nb && memcmp(a, b, na) == 0);
}

static void
list_contains(sqlite3_context *context, int n, sqlite3_value **v)
{
	const char *list = (const char *)sqlite3_value_text(v[0]);
	const char *text = (const char *)sqlite3_value_text(v[1]);
	size_t left, len, size;
	const char *end;

	(void)n;
	if (list == NULL || text == NULL)
		return;
	left = (size_t)sqlite3_value_bytes(v[0]);
	size = (size_t)sqlite3_value_bytes(v[1]);
	for (;; list += len + 1, left -= len + 1) {
		end = memchr(list, '\n', left);
		len = end == NULL ? left : (size_t)(end - list);
		if (same_words(list, len, text, size)) {
			sqlite3_result_int(context, 1);
			return;
		}
		if (end == NULL)
			break;
	}
	sqlite3_result_int(context, 0);
}

int
list_function_register(sqlite3 *sql)
{
	return sqlite3_create_function_v2(sql, "list_contains", 2,
	    SQLITE_UTF8 | SQLITE_DIRECTONLY | SQLITE_DETERMINISTIC, NULL,
	    list_contains, NULL, NULL, NULL);
}
