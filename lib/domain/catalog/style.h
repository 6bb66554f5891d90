/*
 * style: the looks that creatives are made with.
 *
 * Everybody signed in sees every style; its owner alone changes it. Favorites
 * of a style outlive it.
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
 * Fill a style from a row whose columns from col0 on are, in this order:
 *
 *	s.id, s.owner_id, s.uuid, o.uuid, s.name, s.html_url, s.screenshot_url,
 *	s.created_at, s.updated_at, s.version
 *
 * (style s, its owner o in user). is_favorite is left alone. Returns the
 * column behind them. A row of a left join that found nothing has id 0.
 */
int	style_row(struct stmt *, int col0, struct arena *, struct style *);

/* Members as a body gives them; see catalog_edit_text(). */
struct style_edit {
	const char *name, *html_url, *screenshot_url;
};
extern const struct field_table style_add_table, style_change_table;

/* Lists, changes and import: see studio. */
extern const struct studio_type style_noun;

#endif
