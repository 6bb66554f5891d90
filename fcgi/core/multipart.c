#include "fcgi/core/multipart.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define TYPE		"multipart/form-data"
#define BOUNDARY_MAX	70		/* RFC 2046 5.1.1 */
#define HEADERS_MAX	4096		/* bytes of the headers of a part */
#define PARTS_MAX	32		/* before the file */

bool
multipart_is(const char *content_type)
{
	size_t n = strlen(TYPE);

	return content_type != NULL && strncasecmp(content_type, TYPE, n) == 0 &&
	    (content_type[n] == ';' || content_type[n] == ' ' ||
	    content_type[n] == '\0');
}

/* Writes the delimiter, CRLF "--" and the boundary. Returns false if invalid. */
static bool
read_delimiter(const char *type, char out[BOUNDARY_MAX + 5], size_t *n)
{
	const char *p = type;
	size_t len;

	do {
		p = strchr(p, ';');
		if (p == NULL)
			return false;
		p += 1 + strspn(p + 1, " \t");
	} while (strncasecmp(p, "boundary=", 9) != 0);
	p += 9;
	len = *p == '"' ? strcspn(++p, "\"") : strcspn(p, "; \t");
	if (len == 0 || len > BOUNDARY_MAX)
		return false;
	*n = (size_t)snprintf(out, BOUNDARY_MAX + 5, "\r\n--%.*s", (int)len, p);
	return true;
}

/* Returns whether the headers of a part name a file. */
static bool
has_file_name(const char *headers, size_t n)
{
	static const char name[] = "filename";
	size_t i;

	for (i = 0; i + sizeof(name) < n; i++)
		if (strncasecmp(headers + i, name, sizeof(name) - 1) == 0)
			return true;
	return false;
}

/* Returns how many bytes of the rest of the body can be headers. */
static size_t
head_len(const char *p, const char *end)
{
	return end - p < HEADERS_MAX ? (size_t)(end - p) : HEADERS_MAX;
}

bool
multipart_file(const char *content_type, const char *body, size_t len,
    const char **file, size_t *n)
{
	const char *end = body + len, *p = body, *content, *next;
	char delimiter[BOUNDARY_MAX + 5];
	bool named, found = false;
	int parts = 0;
	size_t d;

	if (!read_delimiter(content_type, delimiter, &d))
		return false;
	/* The first delimiter has no CRLF if there is no preamble. */
	if (len >= d - 2 && memcmp(p, delimiter + 2, d - 2) == 0)
		p += d - 2;
	else if ((p = memmem(p, len, delimiter, d)) != NULL)
		p += d;
	else
		return false;
	/* "--" ends the last part. White space may follow a delimiter. */
	while (end - p >= 2 && memcmp(p, "--", 2) != 0) {
		if (++parts > PARTS_MAX)
			return false;
		next = memmem(p, head_len(p, end), "\r\n", 2);
		if (next == NULL)
			return false;
		/* The headers end with an empty line; there may be none. */
		p = next;
		content = memmem(p, head_len(p, end), "\r\n\r\n", 4);
		if (content == NULL)
			return false;
		content += 4;
		next = memmem(content - 2, (size_t)(end - content) + 2,
		    delimiter, d);
		if (next == NULL)
			return false;
		named = has_file_name(p, (size_t)(content - p));
		if (named || !found) {
			*file = content;
			*n = next < content ? 0 : (size_t)(next - content);
			found = true;
		}
		if (named)
			return true;
		p = next + d;
	}
	return found && end - p >= 2;
}
