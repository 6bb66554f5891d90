#include "domain/support/feedback.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/catalog/catalog.h"
#include "domain/common/throttle.h"

const char *const feedback_kind_names[] = {
	"bug", "idea", "praise", "other", NULL
};

enum rc
feedback_add(struct db *db, const struct conf *conf, struct feedback *f,
    int64_t now, struct err *err)
{
	struct stmt *q;
	enum rc rc;

	rc = throttle_user(db, conf, "feedback", f->user,
	    conf->feedback_daily, DAY, now, err);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_FEEDBACK_ADD);
	stmt_int(q, ":user", f->user);
	stmt_int(q, ":kind", f->kind);
	stmt_int(q, ":rating", f->rating);
	stmt_text(q, ":body", f->body);
	stmt_text(q, ":app", f->app);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	f->id = db_last_id(db);
	f->created_at = now;
	return rc;
}

/* Returns a statement with its filters bound. */
static struct stmt *
bind_filters(struct db *db, enum stmt_id id,
    const struct feedback_query *query)
{
	struct stmt *q = stmt_get(db, id);

	if (id != Q_FEEDBACK_LIST && id != Q_FEEDBACK_LIST_RATING)
		stmt_opt(q, ":kind", query->kind == 0 ? INT64_MIN :
		    query->kind);
	if (id != Q_FEEDBACK_LIST && id != Q_FEEDBACK_LIST_KIND)
		stmt_opt(q, ":rating", query->rating < 0 ? INT64_MIN :
		    query->rating);
	return q;
}

enum rc
feedback_list(struct db *db, struct arena *a,
    const struct feedback_query *query, struct feedback_page *page)
{
	enum stmt_id list = query->kind == 0 ?
	    query->rating < 0 ? Q_FEEDBACK_LIST : Q_FEEDBACK_LIST_RATING :
	    query->rating < 0 ? Q_FEEDBACK_LIST_KIND :
	    Q_FEEDBACK_LIST_KIND_RATING;
	struct stmt *q = bind_filters(db, list, query);
	size_t max = (size_t)query->limit;
	struct feedback *f;
	enum rc rc;

	*page = (struct feedback_page){ .v = arena_zalloc(a, max,
	    sizeof(*page->v)) };
	stmt_int(q, ":id", query->before);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	while (stmt_row(q)) {
		page->more = page->n == max;
		if (page->more)
			break;
		f = &page->v[page->n++];
		f->id = stmt_col_int(q, 0);
		f->user = stmt_col_int(q, 1);
		f->username = stmt_col_text(q, 2, a);
		f->kind = (int)stmt_col_int(q, 3);
		f->rating = stmt_col_int(q, 4);
		f->body = stmt_col_text(q, 5, a);
		f->app = stmt_col_text(q, 6, a);
		f->created_at = stmt_col_int(q, 7);
	}
	rc = stmt_done(q);
	return rc != RC_OK ? rc :
	    catalog_count(bind_filters(db, Q_FEEDBACK_COUNT, query),
	    &page->total);
}
