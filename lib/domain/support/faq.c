#include "domain/support/faq.h"

#include <inttypes.h>

#include "base/field.h"
#include "base/str.h"
#include "domain/catalog/catalog.h"
#include "domain/common/fts_query.h"
#include "domain/common/kv_setting.h"

#define STEP	10			/* distance between new positions */

static void
read_faq(struct stmt *q, struct arena *a, struct faq *f)
{
	f->id = stmt_col_int(q, 0);
	f->category = stmt_col_text(q, 1, a);
	f->question = stmt_col_text(q, 2, a);
	f->answer = stmt_col_text(q, 3, a);
	f->position = stmt_col_int(q, 4);
	f->published = stmt_col_int(q, 5) != 0;
	f->created_at = stmt_col_int(q, 6);
	f->updated_at = stmt_col_int(q, 7);
}

enum rc
faq_version(struct db *db, int64_t *version)
{
	return kv_setting_get(db, "faq_version", 0, version);
}

/* Counts all matching entries. */
static enum rc
faq_total(struct db *db, const struct faq_query *query, const char *match,
    const struct faq_categories *all, int64_t *n)
{
	struct stmt *q;
	size_t i;

	*n = 0;
	if (match != NULL) {
		q = stmt_get(db, Q_FAQ_COUNT_MATCHING);
		stmt_text(q, ":match", match);
		stmt_text(q, ":category", query->category);
		stmt_int(q, ":drafts", query->drafts);
		return catalog_count(q, n);
	}
	for (i = 0; i < all->n; i++)
		if (query->category == NULL ||
		    str_eq(query->category, all->v[i].name))
			*n += all->v[i].n;
	return RC_OK;
}

static struct stmt *
bind_list(struct db *db, const struct faq_query *query, const char *match)
{
	struct stmt *q;

	q = stmt_get(db, match != NULL ? Q_FAQ_LIST_MATCHING :
	    query->category != NULL ? Q_FAQ_LIST_CATEGORY : Q_FAQ_LIST);
	if (match != NULL)
		stmt_text(q, ":match", match);
	if (match != NULL || query->category != NULL)
		stmt_text(q, ":category", query->category);
	stmt_int(q, ":drafts", query->drafts);
	stmt_int(q, ":position", query->position);
	stmt_int(q, ":id", query->id);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	return q;
}

enum rc
faq_list(struct db *db, struct arena *a, const struct faq_query *query,
    const struct faq_categories *all, struct faq_page *page)
{
	const char *match = query->q == NULL ? NULL :
	    fts_query_words(a, query->q);
	size_t max = (size_t)query->limit;
	struct stmt *q;
	enum rc rc;

	*page = (struct faq_page){ .v = arena_zalloc(a, max,
	    sizeof(*page->v)) };
	/* A text without words matches no entry. */
	if (query->q != NULL && match == NULL)
		return RC_OK;
	q = bind_list(db, query, match);
	while (!page->more && stmt_row(q)) {
		page->more = page->n == max;
		if (!page->more)
			read_faq(q, a, &page->v[page->n++]);
	}
	rc = stmt_done(q);
	return rc == RC_OK ? faq_total(db, query, match, all, &page->total) :
	    rc;
}

enum rc
faq_categories(struct db *db, struct arena *a, bool drafts,
    struct faq_categories *all)
{
	struct stmt *q = stmt_get(db, Q_FAQ_CATEGORIES);
	size_t size = 0;
	struct faq_category *v;

