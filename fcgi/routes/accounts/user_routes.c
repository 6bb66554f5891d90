/*
 * user_routes: profile, image and deletion of the caller's account.
 */
#include "crypto/password.h"
#include "domain/accounts/profile.h"
#include "domain/common/identifier.h"
#include "domain/money/wallet_close.h"
#include "fcgi/core/image_upload.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/accounts/reauth_request.h"
#include "json/json_read_only.h"

#define TEXT(n, more, min_len, max_len) \
	{ .name = #n, .type = F_STR, .flags = FIELD_TRIM | (more), \
	    .off = offsetof(struct profile_change, n), .min = (min_len), \
	    .max = (max_len) }

static const struct field change_fields[] = {
	TEXT(sex, FIELD_CLEAR, 0, 10),
	TEXT(bio, FIELD_CLEAR | FIELD_CTL, 0, BIO_MAX),
	{ .name = "interests", .type = F_STRV, .flags = FIELD_CLEAR,
	    .off = offsetof(struct profile_change, interests),
	    .max = INTERESTS_MAX, .max2 = INTEREST_MAX },
	TEXT(preferred_language, FIELD_CLEAR, 0, 35),
	TEXT(country, FIELD_CLEAR, 0, 2),
};
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct profile_change);

/* Returns the normal form of an e-mail address or phone number, or NULL. */
static const char *
normalize_address(struct arena *a, const struct conf *conf, const char *text)
{
	char *out;
	enum identifier kind = identifier_read(a, conf->default_country, text,
	    &out);

	return kind == ID_EMAIL || kind == ID_PHONE ? out : NULL;
}

static const struct json_read_only profile_read_only[] = {
	{ "email", "cannot be changed here, use POST /user/email" },
	{ "phone", "cannot be changed here, use POST /user/phone" },
	{ "password", "cannot be changed here, use POST /user/password" },
	{ "username", "cannot be changed here, use POST /user/username" },
	{ "roles", "cannot be changed here: POST /listeners/register adds the "
	    "role listener, and administrators change the others" },
	{ "profile_image_url", "cannot be changed here, use "
	    "PUT /user/profile/image" },
	{ "profile_image_thumb_url", "cannot be changed here, use "
	    "PUT /user/profile/image" },
	{ "user_id", JSON_READ_ONLY_FIXED },
	{ "uuid", JSON_READ_ONLY_FIXED },
	{ "status", JSON_READ_ONLY_FIXED },
	{ "referral_code", JSON_READ_ONLY_FIXED },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ NULL, NULL }
};

static enum rc
respond_profile(struct req *req, bool tagged)
{
	struct account acc;
	enum rc rc;

	rc = account_get(req->db, &req->arena, req->actor.user, &acc);
	if (rc == RC_OK && tagged)
		rc = req_etag(req, 4, acc.id, acc.version, (int64_t)acc.status,
		    (int64_t)acc.roles);
	if (rc == RC_OK)
		account_json_render(req, NULL, &acc);
	return rc;
}

static enum rc
get_user(struct req *req)
{
	return respond_profile(req, true);
}

static enum rc
change_user(struct req *req)
{
	enum rc rc;

	rc = profile_update(req->db, &req->arena, req->actor.user, req->body,
	    req->now, &req->err);
	return rc == RC_OK ? respond_profile(req, false) : rc;
}

static enum rc
set_image(struct req *req)
{
	bool used;
	enum rc rc;

	rc = profile_set_image(req->db, &req->arena, req->conf,
	    req->actor.user, image_upload_name(req), req->now, &used);
	if (rc != RC_OK)
		return rc;
	if (!used)
		image_upload_discard(req);
	return respond_profile(req, false);
}

static enum rc
drop_image(struct req *req)
{
	enum rc rc = profile_drop_image(req->db, &req->arena, req->actor.user,
	    req->now);

	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

struct deletion {
	int forfeit;
	const char *password, *payout_contact;
};

static const struct field deletion_fields[] = {
	{ .name = "forfeit", .type = F_BOOL,
	    .off = offsetof(struct deletion, forfeit) },
	{ .name = "password", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct deletion, password), .min = 1,
	    .max = PASSWORD_MAX },
	{ .name = "payout_contact", .type = F_STR,
	    .flags = FIELD_TRIM,
	    .off = offsetof(struct deletion, payout_contact), .min = 1,
	    .max = WALLET_CLOSE_CONTACT_MAX },
};
static const struct field_table deletion_table =
    FIELD_TABLE(deletion_fields, struct deletion);

struct deletion_query {
	int forfeit;
};

static const struct field deletion_query_fields[] = {
	{ .name = "forfeit", .type = F_BOOL,
	    .off = offsetof(struct deletion_query, forfeit) },
};
static const struct field_table deletion_query_table =
    FIELD_TABLE(deletion_query_fields, struct deletion_query);

/* Compares the password, if one was sent, before the write transaction. */
static enum rc
before_delete(struct req *req)
{
	struct reauth *r = arena_new(&req->arena, struct reauth);
	const struct deletion *in = req->body;

	req->prepared = r;
	return reauth_request(req, in->password, r);
}

static enum rc
delete(struct req *req)
{
	const struct deletion_query *query = req->query;
	const struct deletion *in = req->body;
	enum rc rc;

	rc = reauth_settle(req->db, req->conf, req->prepared, req->now,
	    &req->err);
	req->keep_writes = rc == RC_FORBIDDEN;
	if (rc == RC_OK && !in->forfeit && !query->forfeit)
		rc = wallet_close_check(req->db, &req->arena, req->actor.user,
		    &req->err);
	if (rc == RC_OK)
		rc = account_delete(req->db, &req->arena, req->conf,
		    req->actor.user, in->payout_contact, req->id, req->now,
		    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/user/profile", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = get_user },
	{ .method = "PUT", .path = "/user/profile", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &change_table,
	    .handler = change_user, .read_only = profile_read_only,
	    .normalize = normalize_address },
	{ .method = "DELETE", .path = "/user/profile", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT | ROUTE_STEP_UP,
	    .query = &deletion_query_table, .body = &deletion_table,
	    .handler = delete, .before = before_delete },
	{ .method = "PUT", .path = "/user/profile/image", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_IMAGE,
	    .handler = set_image, .before = image_upload_begin },
	{ .method = "DELETE", .path = "/user/profile/image",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .handler = drop_image },
};

const struct route_table user_routes = ROUTE_TABLE(routes);
