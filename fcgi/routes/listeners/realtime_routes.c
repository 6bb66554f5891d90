/*
 * realtime_routes: issues tickets for realtime connections, and authenticates
 * the connections for nginx.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/random.h"
#include "domain/listeners/realtime_store.h"
#include "fcgi/core/routes.h"

static enum rc
issue_ticket(struct req *req)
{
	int64_t until = req->now + REALTIME_TICKET_TTL;
	unsigned char bytes[REALTIME_TICKET_BYTES];
	char text[HASH_B64_LEN(sizeof(bytes))];
	struct hash hash;
	enum rc rc;

	random_bytes(bytes, sizeof(bytes));
	hash_b64(bytes, sizeof(bytes), text);
	hash = hash_sha256(bytes, sizeof(bytes));
	rc = realtime_store_ticket_add(req->db, &hash, &(struct credential){
	    .user = req->actor.user, .session = req->actor.session,
	    .service_token = req->actor.service_token }, req->now);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "ticket", text);
	json_write_time(&req->j, "expires_at", until);
	json_write_obj_end(&req->j);
	return RC_CREATED;
}

struct whose {
	const char *ticket;
};
static const struct field auth_fields[] = {
	{ .name = "ticket", .type = F_STR, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct whose, ticket), .min = 1, .max = 64 },
};
static const struct field_table auth_table =
    FIELD_TABLE(auth_fields, struct whose);

static enum rc
take_ticket(struct req *req, const char *text)
{
	unsigned char bytes[REALTIME_TICKET_BYTES];
	size_t len = sizeof(bytes);
	struct credential c;
	struct hash hash;
	enum rc rc;

	if (!hash_unb64(text, bytes, &len) || len != sizeof(bytes))
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	hash = hash_sha256(bytes, sizeof(bytes));
	rc = realtime_store_ticket_take(req->db, &hash, req->now, &c,
	    &req->err);
	if (rc == RC_OK)
		req->actor = (struct actor){ .user = c.user,
		    .session = c.session, .service_token = c.service_token };
	return rc;
}

/*
 * Answers auth_request of nginx for an access token or a ticket: 204 with the
 * header X-Earmark-User: "user session service_token".
 */
static enum rc
authenticate(struct req *req)
{
	const struct whose *in = req->query;
	enum rc rc = RC_OK;

	if (in != NULL)
		rc = take_ticket(req, in->ticket);
	if (rc != RC_OK)
		return rc;
	req->realtime_user = arena_fmt(&req->arena,
	    "%" PRId64 " %" PRId64 " %" PRId64, req->actor.user,
	    req->actor.session, req->actor.service_token);
	return RC_NO_CONTENT;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/realtime/ticket", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .handler = issue_ticket },
	{ .method = "GET", .path = "/.earmark/realtime", .prefix = PREFIX_NONE,
	    .role = ROLE_ANY, .tx = TX_READ,
	    .flags = ROUTE_NO_STORE | ROUTE_CONNECT,
	    .handler = authenticate },
	{ .method = "GET", .path = "/.earmark/realtime/ticket",
	    .prefix = PREFIX_NONE, .role = ROLE_OPEN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .query = &auth_table,
	    .handler = authenticate },
};

const struct route_table realtime_routes = ROUTE_TABLE(routes);
