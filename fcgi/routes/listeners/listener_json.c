#include "base/str.h"
#include "fcgi/routes/listeners/listener_json.h"

void
card_image(struct jout *j, const struct conf *conf, const char *image)
{
	static const char media[] = "/media/";
	size_t base = strlen(conf->base_url), n;
	char url[512];

	n = image == NULL ? 0 : strlen(image);
	if (n == 0 || base + sizeof(media) + n > sizeof(url)) {
		jout_null(j, "profile_image_url");
		return;
	}
	/* In every card of every list: no printf. */
	memcpy(url, conf->base_url, base);
	memcpy(url + base, media, sizeof(media) - 1);
	memcpy(url + base + sizeof(media) - 1, image, n);
	jout_strn(j, "profile_image_url", url, base + sizeof(media) - 1 + n);
}

void
card_render(struct jout *j, const struct conf *conf,
    const struct listener_card *c)
{
	jout_int(j, "user_id", c->user_id);
	jout_str(j, "username", c->username);
	jout_str(j, "sex", c->sex);
	jout_str(j, "bio", c->bio);
	jout_strv(j, "interests", &c->interests);
	card_image(j, conf, c->image);
	jout_str(j, "preferred_language", c->preferred_language);
	jout_fixed(j, "rating", c->rating, 1);
	jout_str(j, "country", c->country);
	jout_bool(j, "is_online", c->is_online);
	jout_time(j, "last_seen", c->last_seen);
	jout_bool(j, "is_busy", c->is_busy);
	jout_opt(j, "wait_time", c->wait_time);
	jout_bool(j, "is_available", c->is_available);
}

void
listener_members(struct jout *j, const struct conf *conf,
    const struct listener_item *item, enum card_view view)
{
	card_render(j, conf, &item->card);
	jout_strv(j, "languages", &item->languages);
	jout_int(j, "rate_per_minute", item->rate);
	jout_str(j, "currency", conf->currency);
	jout_int(j, "sessions_count", item->sessions);
	jout_int(j, "reviews_count", item->reviews);
	jout_int(j, "favorites_count", item->favorites);
	if (view == VIEW_SIGNED_IN)
		jout_bool(j, "is_favorited", item->is_favorited);
	if (view != VIEW_OWN)
		return;
	jout_str(j, "verification", verification_words[item->verification]);
	jout_str(j, "rejection_reason", item->reason);
	jout_time(j, "registered_at", item->registered_at);
}
