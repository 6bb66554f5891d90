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

/* A statement with the filters that it has bound. */
static struct stmt *
prepare_feedback(struct db *db, enum stmt_id id,
    const struct feedback_query *want)
{
	struct stmt *q = stmt_get(db, id);

	if (id != Q_FEEDBACK_LIST && id != Q_FEEDBACK_LIST_RATING)
		catalog_bind_opt(q, ":kind", want->kind == 0 ? INT64_MIN :
		    want->kind);
	if (id != Q_FEEDBACK_LIST && id != Q_FEEDBACK_LIST_KIND)
		catalog_bind_opt(q, ":rating", want->rating < 0 ? INT64_MIN :
		    want->rating);
	return q;
}

enum rc
feedback_list(struct db *db, struct arena *a,
    const struct feedback_query *want, struct feedback_page *page)
{
	enum stmt_id way = want->kind == 0 ?
	    want->rating < 0 ? Q_FEEDBACK_LIST : Q_FEEDBACK_LIST_RATING :
	    want->rating < 0 ? Q_FEEDBACK_LIST_KIND :
	    Q_FEEDBACK_LIST_KIND_RATING;
	struct stmt *q = prepare_feedback(db, way, want);
	size_t most = (size_t)want->limit;
	struct feedback *f;
	enum rc rc;

	*page = (struct feedback_page){ .v = arena_zalloc(a, most,
	    sizeof(*page->v)) };
	stmt_int(q, ":id", want->before);
	stmt_int(q, ":limit", want->limit + 1);
	stmt_int(q, ":offset", want->offset);
	while (stmt_row(q)) {
		page->more = page->n == most;
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
	    catalog_count(prepare_feedback(db, Q_FEEDBACK_COUNT, want),
	    &page->total);
}
