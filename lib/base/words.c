#include "base/words.h"

#include "base/str.h"
#include "base/word_table.h"

/* Hangul syllables are computed (Unicode, section 3.12). */
#define HANGUL		0xac00
#define HANGUL_L	0x1100		/* leading consonants */
#define HANGUL_V	0x1161		/* vowels */
#define HANGUL_T	0x11a7		/* before the trailing consonants */
#define HANGUL_LN	19
#define HANGUL_VN	21
#define HANGUL_TN	28

/* A word that is being read. */
struct builder {
	uint32_t chars[WORD_CHARS];
	unsigned char order[WORD_CHARS];	/* combining classes */
	int n;
	bool full;			/* the rest is ignored */
};

static unsigned
value_of(uint32_t ch)
{
	return word_values[word_blocks[ch / WORD_BLOCK] * WORD_BLOCK +
	    ch % WORD_BLOCK];
}

static enum word_class
class_of(unsigned value)
{
	return value & 7;
}

/*
 * Reads one character of UTF-8. Returns its length. If the bytes are invalid,
 * returns 1 and sets *ch to a separator.
 */
static size_t
read_utf8(const unsigned char *s, size_t n, uint32_t *ch)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	uint32_t c;
	size_t i;

	*ch = 0;
	if (len == 0 || len > n)
		return 1;
	c = len == 1 ? s[0] : s[0] & (0x7fU >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > WORD_LAST || (c >= 0xd800 && c < 0xe000))
		return 1;
	*ch = c;
	return len;
}

static size_t
write_utf8(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Moves to the next character, after mapping. */
static void
advance(struct words *w)
{
	unsigned at;

	if (w->map_n == 0) {
		w->done = w->next >= w->len;
		if (w->done) {
			w->value = WORD_SEPARATOR;
			return;
		}
		w->start = w->next;
		w->next += read_utf8(w->text + w->next, w->len - w->next,
		    &w->ch);
		w->end = w->next;
		w->value = value_of(w->ch);
		if (class_of(w->value) != WORD_MAPPED)
			return;
		at = w->value >> 3;
		w->map = word_map + word_map_offsets[at];
		w->map_n = word_map_offsets[at + 1] - word_map_offsets[at];
	}
	w->ch = *w->map++;
	w->map_n--;
	w->value = value_of(w->ch);
}

/* Returns the character that two characters form, or 0. */
static uint32_t
compose(uint32_t a, uint32_t b)
{
	size_t low = 0, high = word_pairs_n, i;
	const struct word_pair *p;

	if (a - HANGUL_L < HANGUL_LN && b - HANGUL_V < HANGUL_VN)
		return HANGUL + ((a - HANGUL_L) * HANGUL_VN + b - HANGUL_V) *
		    HANGUL_TN;
	if (a - HANGUL < HANGUL_LN * HANGUL_VN * HANGUL_TN &&
	    (a - HANGUL) % HANGUL_TN == 0 && b > HANGUL_T &&
	    b < HANGUL_T + HANGUL_TN)
		return a + b - HANGUL_T;
	while (low < high) {
		i = (low + high) / 2;
		p = &word_pairs[i];
		if (p->first == a && p->second == b)
			return p->both;
		if (p->first < a || (p->first == a && p->second < b))
			low = i + 1;
		else
			high = i;
	}
	return 0;
}

/*
 * Adds a character. Marks are sorted by their combining classes, so that the
 * order in which they were typed does not matter.
 */
static void
add(struct builder *b, uint32_t ch, unsigned order)
{
	uint32_t both;
	int at = b->n;

	if (b->full)
		return;
	while (order > 0 && at > 0 && b->order[at - 1] > order)
		at--;
	both = at > 0 ? compose(b->chars[at - 1], ch) : 0;
	if (both != 0) {
		b->chars[at - 1] = both;
		return;
	}
	b->full = b->n == WORD_CHARS;
	if (b->full)
		return;
	memmove(b->chars + at + 1, b->chars + at,
	    (size_t)(b->n - at) * sizeof(*b->chars));
	memmove(b->order + at + 1, b->order + at, (size_t)(b->n - at));
	b->chars[at] = ch;
	b->order[at] = (unsigned char)order;
	b->n++;
}

/*
 * Adds a character that is ignored, unless it forms another letter: Cyrillic
 * "и" with a breve.
 */
static void
add_ignored(struct builder *b, uint32_t ch)
{
	uint32_t both = compose(b->chars[b->n - 1], ch);

	if (both != 0 && !b->full)
		b->chars[b->n - 1] = both;
}

/* Adds the current character. Returns false if it is after the word. */
static bool
extend(const struct words *w, struct builder *b, bool run)
{
	switch (class_of(w->value)) {
	case WORD_IGNORE:
		add_ignored(b, w->ch);
		return true;
	case WORD_MARK:
		add(b, w->ch, w->value >> 3);
		return true;
	case WORD_LETTER:
		if (run)
			return false;
		add(b, w->ch, 0);
		return true;
	case WORD_SEPARATOR:
	case WORD_RUN:
	case WORD_MAPPED:
		break;
	}
	return false;
}

void
words_init(struct words *w, const char *text, size_t len)
{
	*w = (struct words){ .text = (const unsigned char *)text, .len = len };
	advance(w);
}

bool
words_next(struct words *w, struct word *out)
{
	struct builder b = { .n = 0 };
	enum word_class class = class_of(w->value);
	int i;

	out->adjacent = true;
	while (!w->done && class != WORD_LETTER && class != WORD_RUN) {
		if (class == WORD_SEPARATOR)
			out->adjacent = false;
		advance(w);
		class = class_of(w->value);
	}
	if (w->done)
		return false;
	out->run = class == WORD_RUN;
	out->start = w->start;
	add(&b, w->ch, 0);
	do {
		out->end = w->end;
		advance(w);
	} while (!w->done && extend(w, &b, out->run));
	out->len = 0;
	for (i = 0; i < b.n; i++)
		out->len += write_utf8(b.chars[i], out->text + out->len);
	return true;
}
