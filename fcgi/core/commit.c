#include "base/hash.h"
#include "base/str.h"
#include "domain/common/idempotency.h"
#include "domain/messaging/text.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/resp.h"
#include "json/json_read_only.h"

/* Discards the response that a request has rendered. */
static void
discard_response(struct req *req)
{
	buf_clear(req->out);
	json_write_init(&req->j, req->out);
	req->location = req->link_next = NULL;
	memset(req->cookies_out, 0, sizeof(req->cookies_out));
	req->etag[0] = '\0';
}

/*
 * Compares read-only members of the body with the response of a handler that
 * succeeded.
 */
static enum rc
check_read_only(struct req *req)
{
	if (req->route->read_only == NULL || req->out->full)
		return req->rc;
	if (json_read_only_check(&req->arena, req->conf, req->route->read_only,
	    req->route->normalize, req->raw, req->raw_len, req->out->data,
	    req->out->len, &req->err) != RC_OK)
		req->rc = RC_INVALID;
	return req->rc;
}

/*
 * Runs the handler in a savepoint. A failure is rolled back, unless the handler
 * set req->keep_writes and the status is below 500, or RC_PENDING.
 */
static enum rc
run_commit(struct req *req, bool *lost)
{
	const struct route *r = req->route;
	enum rc rc;

	if (db_save(req->db) != RC_OK) {
		*lost = true;
		return RC_FAULT;
	}
	arena_exceeded_clear();
	text_request_language(req->accept_language);
	rc = req->rc = r->handler(req);
	if (rc == RC_OK)
		rc = check_read_only(req);
	if (req_exceeded(req))
		rc = req->rc;
	if (rc_ok(rc) || (req->keep_writes && (resp_status(req) < 500 ||
	    rc == RC_PENDING))) {
		if (db_save_keep(req->db) != RC_OK)
			*lost = true;
	} else if (db_save_undo(req->db) != RC_OK) {
		*lost = true;
	}
	return rc;
}

/*
 * Runs the handler like run_commit(), but only for the first request with an
 * idempotency key. Repeats return the stored response.
 */
static enum rc
run_idempotent(struct req *req, bool *lost)
{
	struct idempotency idem = { .user = req->actor.user,
	    .service = (req->actor.roles & ROLE_SERVICE) != 0 };
	enum rc rc, answer;
	bool found;

	idem.key = idempotency_key_parse(&req->arena, req->idempotency_key);
	if (idem.key == NULL)
		return err_field(&req->err, "Idempotency-Key",
		    "must be 1 to 255 visible characters");
	idem.request = req_hash(req);
	rc = idempotency_find(req->db, &req->arena, &idem, req->now, &found,
	    &answer, req->out, &req->location, &req->err);
	if (rc != RC_OK)
		return rc;
	if (found) {
		req->content_type_out = idem.media_type;
		req->replayed = true;
		return answer;
	}
	rc = run_commit(req, lost);
	/* Server errors are not stored, so that a retry can succeed. */
	if (*lost || resp_status(req) >= 500 || rc == RC_LIMITED)
		return rc;
	if (!rc_ok(rc))
		resp_error(req);
	idem.media_type = req->content_type_out;
	if (idempotency_keep(req->db, &idem, rc, req->out, req->location,
	    req->now) != RC_OK) {
		*lost = true;
		return RC_FAULT;
	}
	return rc;
}

static void
commit_all(struct db *db, struct req **reqs, size_t n)
{
	bool lost = false;
	enum rc rc;
	size_t i;

	rc = db_write(db);
	if (rc != RC_OK) {
		for (i = 0; i < n; i++)
			reqs[i]->rc = rc;
		return;
	}
	for (i = 0; i < n && !lost; i++) {
		struct req *req = reqs[i];
		uint64_t uses = db_uses(db);

		req->rc = guard_recheck(req);
		if (req->rc == RC_OK)
			req->rc = req->idempotency_key != NULL ?
			    run_idempotent(req, &lost) : run_commit(req, &lost);
		req->statements += db_uses(db) - uses;
	}
	if (lost) {
		/*
		 * SQLite rolled back the transaction, so the writes of all
		 * requests are lost. All of them return the server error of
		 * the last one.
		 */
		rc = resp_status(reqs[i - 1]) < 500 ? RC_FAULT :
		    reqs[i - 1]->rc;
		db_rollback(db);
	} else {
		rc = db_commit(db);
	}
	if (rc == RC_OK)
		return;
	/*
	 * A rejected request that wrote nothing keeps its response. All other
	 * requests return this error, and so do those that did not run.
	 */
	for (i = 0; i < n; i++) {
		struct req *req = reqs[i];

		if (lost || rc_ok(req->rc) || req->keep_writes) {
			discard_response(req);
			req->replayed = false;
			req->rc = rc;
			err_set(&req->err, rc, NULL, NULL);
		}
	}
}

void
guard_commit_group(struct db *db, struct req **reqs, size_t n)
{
	size_t i;

	commit_all(db, reqs, n);
	for (i = 0; i < n; i++)
		if (reqs[i]->undo != NULL &&
		    (reqs[i]->replayed || !rc_ok(reqs[i]->rc)))
			reqs[i]->undo(reqs[i]);
}
