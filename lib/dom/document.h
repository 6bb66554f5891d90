/*
 * document: texts that creatives are made of.
 *
 * The owner sees all of the own, everybody else who is signed in those that
 * are public. Favorites of a document outlive it.
 */
#ifndef DOM_DOCUMENT_H
#define DOM_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "dom/catalog.h"

struct document {
	int64_t id, owner_id;
	struct uuid uuid, owner;
	const char *title, *content;
	struct strv sources;
	const char *status;
	bool is_public, is_task;
	const char *include_research;
	int64_t created_at, updated_at, version;
	bool is_favorite;		/* of whom it is shown to */
};

/*
 * Fill a document from a row whose columns from col0 on are, in this order:
 *
 *	d.id, d.owner_id, d.uuid, o.uuid, d.title, d.content, d.sources,
 *	d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
 *	d.include_research, d.version
 *
 * (document d, its owner o in user). is_favorite is left alone. Returns the
 * column behind them. A row of a left join that found nothing has id 0.
 */
int	document_row(struct stmt *, int col0, struct arena *,
	    struct document *);

struct document_page {
	size_t n;
	struct document *v;
	bool more;			/* there are rows behind these */
	int64_t total;
};

/* A page of what the viewer may see, or of the own, newest first. */
enum rc	document_list(struct db *, struct arena *, int64_t viewer, bool own,
	    const struct span *, struct document_page *);
/*
 * Those that a list of ids names and the viewer may see, in its order; what is
 * no UUID names none. is_favorite is not told.
 */
enum rc	document_named(struct db *, struct arena *, int64_t viewer,
	    const struct strv *ids, struct document_page *);
/* RC_NOT_FOUND: none that the viewer may see; err says it. */
enum rc	document_get(struct db *, struct arena *, const struct uuid *,
	    int64_t viewer, struct document *, struct err *);

/* Members as a body gives them; see edit_text() and the others. */
struct document_edit {
	const char *title, *content, *status, *include_research;
	struct strv sources;
	int is_public, is_task;
};
extern const struct field_table document_add_table, document_change_table;

/*
 * Make, change, take away; the document as it is then. RC_FORBIDDEN: it is
 * somebody else's that the editor may see.
 */
enum rc	document_add(struct db *, struct arena *, const struct editor *,
	    const struct document_edit *, struct document *, struct err *);
enum rc	document_change(struct db *, struct arena *, const struct editor *,
	    const struct uuid *, const struct document_edit *,
	    struct document *, struct err *);
enum rc	document_remove(struct db *, struct arena *, const struct editor *,
	    const struct uuid *, struct err *);
/*
 * Import a row: add it, or bring the row of that source to what is given.
 * RC_INVALID: err has the wrong fields.
 */
enum rc	document_put(struct db *, struct arena *, const struct source *,
	    const struct document_edit *, enum put *, struct err *);

#endif
