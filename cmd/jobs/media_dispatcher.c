#include "cmd/jobs/media_dispatcher.h"

#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/calls/media_ban.h"
#include "providers/agora_rule.h"

#define MEMORY	(16 << 20)
/* A ban needs at most AGORA_RULES + 1 requests, and usually one or two. */
#define LEASE	MINUTE
#define PAUSE	110			/* ms; Agora allows 10 requests per s */

static enum rc
claim_ban(struct db *db, struct arena *a, int64_t now, struct media_ban *b,
    bool *found)
{
	enum rc rc = db_read(db);

	*found = false;
	if (rc != RC_OK)
		return rc;
	rc = media_ban_due(db, now, found);
	db_read_end(db);
	if (rc != RC_OK || !*found)
		return rc;
	rc = db_write(db);
	if (rc != RC_OK)
		return rc;
	rc = media_ban_claim(db, a, now, LEASE, b, found);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

/* Creates the rule. After a failure, it may exist already. */
static enum rc
create_rule(struct arena *a, const struct conf *conf, const struct media_ban *b,
    int64_t now, int64_t *rule, struct agora_failure *f)
{
	int64_t ids[AGORA_RULES];
	size_t n = 0;
	enum rc rc = RC_OK;

	if (b->attempts > 0) {
		rc = agora_rule_find(a, conf, b->channel, b->user, ids, &n, f);
		poll(NULL, 0, PAUSE);
	}
	if (rc != RC_OK || n > 0) {
		*rule = n > 0 ? ids[0] : 0;
		return rc;
	}
	return agora_rule_create(a, conf, b->channel, b->user,
	    (b->expires_at - now) / SECOND, rule, f);
}

/*
 * Deletes the rule, and others of this user and channel: a request whose
 * response was lost may have created one. The list of rules may be incomplete.
 */
static enum rc
delete_rule(struct arena *a, const struct conf *conf, const struct media_ban *b,
    struct agora_failure *f)
{
	int64_t ids[AGORA_RULES];
	size_t n;
	enum rc rc = RC_OK;

	if (b->rule != 0) {
		rc = agora_rule_delete(a, conf, b->rule, f);
		poll(NULL, 0, PAUSE);
	}
	if (rc == RC_OK)
		rc = agora_rule_find(a, conf, b->channel, b->user, ids, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		poll(NULL, 0, PAUSE);
		rc = agora_rule_delete(a, conf, ids[i], f);
	}
	return rc;
}

/* Sends a ban and stores the result. */
static enum rc
send_ban(struct db *db, struct arena *a, const struct conf *conf,
    const struct media_ban *b, int64_t (*now)(void),
    struct message_dispatcher_sum *sum)
{
	struct agora_failure f = { NULL, 0 };
	int64_t rule = 0;
	enum rc result, rc;

	result = b->delete ? delete_rule(a, conf, b, &f) :
	    create_rule(a, conf, b, now(), &rule, &f);
	if (result == RC_OK)
		sum->sent++;
	else
		sum->failed++;
	if (result != RC_OK)
		log_warn("agora", "ban %lld of user %lld: %s",
		    (long long)b->id, (long long)b->user, f.why);
	rc = db_write(db);
	if (rc != RC_OK)
		return rc;
	rc = result == RC_OK ? media_ban_done(db, b, rule, now()) :
	    media_ban_failed(db, b, f.why, f.retry_after, now());
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

enum rc
media_dispatcher_run(struct db *db, const struct conf *conf,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct media_ban b;
	struct arena a;
	bool found;
	enum rc rc;

	if (!media_ban_on(conf))
		return RC_OK;
	arena_init(&a, MEMORY);
	do {
		arena_reset(&a);
		rc = claim_ban(db, &a, now(), &b, &found);
		if (rc == RC_OK && found) {
			rc = send_ban(db, &a, conf, &b, now, sum);
			poll(NULL, 0, PAUSE);
		}
	} while (rc == RC_OK && found && !*stop);
	arena_free(&a);
	return rc;
}
