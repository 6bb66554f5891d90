#include "base/template.h"

#include "base/str.h"

#define FILL_MAX	(64 * 1024)	/* bytes of a value */

const char *const template_channel_names[] = { "sms", "email", "push", NULL };

/* ---- syntax */

struct header {
	const char *name;
	size_t off;
	unsigned channels;		/* bits that may have it */
	unsigned required;		/* bits that must have it */
};

#define BIT(channel) (1u << (channel))

static const struct header headers[] = {
	{ "Title: ", offsetof(struct template, title), BIT(TEMPLATE_PUSH),
	    BIT(TEMPLATE_PUSH) },
	{ "Subject: ", offsetof(struct template, title), BIT(TEMPLATE_EMAIL),
	    BIT(TEMPLATE_EMAIL) },
	{ "Sender: ", offsetof(struct template, sender), BIT(TEMPLATE_SMS), 0 },
	{ "Template-ID: ", offsetof(struct template, template_id),
	    BIT(TEMPLATE_SMS), 0 },
	{ "Entity-ID: ", offsetof(struct template, entity_id),
	    BIT(TEMPLATE_SMS), 0 },
};

static const char **
member(struct template *t, const struct header *h)
{
	return (const char **)(void *)((char *)t + h->off);
}

/* Returns the header that a line begins with, or NULL. */
static const struct header *
find_header(const char *line, enum template_channel channel)
{
	for (size_t i = 0; i < NELEM(headers); i++)
		if ((headers[i].channels & BIT(channel)) &&
		    str_prefix(line, headers[i].name))
			return &headers[i];
	return NULL;
}

/* Returns a copy of the text with LF as line end, without the last ones. */
static char *
normal_lines(struct arena *a, const char *text)
{
	char *copy = arena_str(a, text), *to = copy;

	for (const char *p = copy; *p != '\0'; p++)
		if (*p != '\r')
			*to++ = *p;
	while (to > copy && (to[-1] == '\n' || to[-1] == ' '))
		to--;
	*to = '\0';
	return copy;
}

/* Checks the braces of a text. */
static const char *
check_braces(const char *text)
{
	char name[TEMPLATE_NAME];
	const char *p = text, *open;

	while ((open = strstr(p, "{{")) != NULL) {
		const char *at = open, *end = strstr(open, "}}");

		if (end == NULL)
			return "{{ without }}";
		if (!template_next_variable(&at, name) || at != end + 2)
			return "the name of a variable must consist of a-z, "
			    "0-9 and _";
		p = at;
	}
	return NULL;
}

const char *
template_parse(struct arena *a, enum template_channel channel,
    const char *text, struct template *t)
{
	char *line = normal_lines(a, text), *end;
	const struct header *h;
	const char *why;

	*t = (struct template){ 0 };
	if (str_utf8(text, strlen(text)) < 0)
		return "the text is not UTF-8";
	why = check_braces(line);
	if (why != NULL)
		return why;
	while ((h = find_header(line, channel)) != NULL) {
		if (*member(t, h) != NULL)
			return arena_fmt(a, "%s is repeated", h->name);
		*member(t, h) = line + strlen(h->name);
		end = strchr(line, '\n');
		if (end == NULL)
			return "the body is empty";
		*end = '\0';
		line = end + 1;
	}
	for (size_t i = 0; i < NELEM(headers); i++)
		if ((headers[i].required & BIT(channel)) &&
		    *member(t, &headers[i]) == NULL)
			return arena_fmt(a, "the line '%s...' is missing",
			    headers[i].name);
	while (*line == '\n')
		line++;
	t->body = line;
	return *line == '\0' ? "the body is empty" : NULL;
}

