/*
 * style: the looks that creatives are made with.
 *
 * Everybody signed in sees every style; its owner alone changes it. Favorites
 * of a style outlive it.
 */
#ifndef DOM_STYLE_H
#define DOM_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"
#include "dom/catalog.h"

struct style {
	int64_t id, owner_id;
	struct uuid uuid, owner;
	const char *name, *html_url, *screenshot_url;
	int64_t created_at, updated_at, version;
	bool is_favorite;		/* of whom it is shown to */
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

struct style_page {
	size_t n;
	struct style *v;
	bool more;			/* there are rows behind these */
	int64_t total;
};

/* A page of all styles, or of the viewer's own, newest first. */
enum rc	style_list(struct db *, struct arena *, int64_t viewer, bool own,
	    const struct span *, struct style_page *);
/* RC_NOT_FOUND: err says "Style not found". */
enum rc	style_get(struct db *, struct arena *, const struct uuid *,
	    int64_t viewer, struct style *, struct err *);

/* Members as a body gives them; see edit_text(). */
struct style_edit {
	const char *name, *html_url, *screenshot_url;
};
extern const struct field_table style_add_table, style_change_table;

/* Make, change, take away; the style as it is then. RC_FORBIDDEN: not own. */
enum rc	style_add(struct db *, struct arena *, const struct editor *,
	    const struct style_edit *, struct style *, struct err *);
enum rc	style_change(struct db *, struct arena *, const struct editor *,
	    const struct uuid *, const struct style_edit *, struct style *,
	    struct err *);
enum rc	style_remove(struct db *, struct arena *, const struct editor *,
	    const struct uuid *, struct err *);
/*
 * Import a row: add it, or bring the row of that source to what is given.
 * RC_INVALID: err has the wrong fields.
 */
enum rc	style_put(struct db *, struct arena *, const struct source *,
	    const struct style_edit *, enum put *, struct err *);

#endif
