#include "fcgi/core/image_json.h"

#include "base/image_store.h"
#include "base/str.h"

/* Writes the URL of media/name, with `insert` before its last '.'. */
static void
render_url(struct json_write *j, const struct conf *conf, const char *key,
    const char *name, const char *insert)
{
	static const char media[] = "/media/";
	size_t base = strlen(conf->base_url), n, more = strlen(insert), dot;
	char url[512], *at = url;
	const char *p;

	n = name == NULL ? 0 : strlen(name);
	if (n == 0 || base + sizeof(media) + n + more > sizeof(url)) {
		json_write_null(j, key);
		return;
	}
	p = strrchr(name, '.');
	dot = p == NULL ? n : (size_t)(p - name);
	/* Lists call this for each row, so it does not use printf(). */
	at = mempcpy(at, conf->base_url, base);
	at = mempcpy(at, media, sizeof(media) - 1);
	at = mempcpy(at, name, dot);
	at = mempcpy(at, insert, more);
	at = mempcpy(at, name + dot, n - dot);
	json_write_strn(j, key, url, (size_t)(at - url));
}

void
image_json_url(struct json_write *j, const struct conf *conf, const char *key,
    const char *name)
{
	render_url(j, conf, key, name, "");
}

void
image_json_thumb(struct json_write *j, const struct conf *conf,
    const char *key, const char *name)
{
	render_url(j, conf, key, name, IMAGE_STORE_THUMB);
}
