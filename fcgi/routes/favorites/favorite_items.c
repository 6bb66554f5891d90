#include "fcgi/routes/favorites/favorite_items.h"

#include "domain/catalog/destination.h"
#include "domain/catalog/flyer.h"
#include "domain/common/id_page.h"
#include "fcgi/core/item_cache.h"
#include "fcgi/routes/catalog/catalog_json.h"

/* The objects of items that are not kept. */
struct objects {
	bool flyers;
	struct flyer_page flyer;
	struct destination_page destination;
};

static struct item_key
key_of(const struct favorite_items *l, size_t i)
{
	return (struct item_key){ l->kind, l->refs->v[i].entity_id,
	    l->refs->v[i].revision };
}

/*
 * Finds the items that no change of the catalog concerns. Returns whether all
 * revisions are known.
 */
static bool
find_current(struct favorite_items *l)
{
	bool all = true;
	size_t i;

	for (i = 0; i < l->refs->n; i++) {
		struct item_key key = key_of(l, i);

		if (key.revision != 0)
			continue;
		l->v[i].json = item_cache_current(&key, l->catalog,
		    &l->v[i].len);
		l->refs->v[i].revision = key.revision;
		all = all && key.revision != 0;
	}
	return all;
}

/*
 * Finds the items that are kept by their revisions. confirm: some of the
 * revisions were read now.
 */
static void
find_kept(struct favorite_items *l, bool confirm)
{
	size_t i;

	for (i = 0; i < l->refs->n; i++) {
		struct item_key key = key_of(l, i);

		if (l->v[i].json != NULL)
			continue;
		l->v[i].json = item_cache_get(&key, &l->v[i].len);
		if (confirm)
			item_cache_confirm(&key, l->catalog);
	}
}

enum rc
favorite_items_find(struct req *req, struct arena *arena, int kind,
    int64_t catalog, struct favorite_refs *refs, struct favorite_items *l)
{
	enum rc rc = RC_OK;
	bool known;

	*l = (struct favorite_items){ kind, catalog, refs,
	    arena_zalloc(arena, refs->n, sizeof(*l->v)) };
	known = find_current(l);
	if (!known)
		rc = favorite_list_revisions(req->db, arena,
		    kind == FAVORITE_ITEM_FLYER ? FAVORITE_FLYER :
		    FAVORITE_DESTINATION, refs);
	if (rc == RC_OK)
		find_kept(l, !known);
	return rc;
}

/* Returns the ids of the items that were not found. */
static struct id_page
list_absent(const struct favorite_items *l, struct arena *arena)
{
	struct id_page absent = { .n = 0 };
	size_t i;

	for (i = 0; i < l->refs->n; i++) {
		if (l->v[i].json != NULL)
			continue;
		if (absent.v == NULL)
			absent.v = arena_zalloc(arena, l->refs->n,
			    sizeof(*absent.v));
		absent.v[absent.n++] = l->refs->v[i].entity_id;
	}
	return absent;
}

static enum rc
read_objects(struct req *req, struct arena *arena, const struct id_page *ids,
    size_t bytes, struct objects *o)
{
	return o->flyers ?
	    flyer_items(req->db, arena, ids, bytes, 0, &o->flyer) :
	    destination_items(req->db, arena, ids, bytes, 0, &o->destination);
}

static size_t
object_count(const struct objects *o)
{
	return o->flyers ? o->flyer.n : o->destination.n;
}

static int64_t
object_id(const struct objects *o, size_t k)
{
	return o->flyers ? o->flyer.v[k].id : o->destination.v[k].id;
}

static void
destination_members(struct json_write *j, int kind, const struct destination *d)
{
	json_write_uuid(j, "destination_id", &d->uuid);
	json_write_str(j, "destination_name", d->name);
	json_write_str(j, "city", d->city);
	json_write_str(j, "country", d->country);
	json_write_str(j, "thumbnail_url", d->thumbnail_url);
	if (kind & FAVORITE_ITEM_SUMMARY)
		json_write_str(j, "summary", d->summary);
	if (kind & FAVORITE_ITEM_IMAGES)
		json_write_strv(j, "images", &d->images);
}

static void
render_object(const struct conf *conf, struct arena *arena, int kind,
    const struct objects *o, size_t k, struct favorite_item *item)
{
	struct json_write j;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	if (o->flyers)
		catalog_json_flyer_members(&j, conf, &o->flyer.v[k]);
	else
		destination_members(&j, kind, &o->destination.v[k]);
	json_write_obj_end(&j);
	*item = (struct favorite_item){ .is_new = true,
	    .json = arena_strn(arena, b.data, b.len), .len = b.len };
	buf_free(&b);
}

/* Renders the objects. Returns the number of items up to the last of them. */
static size_t
add_objects(const struct conf *conf, struct favorite_items *l,
    struct arena *arena, const struct objects *o)
{
	size_t i, k = 0, n = object_count(o);

	for (i = 0; i < l->refs->n && k < n; i++)
		if (l->v[i].json == NULL &&
		    l->refs->v[i].entity_id == object_id(o, k))
			render_object(conf, arena, l->kind, o, k++, &l->v[i]);
	return i;
}

enum rc
favorite_items_read(struct req *req, struct arena *arena, size_t bytes,
    struct favorite_items *l)
{
	struct objects o = { .flyers = l->kind == FAVORITE_ITEM_FLYER };
	struct id_page absent = list_absent(l, arena);
	size_t n;
	enum rc rc;

	if (absent.n == 0)
		return RC_OK;
	rc = read_objects(req, arena, &absent, bytes, &o);
	if (rc != RC_OK)
		return rc;
	n = add_objects(req->conf, l, arena, &o);
	if (o.flyer.more || o.destination.more) {
		l->refs->n = n;
		l->refs->more = true;
	}
	return RC_OK;
}

void
favorite_items_keep(const struct favorite_items *l)
{
	size_t i;

	for (i = 0; i < l->refs->n; i++) {
		struct item_key key = key_of(l, i);

		if (!l->v[i].is_new)
			continue;
		item_cache_put(&key, l->v[i].json);
		item_cache_confirm(&key, l->catalog);
	}
}