	*all = (struct faq_categories){ .n = 0 };
	stmt_int(q, ":drafts", drafts);
	while (stmt_row(q)) {
		if (all->n == size) {
			size = size == 0 ? 16 : size * 2;
			v = arena_zalloc(a, size, sizeof(*v));
			if (all->n > 0)
				memcpy(v, all->v, all->n * sizeof(*v));
			all->v = v;
		}
		all->v[all->n].name = stmt_col_text(q, 0, a);
		all->v[all->n++].n = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

static enum rc
load_faq(struct db *db, struct arena *a, int64_t id, struct faq *f,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_FAQ_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		read_faq(q, a, f);
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc : err_set(err, RC_NOT_FOUND, NULL,
	    "FAQ entry not found");
}

static enum rc
audit_faq(struct db *db, struct arena *a, int64_t id, const char *action,
    const char *before, const struct audit_by *by)
{
	const char *after;
	enum rc rc = catalog_editor_state(db, a, Q_FAQ_STATE, id, &after);

	return rc != RC_OK ? rc : audit_add(db, by, action,
	    arena_fmt(a, "faq:%" PRId64, id), before, after);
}

static struct stmt *
bind_faq(struct stmt *q, const struct faq *f, int64_t now)
{
	stmt_text(q, ":category", f->category);
	stmt_text(q, ":question", f->question);
	stmt_text(q, ":answer", f->answer);
	stmt_int(q, ":position", f->position);
	stmt_int(q, ":published", f->published);
	stmt_int(q, ":now", now);
	return q;
}

/* Returns a position after the last entry. */
static enum rc
next_position(struct db *db, int64_t *position)
{
	struct stmt *q = stmt_get(db, Q_FAQ_LAST);

	*position = stmt_row(q) ? stmt_col_int(q, 0) + STEP : STEP;
	if (*position > FAQ_POSITION)
		*position = FAQ_POSITION;
	return stmt_done(q);
}

enum rc
faq_add(struct db *db, struct arena *a, const struct faq_edit *e,
    const struct audit_by *by, struct faq *f, struct err *err)
{
	enum rc rc = RC_OK;

	*f = (struct faq){ .category = e->category, .question = e->question,
		.answer = e->answer, .position = e->position,
		.published = e->published != 0 };
	if (e->position == FIELD_NONE)
		rc = next_position(db, &f->position);
	if (rc == RC_OK)
		rc = stmt_run(bind_faq(stmt_get(db, Q_FAQ_ADD), f, by->now));
	f->id = db_last_id(db);
	if (rc == RC_OK)
		rc = audit_faq(db, a, f->id, "faq.add", NULL, by);
	return rc == RC_OK ? load_faq(db, a, f->id, f, err) : rc;
}

enum rc
faq_change(struct db *db, struct arena *a, int64_t id,
    const struct faq_edit *e, const struct audit_by *by, struct faq *f,
    struct err *err)
{
	const char *before;
	bool changed = false;
	struct stmt *q;
	enum rc rc = load_faq(db, a, id, f, err);

	if (rc == RC_OK)
		rc = catalog_editor_state(db, a, Q_FAQ_STATE, id, &before);
	if (rc != RC_OK)
		return rc;
	catalog_edit_text(&f->category, e->category, &changed);
	catalog_edit_text(&f->question, e->question, &changed);
	catalog_edit_text(&f->answer, e->answer, &changed);
	catalog_edit_num(&f->position, e->position, &changed);
	catalog_edit_bool(&f->published, e->published, &changed);
	if (!changed)
		return RC_OK;
	q = bind_faq(stmt_get(db, Q_FAQ_CHANGE), f, by->now);
	stmt_int(q, ":id", id);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = audit_faq(db, a, id, "faq.change", before, by);
	return rc == RC_OK ? load_faq(db, a, id, f, err) : rc;
}

enum rc
faq_remove(struct db *db, struct arena *a, int64_t id,
    const struct audit_by *by, struct err *err)
{
	const char *before;
	struct stmt *q;
	struct faq f;
	enum rc rc = load_faq(db, a, id, &f, err);

	if (rc == RC_OK)
		rc = catalog_editor_state(db, a, Q_FAQ_STATE, id, &before);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_FAQ_REMOVE);
	stmt_int(q, ":id", id);
	rc = stmt_run(q);
	return rc == RC_OK ? audit_faq(db, a, id, "faq.remove", before, by) :
	    rc;
}
