/*
 * Fuzzes the words of full-text search: their positions, their encoding, and
 * that a text finds itself unless it has no words.
 */
#include "fuzz.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/words.h"
#include "db/tokenizer.h"
#include "domain/common/fts_query.h"

static sqlite3 *sql;
static struct arena arena;

static void
run(const char *statement)
{
	MUST(sqlite3_exec(sql, statement, NULL, NULL, NULL) == SQLITE_OK);
}

static void
prepare_database(void)
{
	if (sql != NULL)
		return;
	arena_init(&arena, 1 << 20);
	MUST(sqlite3_open(":memory:", &sql) == SQLITE_OK);
	MUST(tokenizer_register(sql) == SQLITE_OK);
	run("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = 'earmark', "
	    "prefix = '2 3')");
}

/* Runs a statement with a text. Returns the first number of its result. */
static int
run_text(const char *statement, const char *text, size_t n)
{
	sqlite3_stmt *s;
	int number = -1;

	MUST(sqlite3_prepare_v2(sql, statement, -1, &s, NULL) == SQLITE_OK);
	sqlite3_bind_text(s, 1, text, (int)n, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		number = sqlite3_column_int(s, 0);
	MUST(sqlite3_finalize(s) == SQLITE_OK);
	return number;
}

/* Reads all words. Returns their number. */
static size_t
read_words(const char *text, size_t n)
{
	size_t count = 0, start = 0, at;
	struct words words, again;
	struct word w, same;

	words_init(&words, text, n);
	for (; words_next(&words, &w); count++) {
		MUST(w.len > 0 && w.len <= WORD_BYTES);
		MUST(w.start >= start && w.start < w.end && w.end <= n);
		start = w.start;
		/* A normalized word has the same beginning. */
		words_init(&again, w.text, w.len);
		MUST(words_next(&again, &same) && same.run == w.run);
		for (at = 0; at < w.len; at++)
			MUST(w.text[at] != '\0' && w.text[at] != '"');
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *query;
	size_t words;

	MUST(text != NULL);
	prepare_database();
	memcpy(text, data, n);
	text[n] = '\0';
	read_words(text, n);
	n = strlen(text);
	words = read_words(text, n);
	query = fts_query_words(&arena, text);
	MUST((query != NULL) == (words > 0));
	run_text("INSERT INTO t(rowid, x) VALUES (1, ?1)", text, n);
	if (query != NULL)
		MUST(run_text("SELECT rowid FROM t WHERE t MATCH ?1", query,
		    strlen(query)) == 1);
	run("DELETE FROM t");
	arena_reset(&arena);
	free(text);
	return 0;
}
