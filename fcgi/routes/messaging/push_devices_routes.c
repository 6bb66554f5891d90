/*
 * push_devices_routes: registers, lists and removes the caller's devices for
 * push messages.
 */
#include "base/hash.h"
#include "domain/messaging/push_device.h"
#include "fcgi/core/routes.h"

#define APNS_TOKEN_MAX	200		/* hex digits; Apple names no maximum */

/* Apple calls the sandbox "development" in entitlements. */
static const char *const environment_words[] = {
	"production", "sandbox", "development", NULL
};

struct device_body {
	const char *token;
	int platform, kind, channel, environment;
};
static const struct field device_fields[] = {
	{ .name = "token", .type = F_STR, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct device_body, token), .min = 8,
	    .max = PUSH_TOKEN_MAX },
	{ .name = "platform", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .words = push_platform_names, .off = offsetof(struct device_body,
	    platform) },
	{ .name = "kind", .type = F_ENUM, .words = push_kind_names,
	    .off = offsetof(struct device_body, kind), .dflt = PUSH_TOKEN },
	{ .name = "channel", .type = F_ENUM, .words = push_channel_names,
	    .off = offsetof(struct device_body, channel), .dflt = PUSH_BY_FCM },
	{ .name = "environment", .type = F_ENUM, .words = environment_words,
	    .off = offsetof(struct device_body, environment),
	    .dflt = PUSH_PRODUCTION },
};
static const struct field_table device_table =
    FIELD_TABLE(device_fields, struct device_body);

/* Returns a token of Apple in lower case, or NULL if it is not hex. */
static const char *
apple_token(struct arena *a, const char *token)
{
	static const char hex[] = "0123456789abcdef";
	char *out = arena_str(a, token), *p;

	for (p = out; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'F')
			*p += 'a' - 'A';
		if (strchr(hex, *p) == NULL)
			return NULL;
	}
	return (p - out) % 2 == 0 && p - out <= APNS_TOKEN_MAX ? out : NULL;
}

/* Checks the rules that the field table cannot express. */
static enum rc
check_device(struct req *req, struct push_device *d)
{
	static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._~:-";
	struct err *err = &req->err;

	/*
	 * The token must be valid in a path, because DELETE has it in the path.
	 */
	if (strspn(d->token, ok) != strlen(d->token) || d->token[0] == '.')
		return err_field(err, "token", "must contain only A-Z, "
		    "a-z, 0-9, '.', '_', '~', ':' and '-'");
	if (d->channel == PUSH_BY_FCM)
		return RC_OK;
	if (d->platform != PUSH_IOS)
		err_field(err, "channel", "requires platform ios");
	if (d->kind != PUSH_TOKEN)
		err_field(err, "kind", "must be token with this channel");
	d->token = apple_token(&req->arena, d->token);
	if (d->token == NULL)
		err_field(err, "token", "must be the device token of Apple in "
		    "hex with this channel");
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

/* Writes the members of a device. used_at is written in lists only. */
static void
write_device(struct json_write *j, const struct push_device *d, bool used)
{
	json_write_obj(j, NULL);
	json_write_str(j, "token", d->token);
	json_write_str(j, "platform", push_platform_names[d->platform]);
	json_write_str(j, "kind", push_kind_names[d->kind]);
	json_write_str(j, "channel", push_channel_names[d->channel]);
	json_write_str(j, "environment",
	    push_environment_names[d->environment]);
	json_write_time(j, "created_at", d->created_at);
	if (used)
		json_write_time(j, "last_used_at", d->used_at);
	json_write_obj_end(j);
}

static enum rc
add_device(struct req *req)
{
	const struct device_body *in = req->body;
	struct push_device d = { .token = in->token, .user = req->actor.user,
		.session = req->actor.session,
		.platform = (enum push_platform)in->platform,
		.kind = (enum push_kind)in->kind,
		.channel = (enum push_channel)in->channel,
		.environment = in->environment == PUSH_PRODUCTION ?
		    PUSH_PRODUCTION : PUSH_SANDBOX };
	bool added;
	enum rc rc = check_device(req, &d);

	if (rc == RC_OK)
		rc = push_device_put(req->db, &d, req->now, &added);
	if (rc != RC_OK)
		return rc;
	write_device(&req->j, &d, false);
	return added ? RC_CREATED : RC_OK;
}

/* Returns a value that changes with every member of the list. */
static int64_t
list_version(const struct push_device *v, size_t n)
{
	uint64_t hash = HASH_FAST_SEED;
	size_t i;

	for (i = 0; i < n; i++) {
		const int64_t words[] = { v[i].platform, v[i].kind,
			v[i].channel, v[i].environment, v[i].created_at,
			v[i].used_at };

		hash = hash_fast(hash, v[i].token, strlen(v[i].token) + 1);
		hash = hash_fast(hash, words, sizeof(words));
	}
	return (int64_t)hash;
}

static enum rc
list_devices(struct req *req)
{
	struct push_device v[PUSH_DEVICES];
	size_t i, n;
	enum rc rc = push_device_list(req->db, &req->arena, req->actor.user, v,
	    &n);

	if (rc == RC_OK)
		rc = req_etag(req, 2, req->actor.user, list_version(v, n));
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "devices");
	for (i = 0; i < n; i++)
		write_device(&req->j, &v[i], true);
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
remove_device(struct req *req)
{
	const char *token = req->path_arg[0], *apple;
	enum rc rc;

	rc = push_device_drop(req->db, req->actor.user, token, INT64_MAX);
	if (rc == RC_NOT_FOUND &&
	    (apple = apple_token(&req->arena, token)) != NULL)
		rc = push_device_drop(req->db, req->actor.user, apple,
		    INT64_MAX);
	if (rc == RC_NOT_FOUND)
		return err_set(&req->err, rc, NULL, "Device not found");
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/notifications/devices",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_READ,
	    .handler = list_devices },
	{ .method = "POST", .path = "/notifications/devices",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .body = &device_table, .handler = add_device },
	{ .method = "DELETE", .path = "/notifications/devices/{token}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .handler = remove_device },
};
const struct route_table push_devices_routes = ROUTE_TABLE(routes);
