#include <string.h>

#include "base/str.h"
#include "fcgi/core/record.h"

/* FastCGI specification 1.0, section 8. */
#define FCGI_VERSION	1
#define FCGI_BEGIN	1
#define FCGI_END	3
#define FCGI_PARAMS	4
#define FCGI_STDIN	5
#define FCGI_STDOUT	6
#define FCGI_RESPONDER	1

void
record_init(struct record_reader *r)
{
	*r = (struct record_reader){ .phase = RECORD_BEGIN };
}

static size_t
record_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Checks a complete record header. */
static bool
header_read(struct record_reader *r)
{
	const uint8_t *h = r->header;
	unsigned id = (unsigned)h[2] << 8 | h[3];

	r->have = 0;
	r->content = (size_t)h[4] << 8 | h[5];
	r->padding = h[6];
	if (h[0] != FCGI_VERSION || (r->content == 0 && r->padding > 0))
		return false;
	switch (r->phase) {
	case RECORD_BEGIN:
		r->id = id;
		return h[1] == FCGI_BEGIN && id != 0 &&
		    r->content == sizeof(r->begin) && r->padding == 0;
	case RECORD_PARAMS:
		r->params += r->content;
		return h[1] == FCGI_PARAMS && id == r->id &&
		    r->params <= RECORD_PARAMS_MAX;
	default:
		r->body += r->content;
		return h[1] == FCGI_STDIN && id == r->id;
	}
}

/*
 * Decodes one length of the current pair at *at in r->lens and advances *at.
 * Returns false if more bytes are needed.
 */
static bool
length_read(const struct record_reader *r, size_t *at, size_t *length)
{
	const uint8_t *p = r->lens + *at;

	if (*at >= r->nlens)
		return false;
	if ((p[0] & 0x80) == 0) {
		*length = p[0];
		*at += 1;
		return true;
	}
	if (r->nlens - *at < 4)
		return false;
	*length = (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 |
	    (size_t)p[2] << 8 | p[3];
	*at += 4;
	return true;
}

/*
 * Adds a byte to the lengths of the current pair. If both lengths are complete,
 * starts the pair.
 */
static bool
lengths_read(struct record_reader *r, uint8_t byte)
{
	size_t at = 0, name, value;

	r->lens[r->nlens++] = byte;
	if (!length_read(r, &at, &name) || !length_read(r, &at, &value))
		return true;
	r->nlens = 0;
	r->name = name;
	r->value = value;
	return name > 0 && name <= RECORD_NAME_MAX &&
	    value <= RECORD_VALUE_MAX && ++r->pairs <= RECORD_PAIRS_MAX;
}

/* Checks n bytes of PARAMS content. They may contain partial pairs. */
static bool
params_read(struct record_reader *r, const uint8_t *p, size_t n)
{
	size_t k;

	while (n > 0) {
		if (r->name > 0) {
			k = record_min(r->name, n);
			if (memchr(p, '\0', k) != NULL ||
			    memchr(p, '=', k) != NULL)
				return false;
			r->name -= k;
		} else if (r->value > 0) {
			k = record_min(r->value, n);
			if (memchr(p, '\0', k) != NULL)
				return false;
			r->value -= k;
		} else {
			k = 1;
			if (!lengths_read(r, *p))
				return false;
		}
		p += k;
		n -= k;
	}
	return true;
}

static bool
content_read(struct record_reader *r, const uint8_t *p, size_t n)
{
	if (r->phase == RECORD_PARAMS)
		return params_read(r, p, n);
	if (r->phase == RECORD_BEGIN)
		memcpy(r->begin + sizeof(r->begin) - r->content, p, n);
	else if (r->body_fn != NULL)
		r->body_fn(r->body_arg, p, n);
	return true;
}

/* Checks at the end of a record that it is valid in this phase. */
static bool
record_read(struct record_reader *r, bool empty)
{
	if (r->phase == RECORD_BEGIN) {
		r->phase = RECORD_PARAMS;
		return r->begin[0] == 0 && r->begin[1] == FCGI_RESPONDER;
	}
	if (!empty)
		return true;
	if (r->phase == RECORD_STDIN) {
		r->phase = RECORD_ENDED;
		return true;
	}
	r->phase = RECORD_STDIN;
	r->head = (size_t)r->total;
	return r->nlens == 0 && r->name == 0 && r->value == 0 &&
	    r->head <= RECORD_HEAD_MAX;
}

static bool
in_bounds(const struct record_reader *r)
{
	if (r->phase < RECORD_STDIN)
		return r->total <= RECORD_HEAD_MAX;
	/* The content of this record is counted before it arrives. */
	return r->total + r->content <=
	    r->head + r->body + RECORD_OVERHEAD_MAX;
}

/*
 * Consumes some of n > 0 bytes: a part of one header or of one record. *k is
 * the number of bytes consumed.
 */
static bool
step(struct record_reader *r, const uint8_t *p, size_t n, size_t *k)
{
	if (r->content == 0 && r->padding == 0) {
		*k = record_min(sizeof(r->header) - r->have, n);
		memcpy(r->header + r->have, p, *k);
		r->have += *k;
		r->total += *k;
		if (r->have < sizeof(r->header))
			return true;
		if (!header_read(r))
			return false;
		return r->content > 0 || record_read(r, true);
	}
	if (r->content > 0) {
		*k = record_min(r->content, n);
		if (!content_read(r, p, *k))
			return false;
		r->content -= *k;
	} else {
		*k = record_min(r->padding, n);
		r->padding -= *k;
	}
	r->total += *k;
	return r->content > 0 || r->padding > 0 || record_read(r, false);
}

enum record_verdict
record_feed(struct record_reader *r, const uint8_t *p, size_t n, size_t *used)
{
	size_t k, at = 0;

	while (r->phase < RECORD_ENDED && at < n) {
		if (!step(r, p + at, n - at, &k) || !in_bounds(r))
			r->phase = RECORD_BROKEN;
		else
			at += k;
	}
	*used = at;
	if (r->phase == RECORD_BROKEN)
		return RECORD_INVALID;
	return r->phase == RECORD_ENDED ? RECORD_COMPLETE : RECORD_MORE;
}

static void
header_write(const struct record_reader *r, uint8_t type, size_t content,
    uint8_t to[RECORD_HEADER])
{
	const uint8_t header[RECORD_HEADER] = { FCGI_VERSION, type,
	    (uint8_t)(r->id >> 8), (uint8_t)r->id,
	    (uint8_t)(content >> 8), (uint8_t)content };

	memcpy(to, header, sizeof(header));
}

void
record_end(const struct record_reader *r, uint8_t to[RECORD_HEADER])
{
	header_write(r, FCGI_STDIN, 0, to);
}

void
record_stdout(const struct record_reader *r, size_t n,
    uint8_t to[RECORD_HEADER])
{
	header_write(r, FCGI_STDOUT, n, to);
}

void
record_response_end(const struct record_reader *r,
    uint8_t to[RECORD_RESPONSE_END])
{
	header_write(r, FCGI_STDOUT, 0, to);
	header_write(r, FCGI_END, 8, to + RECORD_HEADER);
	/* The status of the application is 0, the request is complete. */
	memset(to + 2 * RECORD_HEADER, 0, 8);
}

bool
record_length(const char *text, uint64_t *length)
{
	const uint64_t max = INT64_MAX;
	uint64_t n = 0, digit;

	if (text == NULL)
		text = "";
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		digit = (uint64_t)(*text - '0');
		if (n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*length = n;
	return true;
}
