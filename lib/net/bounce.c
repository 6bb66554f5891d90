#include "net/bounce.h"

#include "base/str.h"

/* A text that is read line by line. */
struct lines {
	const char *p, *end;
};

/* Returns the next line without its end, or NULL. */
static char *
next_line(struct arena *a, struct lines *l)
{
	const char *p = l->p, *end;
	size_t n;

	if (p == l->end)
		return NULL;
	end = memchr(p, '\n', (size_t)(l->end - p));
	l->p = end == NULL ? l->end : end + 1;
	n = (size_t)((end == NULL ? l->end : end) - p);
	if (n > 0 && p[n - 1] == '\r')
		n--;
	return arena_strn(a, p, n);
}

static bool
continues(const struct lines *l)
{
	return l->p < l->end && (*l->p == ' ' || *l->p == '\t');
}

/*
 * Reads the next header, with its continuation lines. Returns its lower-case
 * name, and the value in *value. Returns NULL at the end of the headers.
 */
static char *
next_header(struct arena *a, struct lines *l, char **value)
{
	char *line = next_line(a, l), *colon;

	while (line != NULL && line[0] != '\0') {
		while (continues(l))
			line = arena_fmt(a, "%s%s", line, next_line(a, l));
		colon = strchr(line, ':');
		if (colon != NULL) {
			*colon = '\0';
			*value = colon + 1 + strspn(colon + 1, " \t");
			str_lower(line);
			return line;
		}
		line = next_line(a, l);
	}
	return NULL;
}

/* Returns a parameter of a Content-Type, or NULL. */
static char *
find_parameter(struct arena *a, const char *value, const char *name)
{
	char *lower = arena_str(a, value), *at;
	const char *p;

	str_lower(lower);
	at = strstr(lower, arena_fmt(a, "%s=", name));
	if (at == NULL)
		return NULL;
	p = value + (at - lower) + strlen(name) + 1;
	return *p == '"' ? arena_strn(a, p + 1, strcspn(p + 1, "\"")) :
	    arena_strn(a, p, strcspn(p, "; \t"));
}

static bool
has_type(struct arena *a, const char *value, const char *type)
{
	char *lower = arena_str(a, value);

	str_lower(lower);
	return str_prefix(lower, type);
}

/* Adds an address without angle brackets. */
static void
add_address(struct arena *a, struct bounce *b, const char *value)
{
	const char *open = strchr(value, '<');

	if (b->n_to == NELEM(b->to))
		return;
	if (open != NULL)
		b->to[b->n_to++] = arena_strn(a, open + 1,
		    strcspn(open + 1, ">"));
	else
		b->to[b->n_to++] = arena_strn(a, value,
		    strcspn(value, " \t,;("));
}

/* Reads the first status "5.x.x" in a text. Returns false if there is none. */
static bool
read_status(const char *p, int out[3])
{
	for (; *p != '\0'; p++)
		if (p[0] == '5' && p[1] == '.' &&
		    sscanf(p, "%d.%3d.%3d", &out[0], &out[1], &out[2]) == 3)
			return true;
	return false;
}

/* The fields of one recipient. */
struct recipient {
	bool failed, known;
	int status[3], diagnostic[3];
};

static void
end_recipient(struct bounce *b, struct recipient *r)
{
	if (r->failed && r->known && !b->failed) {
		b->failed = true;
		memcpy(b->status, r->status, sizeof(b->status));
		/* Some servers report 5.0.0 and the status of the reply. */
		if (r->status[1] == 0 && r->diagnostic[0] == 5)
			memcpy(b->status, r->diagnostic, sizeof(b->status));
	}
	*r = (struct recipient){ 0 };
}

/* Reads the blocks of message/delivery-status up to the boundary. */
static void
read_status_part(struct arena *a, struct lines *l, const char *boundary,
    struct bounce *b)
{
	struct recipient r = { 0 };
	char *value, *name;

	b->report = true;
	for (;;) {
		struct lines before = *l;
		char *line = next_line(a, l);

		if (line == NULL || str_prefix(line, boundary)) {
			*l = before;
			end_recipient(b, &r);
			return;
		}
		if (line[0] == '\0') {
			end_recipient(b, &r);
			continue;
		}
		*l = before;
		name = next_header(a, l, &value);
		if (name == NULL)
			continue;
		if (str_eq(name, "action"))
			r.failed = has_type(a, value, "failed");
		else if (str_eq(name, "status"))
			r.known = read_status(value, r.status);
		else if (str_eq(name, "diagnostic-code"))
			read_status(value, r.diagnostic);
	}
}

static void
read_parts(struct arena *a, struct lines *l, const char *boundary,
    struct bounce *b)
{
	char *line, *name, *value;
	bool status;

	while ((line = next_line(a, l)) != NULL) {
		if (!str_eq(line, boundary))
			continue;
		status = false;
		while ((name = next_header(a, l, &value)) != NULL)
			if (str_eq(name, "content-type"))
				status = has_type(a, value,
				    "message/delivery-status") || has_type(a,
				    value, "message/global-delivery-status");
		if (status)
			read_status_part(a, l, boundary, b);
	}
}

void
bounce_read(struct arena *a, const char *text, size_t n, struct bounce *b)
{
	struct lines l = { text, text + n };
	char *name, *value, *boundary = NULL;

	*b = (struct bounce){ 0 };
	while ((name = next_header(a, &l, &value)) != NULL) {
		if (str_eq(name, "to") || str_eq(name, "delivered-to") ||
		    str_eq(name, "x-original-to"))
			add_address(a, b, value);
		else if (str_eq(name, "content-type") &&
		    has_type(a, value, "multipart/report"))
			boundary = find_parameter(a, value, "boundary");
	}
	if (boundary != NULL)
		read_parts(a, &l, arena_fmt(a, "--%s", boundary), b);
}
