#include "fcgi/routes/catalog/catalog_json.h"

#include "fcgi/core/image_json.h"

/*
 * Writes a coordinate in degrees. micro: millionths of a degree, or INT64_MIN
 * for null.
 */
static void
degrees(struct json_write *j, const char *key, int64_t micro)
{
	if (micro == INT64_MIN)
		json_write_null(j, key);
	else
		json_write_fixed(j, key, micro, 6);
}

void
catalog_json_flyer_members(struct json_write *j, const struct conf *conf,
    const struct flyer *f)
{
	json_write_int(j, "id", f->id);
	json_write_str(j, "title", f->title);
	json_write_str(j, "description", f->description);
	if (f->image != NULL)
		image_json_url(j, conf, "image_url", f->image);
	else
		json_write_str(j, "image_url", f->image_url);
	image_json_thumb(j, conf, "image_thumb_url", f->image);
	json_write_str(j, "category", f->category);
	degrees(j, "latitude", f->lat);
	degrees(j, "longitude", f->lng);
	json_write_str(j, "address", f->address);
	json_write_time(j, "valid_from", f->valid_from);
	json_write_time(j, "valid_until", f->valid_until);
	json_write_int(j, "publisher_id", f->publisher_id);
	json_write_time(j, "created_at", f->created_at);
}

void
catalog_json_flyer_favorites(struct json_write *j, int64_t count,
    bool is_favorited)
{
	json_write_int(j, "favorites_count", count);
	json_write_bool(j, "is_favorited", is_favorited);
}

void
catalog_json_flyer_render(struct json_write *j, const struct conf *conf,
    const char *key, const struct flyer *f)
{
	json_write_obj(j, key);
	catalog_json_flyer_members(j, conf, f);
	catalog_json_flyer_favorites(j, f->favorites_count, f->is_favorited);
	if (f->distance != INT64_MIN)
		json_write_int(j, "distance_meters", f->distance);
	json_write_obj_end(j);
}

void
catalog_json_destination_render(struct json_write *j, const char *key,
    const struct destination *d)
{
	json_write_obj(j, key);
	json_write_uuid(j, "id", &d->uuid);
	json_write_str(j, "name", d->name);
	json_write_str(j, "city", d->city);
	json_write_str(j, "country", d->country);
	json_write_str(j, "thumbnail_url", d->thumbnail_url);
	json_write_str(j, "summary", d->summary);
	json_write_strv(j, "images", &d->images);
	degrees(j, "latitude", d->lat);
	degrees(j, "longitude", d->lng);
	json_write_int(j, "favorites_count", d->favorites_count);
	json_write_bool(j, "is_favorited", d->is_favorited);
	json_write_time(j, "created_at", d->created_at);
	json_write_time(j, "updated_at", d->updated_at);
	json_write_obj_end(j);
}

void
catalog_json_style_members(struct json_write *j, const struct style *s)
{
	json_write_uuid(j, "id", &s->head.uuid);
	json_write_uuid(j, "user_id", &s->owner);
	json_write_str(j, "name", s->name);
	json_write_str(j, "html_url", s->html_url);
	json_write_str(j, "screenshot_url", s->screenshot_url);
	json_write_time(j, "created_at", s->head.created_at);
	json_write_time(j, "updated_at", s->head.updated_at);
}

void
catalog_json_style_render(struct json_write *j, const char *key,
    const struct style *s)
{
	json_write_obj(j, key);
	catalog_json_style_members(j, s);
	json_write_obj_end(j);
}

void
catalog_json_creative_members(struct json_write *j, const struct creative *c)
{
	json_write_uuid(j, "id", &c->head.uuid);
	json_write_uuid(j, "collection_id", &c->collection);
	json_write_uuid(j, "creative_format_id", &c->format);
	json_write_uuid(j, "style_id", &c->style);
	json_write_strv(j, "document_ids", &c->document_ids);
	json_write_strv(j, "asset_ids", &c->asset_ids);
	json_write_str(j, "html_url", c->html_url);
	json_write_str(j, "draft_url", c->draft_url);
	json_write_str(j, "bundle_id", c->bundle_id);
	json_write_str(j, "screenshot_url", c->screenshot_url);
	json_write_bool(j, "is_published", c->is_published);
	json_write_str(j, "publish_url", c->publish_url);
	json_write_time(j, "created_at", c->head.created_at);
	json_write_time(j, "updated_at", c->head.updated_at);
}

void
catalog_json_creative_render(struct json_write *j, const char *key,
    const struct creative *c)
{
	json_write_obj(j, key);
	catalog_json_creative_members(j, c);
	json_write_obj_end(j);
}

void
catalog_json_document_members(struct json_write *j, const struct document *d)
{
	json_write_uuid(j, "id", &d->head.uuid);
	json_write_uuid(j, "user_id", &d->owner);
	json_write_str(j, "title", d->title);
	json_write_str(j, "content", d->content);
	json_write_strv(j, "sources", &d->sources);
	json_write_str(j, "status", d->status);
	json_write_time(j, "created_at", d->head.created_at);
	json_write_time(j, "updated_at", d->head.updated_at);
	json_write_bool(j, "is_public", d->is_public);
	json_write_bool(j, "is_task", d->is_task);
	json_write_str(j, "include_research", d->include_research);
}

void
catalog_json_document_render(struct json_write *j, const char *key,
    const struct document *d)
{
	json_write_obj(j, key);
	catalog_json_document_members(j, d);
	json_write_obj_end(j);
}
