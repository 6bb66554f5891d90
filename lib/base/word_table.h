/*
 * word_table: the characters of Unicode for words.h. tools/word_table.py
 * generates the tables.
 */
#ifndef BASE_WORD_TABLE_H
#define BASE_WORD_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define WORD_BLOCK	64		/* characters of a block */
#define WORD_LAST	0x10ffff	/* the highest character */

/*
 * The low three bits of a value. The others are the canonical combining class
 * of a WORD_MARK, or the index in word_map_offsets of a WORD_MAPPED.
 */
enum word_class {
	WORD_SEPARATOR,		/* separates words */
	WORD_IGNORE,		/* has no effect, such as an accent */
	WORD_LETTER,		/* a letter or digit */
	WORD_RUN,		/* a letter of a script without spaces */
	WORD_MARK,		/* part of the word of the letter before it */
	WORD_MAPPED		/* replaced by other characters */
};

/* A letter and a mark that are one character. Sorted by both. */
struct word_pair {
	uint32_t first, second, both;
};

extern const char word_unicode[];		/* the version of Unicode */
extern const uint16_t word_blocks[];		/* block of character / 64 */
extern const uint16_t word_values[];
/* Entry i of the mapping is word_map[offsets[i]] to [offsets[i + 1] - 1]. */
extern const uint16_t word_map_offsets[];
extern const uint32_t word_map[];
extern const struct word_pair word_pairs[];
extern const size_t word_pairs_n;

#endif
