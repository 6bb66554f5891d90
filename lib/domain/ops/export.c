#include "domain/ops/export.h"

#include "domain/common/favoritable.h"

/* Prepares the statement of a page. */
static struct stmt *
begin_page(struct db *db, struct arena *a, enum stmt_id id, int64_t user,
    struct export_page *p)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":user", user);
	stmt_int(q, ":after", p->after);
	stmt_int(q, ":limit", EXPORT_PAGE);
	stmt_budget(q, a, p->bytes);
	p->n = 0;
	return q;
}

static enum rc
end_page(struct stmt *q, struct export_page *p)
{
	p->more = p->n == EXPORT_PAGE || stmt_cut(q);
	return stmt_done(q);
}

enum rc
export_favorites(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_FAVORITES, user, p);
	struct export_favorite *f;

	stmt_int(q, ":kind", p->kind);
	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		f = &p->favorites[p->n++];
		f->kind = (enum favorite_kind)stmt_col_int(q, 0);
		f->entity_id = stmt_col_int(q, 1);
		f->entity = stmt_col_uuid(q, 2);
		f->created_at = stmt_col_int(q, 3);
		f->notify = stmt_col_int(q, 4) != 0;
		f->note = stmt_col_text(q, 5, a);
		p->kind = (int64_t)f->kind;
		p->after = f->entity_id;
	}
	return end_page(q, p);
}

enum rc
export_devices(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_DEVICES, user, p);
	struct export_device *d;

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		d = &p->devices[p->n++];
		p->after = d->id = stmt_col_int(q, 0);
		d->user_agent = stmt_col_text(q, 1, a);
		d->created_at = stmt_col_int(q, 2);
		d->used_at = stmt_col_int(q, 3);
		d->revoked_at = stmt_col_opt(q, 4);
	}
	return end_page(q, p);
}

enum rc
export_redemptions(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_REDEMPTIONS, user, p);
	struct export_redemption *r;

	stmt_int(q, ":kind", p->kind);
	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		r = &p->redemptions[p->n++];
		p->kind = stmt_col_int(q, 0);
		p->after = stmt_col_int(q, 1);
		r->code = stmt_col_text(q, 2, a);
		r->kind = (enum promotion_kind)stmt_col_int(q, 3);
		r->value = stmt_col_int(q, 4);
		r->at = stmt_col_int(q, 5);
	}
	return end_page(q, p);
}

enum rc
export_tickets(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_TICKETS, user, p);
	struct ticket *t;

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		t = &p->tickets[p->n++];
		p->after = t->id = stmt_col_int(q, 0);
		t->subject = stmt_col_text(q, 1, a);
		t->body = stmt_col_text(q, 2, a);
		t->category = (int)stmt_col_int(q, 3);
		t->status = (enum ticket_status)stmt_col_int(q, 4);
		t->session = stmt_col_opt(q, 5);
		t->replies = stmt_col_int(q, 6);
		t->created_at = stmt_col_int(q, 7);
		t->updated_at = stmt_col_int(q, 8);
	}
	return end_page(q, p);
}

enum rc
export_replies(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_REPLIES, user, p);
	struct export_reply *r;

	stmt_int(q, ":kind", p->kind);
	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		r = &p->replies[p->n++];
		p->kind = r->ticket = stmt_col_int(q, 0);
		p->after = r->reply.id = stmt_col_int(q, 1);
		r->reply.kind = (enum reply_kind)stmt_col_int(q, 2);
		r->reply.body = stmt_col_text(q, 3, a);
		r->reply.created_at = stmt_col_int(q, 4);
	}
	return end_page(q, p);
}

enum rc
export_feedback(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_FEEDBACK, user, p);
	struct feedback *f;

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		f = &p->feedback[p->n++];
		p->after = f->id = stmt_col_int(q, 0);
		f->kind = (int)stmt_col_int(q, 1);
		f->rating = stmt_col_int(q, 2);
		f->body = stmt_col_text(q, 3, a);
		f->app = stmt_col_text(q, 4, a);
		f->created_at = stmt_col_int(q, 5);
	}
	return end_page(q, p);
}

enum rc
export_flyers(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_FLYERS, user, p);

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		flyer_row(q, 0, a, &p->flyers[p->n]);
		p->after = p->flyers[p->n++].id;
	}
	return end_page(q, p);
}

enum rc
export_styles(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_STYLES, user, p);

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		style_row(q, 0, a, &p->styles[p->n]);
		p->after = p->styles[p->n++].head.id;
	}
	return end_page(q, p);
}

enum rc
export_creatives(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_CREATIVES, user, p);

	stmt_int(q, ":shared", p->shared);
	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		creative_row(q, 0, a, &p->creatives[p->n]);
		p->after = p->creatives[p->n++].head.id;
	}
	return end_page(q, p);
}

enum rc
export_documents(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_DOCUMENTS, user, p);

	stmt_int(q, ":shared", p->shared);
	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		document_row(q, 0, a, &p->documents[p->n]);
		p->after = p->documents[p->n++].head.id;
	}
	return end_page(q, p);
}

enum rc
export_blocks(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_BLOCKS, user, p);

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		p->after = stmt_col_int(q, 0);
		p->blocks[p->n++] = (struct user_block){ .user = p->after,
		    .username = stmt_col_text(q, 1, a),
		    .created_at = stmt_col_int(q, 2) };
	}
	return end_page(q, p);
}

enum rc
export_reports(struct db *db, struct arena *a, int64_t user,
    struct export_page *p)
{
	struct stmt *q = begin_page(db, a, Q_EXPORT_REPORTS, user, p);

	while (p->n < EXPORT_PAGE && stmt_row(q)) {
		p->after = stmt_col_int(q, 0);
		p->reports[p->n++] = (struct report){ .id = p->after,
		    .user = stmt_col_int(q, 1),
		    .reason = stmt_col_text(q, 2, a),
		    .text = stmt_col_text(q, 3, a),
		    .call = stmt_col_opt(q, 4), .review = stmt_col_opt(q, 5),
		    .flyer = stmt_col_opt(q, 6),
		    .created_at = stmt_col_int(q, 7) };
	}
	return end_page(q, p);
}
