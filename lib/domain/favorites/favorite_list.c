#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/common/id_page.h"
#include "domain/favorites/favorite_list.h"

/*
 * Skips `offset` rows in the index, and lets the page start after the last of
 * them. *end is set if there are fewer rows.
 */
static enum rc
skip_rows(struct db *db, int64_t user, enum favorite_kind kind,
    struct favorite_page *p, bool *end)
{
	struct stmt *q;
	bool found;
	enum rc rc;

	*end = false;
	if (!p->after) {
		p->at = p->oldest_first ? INT64_MIN : INT64_MAX;
		p->id = p->at;
	}
	if (p->offset == 0)
		return RC_OK;
	if (kind != 0) {
		q = stmt_get(db, p->oldest_first ? Q_FAVORITE_LIST_SKIP_OLDEST :
		    Q_FAVORITE_LIST_SKIP);
		stmt_int(q, ":kind", kind);
	} else {
		q = stmt_get(db, p->oldest_first ?
		    Q_FAVORITE_LIST_SKIP_STUDIO_OLDEST :
		    Q_FAVORITE_LIST_SKIP_STUDIO);
	}
	stmt_int(q, ":user", user);
	stmt_int(q, ":at", p->at);
	stmt_int(q, ":id", p->id);
	stmt_int(q, ":skip", p->offset - 1);
	found = stmt_row(q);
	if (found) {
		p->at = stmt_col_int(q, 0);
		p->id = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	*end = rc == RC_OK && !found;
	return rc;
}

/*
 * Binds the parameters of all page statements. The limit is one row more, which
 * shows whether rows follow.
 */
static struct stmt *
page_stmt(struct db *db, enum stmt_id id, int64_t user,
    const struct favorite_page *p)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":user", user);
	stmt_int(q, ":at", p->at);
	stmt_int(q, ":id", p->id);
	stmt_int(q, ":limit", p->limit + 1);
	return q;
}

/*
 * Selects the statement of favorite_list_refs(). Only the general one leaves out
 * what is being deleted.
 */
static enum stmt_id
refs_stmt(enum favorite_kind kind, const struct favorite_user_count *total,
    bool first)
{
	if (total->removing)
		return Q_FAVORITE_LIST_REFS;
	if (kind == FAVORITE_DESTINATION)
		return first ? Q_FAVORITE_LIST_ROWS_FIRST :
		    Q_FAVORITE_LIST_ROWS;
	return first ? Q_FAVORITE_LIST_REFS_FIRST : Q_FAVORITE_LIST_REFS;
}

enum rc
favorite_list_refs(struct db *db, struct arena *a, int64_t user,
    enum favorite_kind kind, const struct favorite_page *page,
    const struct favorite_user_count *total, struct favorite_refs *out)
{
	bool first = !page->after && page->offset == 0;
	enum stmt_id id = refs_stmt(kind, total, first);
	bool revised = id == Q_FAVORITE_LIST_REFS ||
	    id == Q_FAVORITE_LIST_REFS_FIRST;
	struct favorite_page p = *page;
	struct favorite_ref *f;
	struct stmt *q;
	/* Whether the total shows if rows follow, without reading one of them. */
	bool counted = first && !total->removing, end;
	enum rc rc;

	*out = (struct favorite_refs){ 0 };
	rc = skip_rows(db, user, kind, &p, &end);
	if (rc != RC_OK || end)
		return rc;
	out->v = arena_alloc(a, (size_t)p.limit * sizeof(*out->v));
	q = stmt_get(db, id);
	if (id == Q_FAVORITE_LIST_REFS || id == Q_FAVORITE_LIST_ROWS) {
		stmt_int(q, ":at", p.at);
		stmt_int(q, ":id", p.id);
	}
	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", kind);
	stmt_int(q, ":limit", p.limit + !counted);
	while (stmt_row(q)) {
		if ((int64_t)out->n == p.limit) {
			out->more = true;
			break;
		}
		f = &out->v[out->n++];
		f->id = stmt_col_int(q, 0);
		f->uuid = stmt_col_uuid(q, 1);
		f->created_at = stmt_col_int(q, 2);
		f->entity_id = stmt_col_int(q, 3);
		f->revision = revised ? stmt_col_int(q, 4) : 0;
		f->favorites_count = revised ? stmt_col_int(q, 5) : 0;
	}
	if (counted)
		out->more = (int64_t)out->n == p.limit && total->n > p.limit;
	return stmt_done(q);
}

