#include "db/tokenizer.h"

#include "base/str.h"
#include "base/words.h"

typedef int token_callback(void *, int, const char *, int, int, int);

/* Passes tokens to FTS5, and keeps the previous unit of a run. */
struct token_output {
	token_callback *token;
	void *arg;
	struct word last;
	bool pending;			/* `last` is the end of a run so far */
	bool alone;			/* `last` is not in a pair */
	bool query;			/* not a document */
};

static int
tokenizer_create(void *arg, const char **args, int n, Fts5Tokenizer **out)
{
	static char none;

	(void)arg;
	(void)args;
	*out = (Fts5Tokenizer *)&none;	/* it has no state */
	return n == 0 ? SQLITE_OK : SQLITE_ERROR;
}

static void
tokenizer_delete(Fts5Tokenizer *t)
{
	(void)t;
}

static int
output_word(struct token_output *o, const struct word *w)
{
	return o->token(o->arg, 0, w->text, (int)w->len, (int)w->start,
	    (int)w->end);
}

/* Ends a run inside the text. */
static int
output_run_end(struct token_output *o)
{
	bool pending = o->pending;

	o->pending = false;
	return pending ? output_word(o, &o->last) : SQLITE_OK;
}

/*
 * Ends the text. The run of a query may continue in the document, so its last
 * unit is only in a pair.
 */
static int
output_end(struct token_output *o)
{
	if (o->query && !o->alone)
		return SQLITE_OK;
	return output_run_end(o);
}

static int
output_pair(struct token_output *o, const struct word *w)
{
	char text[2 * WORD_BYTES];

	memcpy(text, o->last.text, o->last.len);
	memcpy(text + o->last.len, w->text, w->len);
	return o->token(o->arg, 0, text, (int)(o->last.len + w->len),
	    (int)o->last.start, (int)w->end);
}

static int
output_unit(struct token_output *o, const struct word *w)
{
	bool pair = o->pending && w->adjacent;
	int rc = pair ? output_pair(o, w) : output_run_end(o);

	o->last = *w;
	o->pending = true;
	o->alone = !pair;
	return rc;
}

static int
tokenizer_tokenize(Fts5Tokenizer *t, void *arg, int flags, const char *text,
    int len, token_callback *token)
{
	struct token_output o = { .token = token, .arg = arg,
		.query = (flags & FTS5_TOKENIZE_QUERY) != 0 };
	int rc = SQLITE_OK;
	struct words words;
	struct word word;

	(void)t;
	words_init(&words, text == NULL ? "" : text, (size_t)len);
	while (rc == SQLITE_OK && words_next(&words, &word)) {
		if (word.run) {
			rc = output_unit(&o, &word);
			continue;
		}
		rc = output_run_end(&o);
		if (rc == SQLITE_OK)
			rc = output_word(&o, &word);
	}
	return rc == SQLITE_OK ? output_end(&o) : rc;
}

/* Returns the interface of FTS5 (https://sqlite.org/fts5.html, section 7). */
static int
find_fts5(sqlite3 *sql, fts5_api **api)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(sql, "SELECT fts5(?1)", -1, &s, NULL);

	*api = NULL;
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_pointer(s, 1, api, "fts5_api_ptr", NULL);
	sqlite3_step(s);
	rc = sqlite3_finalize(s);
	return rc == SQLITE_OK && *api == NULL ? SQLITE_ERROR : rc;
}

int
tokenizer_register(sqlite3 *sql)
{
	static fts5_tokenizer methods = { tokenizer_create, tokenizer_delete,
		tokenizer_tokenize };
	fts5_api *api;
	int rc = find_fts5(sql, &api);

	return rc != SQLITE_OK ? rc :
	    api->xCreateTokenizer(api, "earmark", NULL, &methods, NULL);
}
