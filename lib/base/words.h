/*
 * words: divides a text into normalized words, for full-text search.
 *
 * Documents and queries use the same rules:
 *  - Case, accents and strokes of letters do not matter: "Łódź" is "lodz",
 *    "Straße" is "strasse". Nor do compatibility forms (full width, ligatures)
 *    and the script of digits. Arabic and Hebrew vowel points are ignored, and
 *    canonically equivalent texts have equal words.
 *  - Vowel signs and other marks of Indic and Southeast Asian scripts belong to
 *    their word. Zero width joiners are ignored.
 *  - Punctuation, symbols, emoji and bidirectional controls separate words.
 *  - Chinese, Japanese, Thai and other scripts without spaces have no words.
 *    Each character with its marks is a unit of a run.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Increases when the words of a text change. Full-text indexes store it. */
#define WORDS_VERSION	1
/* The maximum number of characters of a word. More are ignored. */
#define WORD_CHARS	64
#define WORD_BYTES	(4 * WORD_CHARS)

/* The state of words_next(). The members are private. */
struct words {
	const unsigned char *text;
	size_t len, next;		/* bytes */
	const uint32_t *map;		/* rest of a mapped character */
	int map_n;
	/* The current character, and the bytes that it was read from. */
	uint32_t ch;
	unsigned value;			/* of word_table.h */
	size_t start, end;
	bool done;
};

struct word {
	char text[WORD_BYTES];		/* normalized UTF-8, not terminated */
	size_t len;
	size_t start, end;		/* bytes of the original text */
	bool run;			/* a unit of a run, not a word */
	bool adjacent;			/* no separator after the last one */
};

/* Starts at the beginning of a text. Invalid UTF-8 separates words. */
void	words_init(struct words *, const char *text, size_t len);
/* Reads the next word or unit. Returns false at the end. */
bool	words_next(struct words *, struct word *);

#endif
