#include <string.h>

#include "base/origin.h"
#include "base/str.h"

size_t
origin_next(const char **at)
{
	*at += strspn(*at, ", ");
	return strcspn(*at, ", ");
}

bool
origin_listed(const char *list, const char *origin)
{
	const char *at = list;
	size_t n;

	if (origin == NULL)
		return false;
	for (; (n = origin_next(&at)) > 0; at += n)
		if (strlen(origin) == n && memcmp(at, origin, n) == 0)
			return true;
	return false;
}

/* Returns the end of the host at s, or NULL if it is invalid. */
static const char *
host_end(const char *s)
{
	size_t n;

	if (*s != '[') {
		n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-");
		return n == 0 ? NULL : s + n;
	}
	n = strspn(s + 1, "abcdef0123456789:.");
	return n == 0 || s[n + 1] != ']' ? NULL : s + n + 2;
}

static bool
origin_valid(const char *s, size_t n)
{
	const char *end = s + n;

	if (str_prefix(s, "https://"))
		s += 8;
	else if (str_prefix(s, "http://"))
		s += 7;
	else
		return false;
	s = host_end(s);
	if (s == NULL || s > end)
		return false;
	if (s < end && *s == ':') {
		n = strspn(s + 1, "0123456789");
		if (n < 1 || n > 5)
			return false;
		s += 1 + n;
	}
	return s == end;
}

bool
origin_list_valid(const char *list)
{
	const char *at = list;
	size_t n;

	for (; (n = origin_next(&at)) > 0; at += n)
		if (!origin_valid(at, n))
			return false;
	return true;
}
