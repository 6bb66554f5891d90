#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "fcgi/core/accept.h"

#define QUALITY_MAX 1000

/*
 * Parses a quality ("0.5", at most three decimals) at s, which ends at end.
 * Returns thousandths, or -1 if it is malformed.
 */
static int
parse_quality(const char *s, const char *end)
{
	static const int weights[] = { 100, 10, 1 };
	int quality;
	size_t i;

	if (s == end || (*s != '0' && *s != '1'))
		return -1;
	quality = *s == '1' ? QUALITY_MAX : 0;
	if (++s < end && *s++ != '.')
		return -1;
	for (i = 0; s < end; s++, i++) {
		if (i == 3 || *s < '0' || *s > '9')
			return -1;
		quality += (*s - '0') * weights[i];
	}
	return quality <= QUALITY_MAX ? quality : -1;
}

static const char *
skip_spaces(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return s;
}

/*
 * Returns the quality of the parameters of an item, from s to end, or -1 if it
 * is malformed. The default is 1.
 */
static int
item_quality(const char *s, const char *end)
{
	const char *next, *last;

	for (; s < end; s = next) {
		s = skip_spaces(s + 1, end);	/* after the semicolon */
		next = memchr(s, ';', (size_t)(end - s));
		next = next == NULL ? end : next;
		if (next - s < 2 || (s[0] != 'q' && s[0] != 'Q') || s[1] != '=')
			continue;
		for (last = next; last > s &&
		    (last[-1] == ' ' || last[-1] == '\t'); last--)
			;
		return parse_quality(s + 2, last);
	}
	return QUALITY_MAX;
}

/*
 * Returns the quality of a media type that the header names, without regard to
 * wildcards, or -1. Makes *at the beginning of its item.
 */
static int
named_quality(const char *accept, const char *type, const char **at)
{
	const char *s = accept, *end, *name_end;
	size_t n = strlen(type);

	for (;; s = end + 1) {
		end = s + strcspn(s, ",");
		s = skip_spaces(s, end);
		if ((size_t)(end - s) >= n && strncasecmp(s, type, n) == 0) {
			name_end = skip_spaces(s + n, end);
			if (name_end == end || *name_end == ';') {
				*at = s;
				return item_quality(name_end, end);
			}
		}
		if (*end == '\0')
			return -1;
	}
}

/*
 * Returns the quality of application/json by the most specific wildcard, or -1.
 */
static int
range_quality(const char *accept)
{
	const char *at = NULL;
	int quality = named_quality(accept, "application/*", &at);

	return at != NULL ? quality : named_quality(accept, "*/*", &at);
}

bool
accept_problem(const char *accept)
{
	const char *problem_at = NULL, *json_at = NULL;
	int problem, json;

	if (accept == NULL)
		return false;
	problem = named_quality(accept, "application/problem+json", &problem_at);
	if (problem <= 0)
		return false;
	json = named_quality(accept, "application/json", &json_at);
	if (json_at == NULL)
		return problem >= range_quality(accept);
	return problem > json || (problem == json && problem_at < json_at);
}
