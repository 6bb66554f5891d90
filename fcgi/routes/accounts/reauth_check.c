#include "fcgi/routes/accounts/reauth_check.h"

#include "crypto/password.h"

enum rc
reauth_check(struct req *req, const char *password, struct reauth **out)
{
	struct reauth *r = arena_new(&req->arena, struct reauth);
	enum rc rc;

	*r = (struct reauth){ .user = req->actor.user,
	    .session = req->actor.session };
	*out = r;
	if (password == NULL)
		return RC_OK;
	rc = db_read(req->db);
	if (rc != RC_OK)
		return rc;
	rc = reauth_find(req->db, &req->arena, req->conf, req->now, r,
	    &req->err);
	db_read_end(req->db);
	if (rc != RC_OK)
		return rc;
	r->tried = true;
	rc = password_verify(r->hash, password);
	r->matched = rc == RC_OK;
	return rc == RC_AUTH ? RC_OK : rc;
}
