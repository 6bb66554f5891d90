/*
 * service_token_find: finds service tokens. It is separate from service_token.c
 * because every worker needs it, and the rest links the code of accounts.
 */
#include "domain/accounts/service_token.h"

#include "base/hash.h"
#include "base/str.h"

enum rc
service_token_find(struct db *db, const char *text, struct credential *c)
{
	struct hash hash = hash_sha256(text, strlen(text));
	struct stmt *q = stmt_get(db, Q_SERVICE_TOKEN_FIND);
	enum rc rc;

	*c = (struct credential){ 0 };
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	if (stmt_row(q)) {
		c->user = stmt_col_int(q, 0);
		c->service_token = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	return rc == RC_OK && c->user == 0 ? RC_NOT_FOUND : rc;
}
