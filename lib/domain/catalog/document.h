/*
 * document: texts that creatives are made of.
 *
 * The owner sees all of the own, everybody else who is signed in those that
 * are public. Favorites of a document outlive it.
 */
#ifndef DOMAIN_CATALOG_DOCUMENT_H
#define DOMAIN_CATALOG_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/catalog/studio.h"

struct document {
	struct studio_head head;
	struct uuid owner;
	const char *title, *content;
	struct strv sources;
	const char *status;
	bool is_public, is_task;
	const char *include_research;
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

/*
 * Those that a list of ids names and the viewer may see, in its order; what is
 * no UUID names none. is_favorite is not told.
 */
enum rc	document_named(struct db *, struct arena *, int64_t viewer,
	    const struct strv *ids, struct document_page *);

/* Members as a body gives them; see catalog_edit_text() and the others. */
struct document_edit {
	const char *title, *content, *status, *include_research;
	struct strv sources;
	int is_public, is_task;
};
extern const struct field_table document_add_table, document_change_table;

/* Lists, changes and import: see studio. */
extern const struct studio_type document_noun;

#endif
