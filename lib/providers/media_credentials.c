#include "providers/media_credentials.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/err.h"
#include "crypto/secret_file.h"
#include "providers/agora.h"
#include "providers/turn_credentials.h"

#define URLS	8
#define DAY_S	(DAY / SECOND)

static char certificate[SECRET_FILE_BYTES], callback[SECRET_FILE_BYTES];
static char turn[SECRET_FILE_BYTES];
static bool agora_on;

/* Reads one secret. *out is "" if no file is configured. */
static bool
load_secret(const char *key, const char *file,
    char (*out)[SECRET_FILE_BYTES], const char **why)
{
	size_t n;

	(*out)[0] = '\0';
	return file[0] == '\0' || secret_file_lines(key, file, out, 1, &n, why);
}

bool
media_credentials_start(const struct conf *c, const char **why)
{
	if (!load_secret("rtc.agora_certificate_file",
	    c->agora_certificate_file, &certificate, why) ||
	    !load_secret("rtc.agora_callback_file",
	    c->agora_callback_file, &callback, why) ||
	    !load_secret("rtc.turn_secret_file", c->turn_secret_file,
	    &turn, why))
		return false;
	agora_on = agora_id(c->agora_app_id) && agora_id(certificate);
	if (c->agora_app_id[0] != '\0' && !agora_on)
		*why = "rtc.agora_app_id and the certificate must be 32 "
		    "hexadecimal digits";
	else if (c->rtc_provider == 1 && !agora_on)
		*why = "rtc.provider agora requires rtc.agora_app_id and "
		    "rtc.agora_certificate_file";
	else if (c->turn_urls[0] != '\0' && turn[0] == '\0')
		*why = "rtc.turn_urls requires rtc.turn_secret_file";
	else
		return true;
	return false;
}

bool
media_credentials_agora_on(const struct conf *c)
{
	(void)c;
	return agora_on;
}

const char *
media_credentials_callback_secret(void)
{
	return callback[0] != '\0' ? callback : NULL;
}

/* Returns the seconds from now until `until`, limited to 1 to 86,400. */
static int64_t
seconds_to(int64_t until, int64_t now)
{
	int64_t s = (until - now) / SECOND;

	return s < 1 ? 1 : s > DAY_S ? DAY_S : s;
}

char *
media_credentials_agora_token(struct arena *a, const struct conf *c,
    const struct media_access *to, bool publisher, int64_t *expires)
{
	uint32_t life = (uint32_t)seconds_to(to->until, to->now);
	const struct agora_token t = { .app_id = c->agora_app_id,
	    .certificate = certificate, .channel = to->channel,
	    .uid = arena_fmt(a, "%" PRId64, to->user),
	    .privileges = !publisher ? AGORA_SUBSCRIBER :
	    to->video ? AGORA_PUBLISHER : AGORA_PUBLISHER & ~AGORA_VIDEO,
	    .issued = (uint32_t)(to->now / SECOND), .expire = life,
	    .privilege_expire = life };

	*expires = to->now / SECOND + life;
	return agora_build(a, &t);
}

/* Writes the parts of a comma-separated list as "urls". */
static void
write_urls(struct json_write *j, struct arena *a, const char *list)
{
	char *copy = arena_str(a, list), *one;

	json_write_arr(j, "urls");
	while ((one = strsep(&copy, ", ")) != NULL)
		if (*one != '\0')
			json_write_str(j, NULL, one);
	json_write_arr_end(j);
}

static void
write_ice_servers(struct json_write *j, struct arena *a, const struct conf *c,
    int64_t user, bool credentials, int64_t expires)
{
	struct turn_credentials t;

	json_write_arr(j, "ice_servers");
	if (c->stun_urls[0] != '\0') {
		json_write_obj(j, NULL);
		write_urls(j, a, c->stun_urls);
		json_write_obj_end(j);
	}
	if (credentials && c->turn_urls[0] != '\0') {
		t = turn_credentials(a, turn, expires, user);
		json_write_obj(j, NULL);
		write_urls(j, a, c->turn_urls);
		json_write_str(j, "username", t.name);
		json_write_str(j, "credential", t.password);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
}

void
media_credentials_write(struct json_write *j, const char *key, struct arena *a,
    const struct conf *c, const struct media_access *to)
{
	int64_t expires = to->now / SECOND + seconds_to(to->until, to->now);
	bool credentials = to->until != 0;
	char *token;

	json_write_obj(j, key);
	if (c->rtc_provider == 1) {
		json_write_str(j, "provider", "agora");
		json_write_str(j, "app_id", c->agora_app_id);
		json_write_str(j, "channel", to->channel);
	} else {
		json_write_str(j, "provider", "webrtc");
		json_write_str(j, "channel", to->channel);
		write_ice_servers(j, a, c, to->user, credentials, expires);
	}
	if (credentials && c->rtc_provider == 1) {
		token = media_credentials_agora_token(a, c, to, true,
		    &expires);
		json_write_int(j, "uid", to->user);
		json_write_str(j, "token", token);
	}
	if (credentials)
		json_write_time(j, "expires_at", expires * SECOND);
	json_write_obj_end(j);
}

const char *
media_credentials_event(struct arena *a, const struct conf *c, const char *data,
    const struct media_access *to)
{
	size_t n = strlen(data);
	struct buf b;
	struct json_write j;
	char *text;

	/* If the stored data is not an object, "rtc" cannot be added. */
	if (n < 2 || data[n - 1] != '}')
		return data;
	buf_init(&b, 64 * 1024);
	json_write_init(&j, &b);
	json_write_obj(&j, NULL);
	media_credentials_write(&j, "rtc", a, c, to);
	json_write_obj_end(&j);
	text = arena_fmt(a, "%.*s%s%s", (int)(n - 1), data, n > 2 ? "," : "",
	    b.data + 1);
	buf_free(&b);
	return text;
}
