#include "fcgi/routes/accounts/reauth_request.h"

#include "crypto/password.h"

enum rc
reauth_request(struct req *req, const char *password, struct reauth *r)
{
	enum rc rc;

	*r = (struct reauth){ .user = req->actor.user,
	    .session = req->actor.session };
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
