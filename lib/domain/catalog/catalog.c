#include "domain/catalog/catalog.h"

#include "domain/common/audit.h"
#include "domain/common/id_page.h"
#include "domain/common/text_list.h"

enum rc
catalog_page_ids(struct stmt *q, struct arena *arena,
    const struct span *span, int64_t first, struct id_page *ids)
{
	stmt_int(q, ":id", span->after ? span->id : first);
	return id_page_read(q, arena, span->limit, span->after ? 0 :
	    span->offset, ids);
}

enum rc
catalog_count(struct stmt *q, int64_t *n)
{
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

void
catalog_bind_filter(struct stmt *q, const char *name, const char *value)
{
	stmt_text(q, name, value != NULL && *value != '\0' ? value : NULL);
}

enum rc
catalog_editor_state(struct db *db, struct arena *arena, enum stmt_id id,
    int64_t row, const char **json)
{
	struct stmt *q = stmt_get(db, id);

	*json = NULL;
	stmt_int(q, ":id", row);
	if (stmt_row(q))
		*json = stmt_col_text(q, 0, arena);
	return stmt_done(q);
}

enum rc
catalog_editor_audit(struct db *db, const struct editor *by, const char *action,
    const char *target, const char *before, const char *after)
{
	struct audit_by audit = { .actor = by->user,
	    .request_id = by->request_id, .now = by->now };

	return audit_add(db, &audit, action, target, before, after);
}

void
catalog_edit_text(const char **to, const char *edit, bool *changed)
{
	if (edit == NULL)
		return;
	if (*edit == '\0')
		edit = NULL;
	if (edit == NULL ? *to != NULL : *to == NULL || !str_eq(*to, edit))
		*changed = true;
	*to = edit;
}

void
catalog_edit_num(int64_t *to, int64_t edit, bool *changed)
{
	if (edit == FIELD_NONE)
		return;
	if (edit == FIELD_CLEARED)
		edit = INT64_MIN;
	if (*to != edit)
		*changed = true;
	*to = edit;
}

void
catalog_edit_bool(bool *to, int edit, bool *changed)
{
	if (edit < 0)
		return;
	if (*to != (edit != 0))
		*changed = true;
	*to = edit != 0;
}

void
catalog_edit_uuid(struct uuid *to, const struct uuid *edit, bool *changed)
{
	struct uuid value = *edit, all;

	if (uuid_nil(edit))
		return;
	memset(&all, 0xff, sizeof(all));
	if (memcmp(edit, &all, sizeof(all)) == 0)
		memset(&value, 0, sizeof(value));
	if (memcmp(to, &value, sizeof(value)) != 0)
		*changed = true;
	*to = value;
}

void
catalog_edit_list(struct arena *arena, struct strv *to, const struct strv *edit,
    bool *changed)
{
	struct strv list;
	size_t i;

	if (edit->v == NULL)
		return;
	list = text_list_split(arena, text_list_join(arena, edit));
	for (i = 0; i < list.n && i < to->n; i++)
		if (!str_eq(list.v[i], to->v[i]))
			break;
	if (i < list.n || i < to->n)
		*changed = true;
	*to = list;
}

/*
 * Returns whether the text is an absolute http or https URL of visible ASCII
 * characters.
 */
static bool
is_url(const char *s)
{
	static const char unsafe[] = "\"<>\\^`{|}";
	const char *host;

	if (strncasecmp(s, "https://", 8) == 0)
		host = s + 8;
	else if (strncasecmp(s, "http://", 7) == 0)
		host = s + 7;
	else
		return false;
	if (strchr("/?#:", *host) != NULL)
		return false;
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~' || strchr(unsafe, *s) != NULL)
			return false;
	return true;
}

enum rc
catalog_check_url(struct err *err, const char *name, const char *url)
{
	return url == NULL || is_url(url) ? RC_OK :
	    err_field(err, name, "must be an http or https URL");
}

enum rc
catalog_check_urls(struct err *err, const char *name, const struct strv *urls)
{
	size_t i;

	for (i = 0; i < urls->n; i++)
		if (!is_url(urls->v[i]))
			return err_field(err, name,
			    "must be a list of http or https URLs");
	return RC_OK;
}

enum rc
catalog_check_place(struct err *err, int64_t lat, int64_t lng)
{
	if ((lat == INT64_MIN) == (lng == INT64_MIN))
		return RC_OK;
	return err_field(err, lat == INT64_MIN ? "latitude" : "longitude",
	    "must be given with the other coordinate");
}

enum rc
catalog_source_uuid(struct db *db, enum stmt_id id, const struct source *from,
    struct uuid *uuid)
{
	struct stmt *q = stmt_get(db, id);

	*uuid = (struct uuid){ { 0 } };
	stmt_text(q, ":source", from->key);
	if (stmt_row(q))
		*uuid = stmt_col_uuid(q, 0);
	return stmt_done(q);
}

enum rc
catalog_source_taken(enum rc rc, struct err *err)
{
	return rc != RC_CONFLICT ? rc :
	    err_field(err, "id", "is taken by another row");
}

/*
 * Returns a lower bound of the cosine of an angle in [0, 90] degrees: the first
 * terms of its series.
 */
static double
cos_lower_bound(double degrees)
{
	double x = degrees * (3.14159265358979 / 180), xx = x * x;

	return 1 - xx / 2 * (1 - xx / 12 * (1 - xx / 30));
}

void
catalog_box_around(struct box *box, int64_t lat, int64_t lng, int64_t meters)
{
	int64_t high = meters * 9 + 1;	/* 10^-6 degree is 0.1112 m */
	int64_t pole = (lat < 0 ? -lat : lat) + high;
	double cos_far, half_width;

	*box = (struct box){ lat - high, lat + high, -180000000, 180000000 };
	if (pole >= 89000000)
		return;
	/*
	 * asin(x) <= x * pi / 2. Parallels are shortest at the edge nearest the
	 * pole.
	 */
	cos_far = cos_lower_bound((double)pole / 1e6);
	half_width = 1.5708 * (double)high / cos_far + 1;
	if (half_width > 180e6 || lng - (int64_t)half_width < -180000000 ||
	    lng + (int64_t)half_width > 180000000)
		return;
	box->west = lng - (int64_t)half_width;
	box->east = lng + (int64_t)half_width;
}
