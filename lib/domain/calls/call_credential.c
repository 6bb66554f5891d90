#include "domain/calls/call_credential.h"

#include "base/clock.h"
#include "base/int64.h"
#include "domain/calls/call_event.h"
#include "domain/calls/media_ban.h"

#define BATCH		50		/* calls in one transaction */
#define RENEW_BEFORE	MINUTE		/* the expiry */

static enum rc
store_expiry(struct db *db, const struct conf *conf, int64_t session,
    int64_t until)
{
	struct stmt *q = stmt_get(db, Q_CALL_CREDENTIAL_SET);

	stmt_int(q, ":session", session);
	stmt_int(q, ":until", until);
	stmt_int(q, ":ban", media_ban_on(conf));
	return stmt_run(q);
}

enum rc
call_credential_issue(struct db *db, const struct conf *conf, struct call *c,
    int64_t now, int64_t *until)
{
	*until = int64_min(now + conf->token_ttl * SECOND, c->money_until);
	if (*until > c->tokens_until)
		c->tokens_until = *until;
	return store_expiry(db, conf, c->session, c->tokens_until);
}

int64_t
call_credential_until(const struct call *c, int64_t user, int64_t device,
    int64_t now)
{
	int64_t bound = user == c->caller ? c->caller_device : c->callee_device;
	int64_t until = int64_min(c->tokens_until, c->money_until);

	if (c->state != CALL_ACCEPTED || until <= now)
		return 0;
	return bound == 0 || device == 0 || bound == device ? until : 0;
}

struct due {
	int64_t session;
	const char *channel;
	int64_t lasts_until;
};

static enum rc
list_due(struct job_run *run, size_t max, struct due *due, size_t *n)
{
	int64_t before = int64_min(RENEW_BEFORE,
	    run->conf->token_ttl * SECOND / 2);
	struct stmt *q = stmt_get(run->db, Q_CALL_CREDENTIAL_DUE);

	*n = 0;
	stmt_int(q, ":until", run->now + before);
	stmt_int(q, ":now", run->now);
	stmt_int(q, ":limit", (int64_t)max);
	while (*n < max && stmt_row(q))
		due[(*n)++] = (struct due){
		    .session = stmt_col_int(q, 0),
		    .channel = stmt_col_text(q, 1, run->arena),
		    .lasts_until = stmt_col_int(q, 2) };
	return stmt_done(q);
}

enum rc
call_credential_pending(struct job_run *run)
{
	struct due due;
	size_t n;
	enum rc rc = list_due(run, 1, &due, &n);

	run->work = rc == RC_OK && n > 0;
	return rc;
}

/* Sends both parties of a channel a new credential. */
static enum rc
renew(struct job_run *run, const struct due *due, struct err *err)
{
	struct call c;
	int64_t until;
	enum rc rc;

	rc = call_of_channel(run->db, run->arena, due->channel, 0, run->now, &c,
	    err);
	if (rc != RC_OK)
		return rc;
	/* The job must move the expiry, also if the money is used up sooner. */
	c.money_until = due->lasts_until;
	rc = call_credential_issue(run->db, run->conf, &c, run->now, &until);
	if (rc == RC_OK)
		rc = call_event_credential(run->db, &c, run->now);
	run->done += rc == RC_OK;
	return rc;
}

enum rc
call_credential_run(struct job_run *run)
{
	struct due due[BATCH];
	struct err err;
	size_t n;
	enum rc rc;

	err_init(&err, run->arena);
	rc = list_due(run, BATCH, due, &n);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = db_save(run->db);
		if (rc == RC_OK)
			rc = job_item_end(run, due[i].session,
			    renew(run, &due[i], &err));
	}
	run->more = n == BATCH && run->done > 0;
	return rc;
}
