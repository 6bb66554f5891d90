#include "domain/accounts/identity.h"

enum rc
identity_list(struct db *db, struct arena *a, int64_t user,
    struct identity **out, size_t *n)
{
	struct identity *v = arena_zalloc(a, IDENTITY_MAX, sizeof(*v));
	struct stmt *q = stmt_get(db, Q_IDENTITY_LIST);

	*out = v;
	*n = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":max", IDENTITY_MAX);
	while (*n < IDENTITY_MAX && stmt_row(q))
		v[(*n)++] = (struct identity){ .id = stmt_col_int(q, 0),
		    .provider = stmt_col_text(q, 1, a),
		    .issuer = stmt_col_text(q, 2, a),
		    .subject = stmt_col_text(q, 3, a),
		    .created_at = stmt_col_int(q, 4),
		    .used_at = stmt_col_int(q, 5) };
	return stmt_done(q);
}
