#include "fcgi/core/image_json.h"
#include "fcgi/routes/listeners/listener_json.h"

void
listener_json_image(struct json_write *j, const struct conf *conf,
    const char *image)
{
	image_json_url(j, conf, "profile_image_url", image);
	image_json_thumb(j, conf, "profile_image_thumb_url", image);
}

void
listener_json_render(struct json_write *j, const struct conf *conf,
    const struct listener_card *c)
{
	json_write_int(j, "user_id", c->user_id);
	json_write_str(j, "username", c->username);
	json_write_str(j, "sex", c->sex);
	json_write_str(j, "bio", c->bio);
	json_write_strv(j, "interests", &c->interests);
	listener_json_image(j, conf, c->image);
	json_write_str(j, "preferred_language", c->preferred_language);
	json_write_fixed(j, "rating", c->rating, 1);
	json_write_str(j, "country", c->country);
	json_write_bool(j, "is_online", c->is_online);
	json_write_time(j, "last_seen", c->last_seen);
	json_write_bool(j, "is_busy", c->is_busy);
	json_write_opt(j, "wait_time", c->wait_time);
	json_write_bool(j, "is_available", c->is_available);
	json_write_time(j, "next_available_at", listener_card_next(c));
}

/* Writes the offered kinds and their rates. */
static void
render_rates(struct json_write *j, const struct conf *conf,
    const struct listener_rates *rates)
{
	json_write_arr(j, "kinds");
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (rates->v[kind] != INT64_MIN)
			json_write_str(j, NULL, listener_kind_names[kind]);
	json_write_arr_end(j);
	json_write_obj(j, "rates");
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (rates->v[kind] != INT64_MIN)
			json_write_int(j, listener_kind_names[kind],
			    listener_rate_shown(conf, rates->v[kind]));
	json_write_obj_end(j);
}

void
listener_json_members(struct json_write *j, const struct conf *conf,
    const struct listener_item *item, enum listener_json_view view)
{
	listener_json_render(j, conf, &item->card);
	json_write_strv(j, "languages", &item->languages);
	json_write_int(j, "rate_per_minute",
	    listener_rate_shown(conf, item->rate));
	render_rates(j, conf, &item->rates);
	json_write_str(j, "currency", conf->currency);
	json_write_int(j, "sessions_count", item->sessions);
	json_write_int(j, "reviews_count", item->reviews);
	json_write_int(j, "favorites_count", item->favorites);
	if (view == LISTENER_JSON_SIGNED_IN)
		json_write_bool(j, "is_favorited", item->is_favorited);
	if (view != LISTENER_JSON_OWN)
		return;
	json_write_str(j, "verification",
	    verification_names[item->verification]);
	json_write_str(j, "rejection_reason", item->reason);
	json_write_time(j, "registered_at", item->registered_at);
}
