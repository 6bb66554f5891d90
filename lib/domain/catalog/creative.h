/*
 * creative: pages that are made from documents in a style. They are drafts
 * until they are published.
 *
 * All signed-in users see published creatives; only the owner sees drafts. If a
 * creative is deleted, its favorites remain. The objects that it refers to
 * (style, documents, collection, format) may be deleted.
 */
#ifndef DOMAIN_CATALOG_CREATIVE_H
#define DOMAIN_CATALOG_CREATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/catalog/studio.h"

struct creative {
	struct studio_head head;
	struct uuid collection, format, style;	/* nil: none */
	struct strv document_ids, asset_ids;
	const char *html_url, *draft_url, *bundle_id, *screenshot_url;
	bool is_published;
	const char *publish_url;
};

/*
 * Fills a creative from a row whose columns, starting at col0, are:
 *
 *	c.id, c.owner_id, c.uuid, c.collection_id, c.creative_format_id,
 *	c.style_id, c.document_ids, c.asset_ids, c.html_url, c.draft_url,
 *	c.bundle_id, c.screenshot_url, c.is_published, c.publish_url,
 *	c.created_at, c.updated_at, c.version
 *
 * (creative c). Does not set is_favorite. Returns the next column. If a left
 * join found no row, the id is 0.
 */
int	creative_row(struct stmt *, int col0, struct arena *,
	    struct creative *);

/* Members of a request body; see catalog_edit_text() and others. */
struct creative_edit {
	struct uuid collection, format, style;
	struct strv document_ids, asset_ids;
	const char *html_url, *draft_url, *bundle_id, *screenshot_url,
	    *publish_url;
	int is_published;
};
extern const struct field_table creative_table;

/* Lists, changes and import; see studio.h. */
extern const struct studio_type creative_type;

#endif