bool
template_next_variable(const char **text, char name[TEMPLATE_NAME])
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const char *p = *text;
	size_t n;

	while ((p = strstr(p, "{{")) != NULL) {
		p += 2;
		n = strspn(p, ok);
		if (n == 0 || n >= TEMPLATE_NAME || !str_prefix(p + n, "}}"))
			continue;
		memcpy(name, p, n);
		name[n] = '\0';
		*text = p + n + 2;
		return true;
	}
	return false;
}

/* ---- values */

static void
add_escaped(struct buf *b, const char *value, enum template_escape escape)
{
	for (const char *p = value; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		bool control = c < ' ' || c == 0x7f;

		if (escape == TEMPLATE_FORM) {
			if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			    (c >= 'A' && c <= 'Z') || (c != '\0' &&
			    strchr("-._~", c) != NULL))
				buf_ch(b, (char)c);
			else
				buf_fmt(b, "%%%02X", c);
		} else if (escape == TEMPLATE_JSON) {
			if (control)
				buf_fmt(b, "\\u%04x", c);
			else if (c == '"' || c == '\\')
				buf_fmt(b, "\\%c", c);
			else
				buf_ch(b, (char)c);
		} else {
			buf_ch(b, control && (escape == TEMPLATE_LINE ||
			    c != '\n') ? ' ' : (char)c);
		}
	}
}

static const char *
find_value(const struct template_var *vars, const char *name)
{
	for (; vars->name != NULL; vars++)
		if (str_eq(vars->name, name))
			return vars->value == NULL ? "" : vars->value;
	return "";
}

/* Removes the last line end that was added after a position. */
static void
drop_line_end(struct buf *b, size_t from)
{
	if (b->len > from && b->data[b->len - 1] == '\n')
		b->data[--b->len] = '\0';
}

void
template_fill(struct buf *b, const char *text, const struct template_var *vars,
    enum template_escape escape)
{
	const char *value, *from, *begin = text, *p = text;
	char name[TEMPLATE_NAME];
	size_t start = b->len;

	while (template_next_variable(&p, name)) {
		from = p - strlen(name) - 4;
		buf_add(b, text, (size_t)(from - text));
		value = find_value(vars, name);
		add_escaped(b, value, escape);
		/* An empty value that is alone on its line removes the line. */
		if (escape == TEMPLATE_TEXT && *value == '\0' &&
		    (from == begin || from[-1] == '\n')) {
			if (*p == '\n')
				p++;
			else if (*p == '\0')
				drop_line_end(b, start);
		}
		text = p;
	}
	buf_str(b, text);
}

/* ---- SMS */

/*
 * Returns the number of septets of a character in the default alphabet of GSM
 * (3GPP TS 23.038), or 0 if it does not have it.
 */
static size_t
gsm_septets(const char *p, size_t n)
{
	static const char basic[] = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑÜ§¿äöñüà";
	static const char extended[] = "^{}\\[~]|€";
	char c[5] = "";

	memcpy(c, p, n);
	if (n == 1 && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
	    (*p >= '0' && *p <= '9') || strchr(" \n!\"#%&'()*+,-./:;<=>?",
	    *p) != NULL))
		return 1;
	return strstr(basic, c) != NULL ? 1 : strstr(extended, c) != NULL ? 2 :
	    0;
}

/* Returns the bytes of the UTF-8 character at p. */
static size_t
character_bytes(const char *p)
{
	size_t n = 1;

	while (n < 4 && ((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

bool
template_sms_unicode(const char *text)
{
	for (size_t n; *text != '\0'; text += n) {
		n = character_bytes(text);
		if (gsm_septets(text, n) == 0)
			return true;
	}
	return false;
}

size_t
template_sms_segments(const char *text)
{
	bool unicode = template_sms_unicode(text);
	size_t units = 0, one = unicode ? 70 : 160, part = unicode ? 67 : 153;

	for (size_t n; *text != '\0'; text += n) {
		n = character_bytes(text);
		units += unicode ? 1 + (n == 4) : gsm_septets(text, n);
	}
	return units <= one ? 1 : (units + part - 1) / part;
}
