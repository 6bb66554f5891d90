#include "domain/common/fts_query.h"

#include "base/str.h"

/*
 * Returns the number of bytes of the character at p if it is part of a word,
 * else 0. Letters of all scripts are. ASCII punctuation and the Unicode blocks
 * of punctuation, symbols and emoji are not. FTS5 drops those too, and a quoted
 * word of nothing else would match no row.
 */
static size_t
word_char(const char *p)
{
	const unsigned char *s = (const unsigned char *)p;

	if (s[0] < 0x80)
		return (s[0] >= '0' && s[0] <= '9') ||
		    (s[0] >= 'A' && s[0] <= 'Z') ||
		    (s[0] >= 'a' && s[0] <= 'z');
	if (s[0] < 0xc3)		/* U+0080 to U+00BF */
		return 0;
	if (s[0] < 0xe0)
		return s[1] ? 2 : 0;
	if (!s[1] || !s[2])
		return 0;
	if (s[0] == 0xe2 && s[1] < 0xb0)	/* U+2000 to U+2BFF */
		return 0;
	if (s[0] == 0xe3 && s[1] == 0x80)	/* U+3000 to U+303F */
		return 0;
	if (s[0] == 0xef && s[1] == 0xb8)	/* U+FE00 to U+FE3F */
		return 0;
	if (s[0] < 0xf0)
		return 3;
	if (s[0] == 0xf0 && s[1] == 0x9f)	/* U+1F000 to U+1FFFF */
		return 0;
	return s[3] ? 4 : 0;
}

/* Returns the next word of *text and its length in *n, or NULL at the end. */
static const char *
next_word(const char **text, size_t *n)
{
	const char *p = *text, *word;

	while (*p && word_char(p) == 0)
		p++;
	for (word = p; word_char(p) > 0; p += word_char(p))
		;
	*text = p;
	*n = (size_t)(p - word);
	return *n > 0 ? word : NULL;
}

char *
fts_query_words(struct arena *arena, const char *text)
{
	char *expr = NULL;
	const char *word;
	size_t n;

	for (int i = 0; i < FTS_QUERY_WORDS; i++) {
		word = next_word(&text, &n);
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
	char *phrase = NULL;
	const char *word;
	size_t n;

	while ((word = next_word(&text, &n)) != NULL)
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
