#include "fcgi/routes/catalog/catalog_json.h"

/* Degrees; null where there is no place. */
static void
degrees(struct jout *j, const char *key, int64_t micro)
{
	if (micro == INT64_MIN)
		jout_null(j, key);
	else
		jout_fixed(j, key, micro, 6);
}

void
flyer_render(struct jout *j, const char *key, const struct flyer *f)
{
	jout_obj(j, key);
	jout_int(j, "id", f->id);
	jout_str(j, "title", f->title);
	jout_str(j, "description", f->description);
	jout_str(j, "image_url", f->image_url);
	jout_str(j, "category", f->category);
	degrees(j, "latitude", f->lat);
	degrees(j, "longitude", f->lng);
	jout_str(j, "address", f->address);
	jout_time(j, "valid_from", f->valid_from);
	jout_time(j, "valid_until", f->valid_until);
	jout_int(j, "publisher_id", f->publisher_id);
	jout_int(j, "favorites_count", f->favorites_count);
	jout_bool(j, "is_favorited", f->is_favorited);
	jout_time(j, "created_at", f->created_at);
	jout_obj_end(j);
}

void
destination_render(struct jout *j, const char *key,
    const struct destination *d)
{
	jout_obj(j, key);
	jout_uuid(j, "id", &d->uuid);
	jout_str(j, "name", d->name);
	jout_str(j, "city", d->city);
	jout_str(j, "country", d->country);
	jout_str(j, "thumbnail_url", d->thumbnail_url);
	jout_str(j, "summary", d->summary);
	jout_strv(j, "images", &d->images);
	degrees(j, "latitude", d->lat);
	degrees(j, "longitude", d->lng);
	jout_int(j, "favorites_count", d->favorites_count);
	jout_bool(j, "is_favorited", d->is_favorited);
	jout_time(j, "created_at", d->created_at);
	jout_time(j, "updated_at", d->updated_at);
	jout_obj_end(j);
}

void
style_members(struct jout *j, const struct style *s)
{
	jout_uuid(j, "id", &s->head.uuid);
	jout_uuid(j, "user_id", &s->owner);
	jout_str(j, "name", s->name);
	jout_str(j, "html_url", s->html_url);
	jout_str(j, "screenshot_url", s->screenshot_url);
	jout_time(j, "created_at", s->head.created_at);
	jout_time(j, "updated_at", s->head.updated_at);
}

void
style_render(struct jout *j, const char *key, const struct style *s)
{
	jout_obj(j, key);
	style_members(j, s);
	jout_obj_end(j);
}

void
creative_members(struct jout *j, const struct creative *c)
{
	jout_uuid(j, "id", &c->head.uuid);
	jout_uuid(j, "collection_id", &c->collection);
	jout_uuid(j, "creative_format_id", &c->format);
	jout_uuid(j, "style_id", &c->style);
	jout_strv(j, "document_ids", &c->document_ids);
	jout_strv(j, "asset_ids", &c->asset_ids);
	jout_str(j, "html_url", c->html_url);
	jout_str(j, "draft_url", c->draft_url);
	jout_str(j, "bundle_id", c->bundle_id);
	jout_str(j, "screenshot_url", c->screenshot_url);
	jout_bool(j, "is_published", c->is_published);
	jout_str(j, "publish_url", c->publish_url);
	jout_time(j, "created_at", c->head.created_at);
	jout_time(j, "updated_at", c->head.updated_at);
}

void
creative_render(struct jout *j, const char *key, const struct creative *c)
{
	jout_obj(j, key);
	creative_members(j, c);
	jout_obj_end(j);
}

void
document_members(struct jout *j, const struct document *d)
{
	jout_uuid(j, "id", &d->head.uuid);
	jout_uuid(j, "user_id", &d->owner);
	jout_str(j, "title", d->title);
	jout_str(j, "content", d->content);
	jout_strv(j, "sources", &d->sources);
	jout_str(j, "status", d->status);
	jout_time(j, "created_at", d->head.created_at);
	jout_time(j, "updated_at", d->head.updated_at);
	jout_bool(j, "is_public", d->is_public);
	jout_bool(j, "is_task", d->is_task);
	jout_str(j, "include_research", d->include_research);
}

void
document_render(struct jout *j, const char *key, const struct document *d)
{
	jout_obj(j, key);
	document_members(j, d);
	jout_obj_end(j);
}
