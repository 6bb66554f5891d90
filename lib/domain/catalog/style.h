/*
 * style: the designs of creatives.
 *
 * All signed-in users see every style; only the owner may change it. If a style
 * is deleted, its favorites remain.
 */
#ifndef DOMAIN_CATALOG_STYLE_H
#define DOMAIN_CATALOG_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/catalog/studio.h"

struct style {
	struct studio_head head;
	struct uuid owner;
	const char *name, *html_url, *screenshot_url;
};

/*
 * Fills a style from a row whose columns, starting at col0, are:
 *
 *	s.id, s.owner_id, s.uuid, o.uuid, s.name, s.html_url, s.screenshot_url,
 *	s.created_at, s.updated_at, s.version
 *
 * (style s, its owner o in user). Does not set is_favorite. Returns the next
 * column. If a left join found no row, the id is 0.
 */
int	style_row(struct stmt *, int col0, struct arena *, struct style *);

/* Members of a request body; see catalog_edit_text(). */
struct style_edit {
	const char *name, *html_url, *screenshot_url;
};
extern const struct field_table style_add_table, style_change_table;

/* Lists, changes and import; see studio.h. */
extern const struct studio_type style_type;

#endif