enum rc
favorite_list_revisions(struct db *db, struct arena *a,
    enum favorite_kind kind, struct favorite_refs *refs)
{
	int64_t *ids = arena_zalloc(a, refs->n, sizeof(*ids));
	size_t i, n = 0;
	struct stmt *q;

	for (i = 0; i < refs->n; i++)
		if (refs->v[i].revision == 0)
			ids[n++] = refs->v[i].entity_id;
	if (n == 0)
		return RC_OK;
	q = stmt_get(db, Q_FAVORITE_LIST_REVISIONS);
	stmt_int(q, ":kind", kind);
	stmt_text(q, ":ids", id_page_json(a, ids, n));
	/* The rows have the order of the ids. */
	for (i = 0; i < refs->n && stmt_row(q); i++) {
		while (i < refs->n && (refs->v[i].revision != 0 ||
		    refs->v[i].entity_id != stmt_col_int(q, 0)))
			i++;
		if (i < refs->n)
			refs->v[i].revision = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

/*
 * Reads the columns of the favorite, then those of a style, a creative and a
 * document. Two of these are null.
 */
static void
read_studio_item(struct stmt *q, struct arena *a,
    struct favorite_studio_item *s)
{
	int col = 8;
	struct style style;
	struct creative creative;
	struct document document;

	s->f.id = stmt_col_int(q, 0);
	s->f.user_id = stmt_col_int(q, 1);
	s->f.kind = (enum favorite_kind)stmt_col_int(q, 2);
	s->f.entity_id = stmt_col_int(q, 3);
	s->f.uuid = stmt_col_uuid(q, 4);
	s->f.created_at = stmt_col_int(q, 5);
	s->f.updated_at = stmt_col_int(q, 6);
	s->f.entity = stmt_col_uuid(q, 7);
	col = style_row(q, col, a, &style);
	col = creative_row(q, col, a, &creative);
	document_row(q, col, a, &document);
	if (s->f.kind == FAVORITE_STYLE) {
		s->style = style;
		s->alive = style.head.id != 0;
	} else if (s->f.kind == FAVORITE_CREATIVE) {
		s->creative = creative;
		s->alive = creative.head.id != 0;
	} else {
		s->document = document;
		s->alive = document.head.id != 0;
	}
}

enum rc
favorite_list_studio(struct db *db, struct arena *a, int64_t user,
    enum favorite_kind kind, const struct favorite_page *page,
    struct favorite_studio_list *out)
{
	struct favorite_page p = *page;
	struct stmt *q;
	bool end;
	enum rc rc;

	*out = (struct favorite_studio_list){ 0 };
	rc = skip_rows(db, user, kind, &p, &end);
	if (rc != RC_OK || end)
		return rc;
	out->items = arena_zalloc(a, (size_t)p.limit, sizeof(*out->items));
	if (kind != 0) {
		q = page_stmt(db, p.oldest_first ?
		    Q_FAVORITE_LIST_STUDIO_KIND_OLDEST :
		    Q_FAVORITE_LIST_STUDIO_KIND, user, &p);
		stmt_int(q, ":kind", kind);
	} else {
		q = page_stmt(db, p.oldest_first ?
		    Q_FAVORITE_LIST_STUDIO_ALL_OLDEST :
		    Q_FAVORITE_LIST_STUDIO_ALL, user, &p);
	}
	if (p.bytes > 0)
		stmt_budget(q, a, p.bytes);
	while (stmt_row(q)) {
		if ((int64_t)out->n == p.limit) {
			out->more = true;
			break;
		}
		read_studio_item(q, a, &out->items[out->n++]);
	}
	out->cut = stmt_cut(q);
	out->more |= out->cut;
	return stmt_done(q);
}
