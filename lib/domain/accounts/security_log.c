#include "domain/accounts/security_log.h"

const char *const security_kind_names[] = {
	"signed_in", "password_changed", "email_changed", "phone_changed",
	"contact_restored", "signed_out_everywhere", "identity_linked",
	"identity_unlinked", "username_changed",
	"mfa_enabled", "mfa_disabled", "refresh_reused", NULL
};

enum rc
security_log_add(struct db *db, int64_t user, enum security_kind kind,
    int64_t session, const char *detail, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_SECURITY_LOG_ADD);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", kind);
	stmt_id(q, ":session", session);
	stmt_text(q, ":detail", detail);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_SECURITY_LOG_TRIM);
	stmt_int(q, ":user", user);
	stmt_int(q, ":max", SECURITY_LOG_MAX);
	return stmt_run(q);
}

enum rc
security_log_list(struct db *db, struct arena *a, int64_t user,
    struct security_page *page)
{
	struct stmt *q = stmt_get(db, Q_SECURITY_LOG_COUNT);
	struct security_row *row;
	enum rc rc;

	stmt_int(q, ":user", user);
	page->total = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	page->v = arena_zalloc(a, (size_t)page->limit, sizeof(*page->v));
	page->n = 0;
	page->more = false;
	q = stmt_get(db, Q_SECURITY_LOG_LIST);
	stmt_int(q, ":user", user);
	stmt_int(q, ":before", page->before);
	stmt_int(q, ":offset", page->offset);
	stmt_int(q, ":limit", page->limit + 1);
	while (stmt_row(q)) {
		page->more = page->n == (size_t)page->limit;
		if (page->more)
			break;
		row = &page->v[page->n++];
		row->id = stmt_col_int(q, 0);
		row->kind = (enum security_kind)stmt_col_int(q, 1);
		row->session = stmt_col_opt(q, 2);
		row->detail = stmt_col_text(q, 3, a);
		row->at = stmt_col_int(q, 4);
	}
	return stmt_done(q);
}
