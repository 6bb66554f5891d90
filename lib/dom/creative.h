/*
 * creative: pages made in a style out of documents; drafts until published.
 *
 * The owner sees drafts and published ones, everybody else who is signed in
 * the published ones. Favorites of a creative outlive it. What it refers to
 * (style, documents, collection, format) may be gone.
 */
#ifndef DOM_CREATIVE_H
#define DOM_CREATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "dom/catalog.h"

struct creative {
	int64_t id, owner_id;
	struct uuid uuid;
	struct uuid collection, format, style;	/* nil: none */
	struct strv document_ids, asset_ids;
	const char *html_url, *draft_url, *bundle_id, *screenshot_url;
	bool is_published;
	const char *publish_url;
	int64_t created_at, updated_at, version;
	bool is_favorite;		/* of whom it is shown to */
};

/*
 * Fill a creative from a row whose columns from col0 on are, in this order:
 *
 *	c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
 *	c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
 *	c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
 *	c.created_at, c.updated_at, c.version
 *
 * (creative c). is_favorite is left alone. Returns the column behind them. A
 * row of a left join that found nothing has id 0.
 */
int	creative_row(struct stmt *, int col0, struct arena *,
	    struct creative *);

/* What a list is to show. */
struct creative_query {
	struct uuid collection;		/* nil: all */
	bool own;			/* the viewer's alone */
};

struct creative_page {
	size_t n;
	struct creative *v;
	bool more;			/* there are rows behind these */
	int64_t total;
};

/* A page of what the viewer may see, newest first. */
enum rc	creative_list(struct db *, struct arena *, int64_t viewer,
	    const struct creative_query *, const struct span *,
	    struct creative_page *);
/* RC_NOT_FOUND: none that the viewer may see; err says it. */
enum rc	creative_get(struct db *, struct arena *, const struct uuid *,
	    int64_t viewer, struct creative *, struct err *);

/* Members as a body gives them; see edit_text() and the others. */
struct creative_edit {
	struct uuid collection, format, style;
	struct strv document_ids, asset_ids;
	const char *html_url, *draft_url, *bundle_id, *screenshot_url,
	    *publish_url;
	int is_published;
};
extern const struct field_table creative_table;

/*
 * Make, change, take away; the creative as it is then. RC_FORBIDDEN: it is
 * somebody else's that the editor may see.
 */
enum rc	creative_add(struct db *, struct arena *, const struct editor *,
	    const struct creative_edit *, struct creative *, struct err *);
enum rc	creative_change(struct db *, struct arena *, const struct editor *,
	    const struct uuid *, const struct creative_edit *,
	    struct creative *, struct err *);
enum rc	creative_remove(struct db *, struct arena *, const struct editor *,
	    const struct uuid *, struct err *);
/*
 * Import a row: add it, or bring the row of that source to what is given.
 * RC_INVALID: err has the wrong fields.
 */
enum rc	creative_put(struct db *, struct arena *, const struct source *,
	    const struct creative_edit *, enum put *, struct err *);

#endif
