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

#endif
