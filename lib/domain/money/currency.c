#include "domain/money/currency.h"

#include "base/str.h"

#define CODE_BYTES	4

/* Reads the stored code; "" if there is none. */
static enum rc
load_code(struct db *db, char code[CODE_BYTES])
{
	struct stmt *q = stmt_get(db, Q_CURRENCY_GET);

	*code = '\0';
	if (stmt_row(q))
		snprintf(code, CODE_BYTES, "%s", stmt_col_peek(q, 0));
	return stmt_done(q);
}

enum rc
currency_get(struct db *db, struct arena *a, const char **code)
{
	char text[CODE_BYTES];
	enum rc rc = load_code(db, text);

	*code = arena_str(a, text);
	return rc;
}

enum rc
currency_fix(struct db *db, const struct conf *conf)
{
	char code[CODE_BYTES];
	struct stmt *q;
	enum rc rc = load_code(db, code);

	if (rc != RC_OK || *code != '\0')
		return rc;
	q = stmt_get(db, Q_CURRENCY_SET);
	stmt_text(q, ":code", conf->currency);
	return stmt_run(q);
}

enum rc
currency_check(struct db *db, const struct conf *conf, struct err *err)
{
	char code[CODE_BYTES];
	enum rc rc = db_read(db);

	if (rc == RC_OK) {
		rc = load_code(db, code);
		db_read_end(db);
	}
	if (rc != RC_OK)
		return err_set(err, rc, NULL, "the currency of the database "
		    "cannot be read");
	if (*code == '\0' || str_eq(code, conf->currency))
		return RC_OK;
	return err_set(err, RC_CONFLICT, NULL,
	    "server.currency is %s, but the database was created with %s. "
	    "The currency of a database cannot change", conf->currency, code);
}
