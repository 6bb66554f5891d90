#include "fcgi/routes/accounts/sign_in_json.h"

#include "base/clock.h"
#include "base/hash.h"
#include "crypto/jwt.h"
#include "domain/accounts/account.h"
#include "fcgi/routes/accounts/account_json.h"

void
sign_in_json_pair(struct req *req, const struct token_pair *p)
{
	struct claims claims = { .user = p->user, .session = p->session,
	    .issued = p->issued, .expires = p->expires };
	int64_t left = (p->expires - req->now + SECOND - 1) / SECOND;
	struct hash hash = hash_sha256(p->refresh, strlen(p->refresh));
	char id[HASH_B64_LEN(12)];

	/*
	 * The id is derived from the refresh token. Tokens of two pairs differ
	 * even if they were issued in the same second.
	 */
	hash_b64(hash.b, 12, id);
	claims.id = id;
	json_write_str(&req->j, "access_token", jwt_sign(&req->arena, &claims));
	json_write_str(&req->j, "refresh_token", p->refresh);
	json_write_str(&req->j, "token_type", "Bearer");
	json_write_int(&req->j, "expires_in", left > 0 ? left : 1);
}

enum rc
sign_in_json_render(struct req *req, const struct token_pair *p)
{
	struct account acc;
	enum rc rc;

	rc = account_get(req->db, &req->arena, p->user, &acc);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	sign_in_json_pair(req, p);
	account_json_render(req, "user", &acc);
	json_write_obj_end(&req->j);
	return RC_OK;
}
