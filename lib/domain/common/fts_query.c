#include "domain/common/fts_query.h"

#include <string.h>

#include "base/words.h"

/* The words of a text, and the first one that was not returned yet. */
struct fts_reader {
	const char *text;
	struct words words;
	struct word next;
	bool more;
};

static void
reader_init(struct fts_reader *r, const char *text)
{
	r->text = text;
	words_init(&r->words, text, strlen(text));
	r->more = words_next(&r->words, &r->next);
}

/*
 * Returns the next words that no separator divides, as they were typed, and
 * their length. They are one word, or several of different scripts. A character
 * such as a fraction is not divided.
 */
static const char *
reader_next(struct fts_reader *r, size_t *n)
{
	size_t start = r->next.start, end;

	if (!r->more)
		return NULL;
	do {
		end = r->next.end;
		r->more = words_next(&r->words, &r->next);
	} while (r->more && (r->next.adjacent || r->next.start < end));
	*n = end - start;
	return r->text + start;
}

char *
fts_query_words(struct arena *arena, const char *text)
{
	struct fts_reader r;
	char *expr = NULL;
	const char *word;
	size_t n;

	reader_init(&r, text);
	for (int i = 0; i < FTS_QUERY_WORDS; i++) {
		word = reader_next(&r, &n);
		if (!word)
			break;
		expr = arena_fmt(arena, "%s%s\"%.*s\"*", expr ? expr : "",
		    expr ? " AND " : "", (int)n, word);
	}
	return expr;
}

char *
fts_query_phrase(struct arena *arena, const char *column, const char *text)
{
	struct fts_reader r;
	char *phrase = NULL;
	const char *word;
	size_t n;

	reader_init(&r, text);
	while ((word = reader_next(&r, &n)) != NULL)
		phrase = arena_fmt(arena, "%s%s%.*s", phrase ? phrase : "",
		    phrase ? " " : "", (int)n, word);
	return phrase ? arena_fmt(arena, "%s : \"%s\"", column, phrase) : NULL;
}

char *
fts_query_both(struct arena *arena, const char *a, const char *b)
{
	if (a && b)
		return arena_fmt(arena, "(%s) AND (%s)", a, b);
	if (!a && !b)
		return NULL;
	return arena_str(arena, a ? a : b);
}
