/* text_language: the language of messages to a user. */
#include "base/str.h"
#include "domain/messaging/text.h"

#define FALLBACK	"en"
#define HEADER_MAX	1000		/* bytes that are read */

static const char *request_header;

/* Returns the quality of an item of Accept-Language in 1/1000. */
static int64_t
read_quality(const char *p, size_t n)
{
	const char *q = memchr(p, ';', n);
	char text[8];
	int64_t value;
	size_t len;

	if (q == NULL)
		return 1000;
	q++;
	q += strspn(q, " \t");
	if (!str_prefix(q, "q="))
		return 0;
	q += 2;
	len = strspn(q, "0123456789.");
	if (len == 0 || len >= sizeof(text))
		return 0;
	memcpy(text, q, len);
	text[len] = '\0';
	return str_fixed(text, 3, &value) && value <= 1000 ? value : 0;
}

/* Returns the language of an item such as "hi-IN;q=0.8", or NULL. */
static const char *
read_language(struct arena *a, const char *p, size_t n)
{
	size_t len = 0;
	char *code;

	while (len < n && ((p[len] >= 'a' && p[len] <= 'z') ||
	    (p[len] >= 'A' && p[len] <= 'Z')))
		len++;
	if (len < 2 || len > 3 || (len < n && strchr("-_; \t", p[len]) == NULL))
		return NULL;
	code = arena_strn(a, p, len);
	str_lower(code);
	/* The former code of Indonesian, which Android still sends. */
	return str_eq(code, "in") ? "id" : code;
}

const char *
text_language(struct arena *a, const char *preferred, const char *accepted)
{
	const char *best = FALLBACK, *language;
	size_t n, end = accepted == NULL ? 0 : strnlen(accepted, HEADER_MAX);
	int64_t quality, highest = 0;

	if (preferred != NULL && template_has_language(preferred))
		return arena_str(a, preferred);
	for (size_t i = 0; i < end; i += n + 1) {
		i += strspn(accepted + i, " \t");
		n = strcspn(accepted + i, ",");
		language = read_language(a, accepted + i, n);
		quality = read_quality(accepted + i, n);
		if (language != NULL && quality > highest &&
		    template_has_language(language)) {
			best = language;
			highest = quality;
		}
	}
	return best;
}

void
text_request_language(const char *header)
{
	request_header = header;
}

enum rc
text_language_of(struct db *db, struct arena *a, int64_t user, bool self,
    const char **language)
{
	const char *preferred = NULL, *stored = NULL;
	struct stmt *q = stmt_get(db, Q_TEXT_LANGUAGE);
	enum rc rc;

	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		preferred = stmt_col_text(q, 0, a);
		stored = stmt_col_text(q, 1, a);
	}
	rc = stmt_done(q);
	*language = text_language(a, preferred, self && request_header != NULL ?
	    request_header : stored);
	return rc;
}

enum rc
text_language_keep(struct db *db, struct arena *a, int64_t user)
{
	struct stmt *q;

	if (request_header == NULL)
		return RC_OK;
	q = stmt_get(db, Q_TEXT_LANGUAGE_KEEP);
	stmt_int(q, ":user", user);
	stmt_text(q, ":language", text_language(a, NULL, request_header));
	return stmt_run(q);
}
