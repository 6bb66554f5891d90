/*
 * document: texts that creatives are made from.
 *
 * All signed-in users see public documents; only the owner sees others. If a
 * document is deleted, its favorites remain.
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
 * Fills a document from a row whose columns, starting at col0, are:
 *
 *	d.id, d.owner_id, d.uuid, o.uuid, d.title, d.content, d.sources,
 *	d.status, d.created_at, d.updated_at, d.is_public, d.is_task,
 *	d.include_research, d.version
 *
 * (document d, its owner o in user). Does not set is_favorite. Returns the next
 * column. If a left join found no row, the id is 0.
 */
int	document_row(struct stmt *, int col0, struct arena *,
	    struct document *);

struct document_page {
	size_t n;
	struct document *v;
	bool more;			/* more rows follow */
	int64_t total;
};

/*
 * Loads the documents of a list of ids that the viewer may see, in its order.
 * Invalid UUIDs are skipped. Does not set is_favorite.
 */
enum rc	document_named(struct db *, struct arena *, int64_t viewer,
	    const struct strv *ids, struct document_page *);

/* Members of a request body; see catalog_edit_text() and others. */
struct document_edit {
	const char *title, *content, *status, *include_research;
	struct strv sources;
	int is_public, is_task;
};
extern const struct field_table document_add_table, document_change_table;

/* Lists, changes and import; see studio.h. */
extern const struct studio_type document_type;

#endif
