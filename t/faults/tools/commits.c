/*
 * commits: commits saves and unsaves with lib/domain and lib/db as workers do,
 * one transaction each. The power failure test traces it. Each commit is
 * acknowledged on standard output, as a worker responds to its client.
 *
 *	commits DATABASE LOCK N SEED [CONF]
 *
 * With CONF, money moves instead: payments are created and credited, sessions
 * start and end, a promotion is redeemed. Users 1..20 and flyers 1..20 must
 * exist, with CONF also listeners 21..40 and the promotion FAULT. A second
 * build with synchronous=NORMAL must lose commits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"
#include "domain/money/payment.h"
#include "domain/money/promotion.h"

#define PEOPLE		20
#define PASSIVE		23	/* commits between checkpoints */
#define TRUNCATE	140

static bool
commit_one(struct db *db, int64_t n, int64_t user, int64_t flyer)
{
	struct favorite_change c = {
		.user = user, .kind = FAVORITE_FLYER, .entity_id = flyer,
		.now = clock_now(), .request_id = "powercut"
	};
	static const struct conf conf = { .quota_favorites = 100 };
	bool there, done = false;
	struct err err = { .arena = NULL };
	char line[64];
	int len;

	if (db_write(db) != RC_OK)
		return false;
	if (favorite_find(db, user, FAVORITE_FLYER, flyer, &there, NULL) !=
	    RC_OK)
		return false;
	if ((there ? favorite_remove(db, &c, &done) :
	    favorite_add(db, &conf, &c, &done, NULL, &err)) != RC_OK || !done)
		return false;
	if (db_commit(db) != RC_OK)
		return false;
	len = snprintf(line, sizeof(line), "ACK %lld %lld %lld %d\n",
	    (long long)n, (long long)user, (long long)flyer, !there);
	return write(STDOUT_FILENO, line, (size_t)len) == len;
}

/* The pending payment, the live session and redemptions of each user. */
static int64_t payment[PEOPLE + 1], session[PEOPLE + 1], redeemed[PEOPLE + 1];

static enum rc
pay(struct db *db, struct arena *a, const struct conf *conf, int64_t user,
    int64_t now, char *what, struct err *err)
{
	enum payment_outcome outcome;
	struct payment p;
	bool again;
	enum rc rc;

	if (payment[user] == 0) {
		*what = 'P';
		rc = payment_begin(db, a, conf, user, PROVIDER_SANDBOX, 1000,
		    "INR", now, &p, err);
		payment[user] = p.id;
		return rc != RC_OK ? rc : payment_opened(db, p.id,
		    arena_fmt(a, "sandbox_%lld", (long long)p.id), NULL, now);
	}
	*what = 'T';
	return payment_apply(db, a, conf, &(struct payment_event){
	    .provider = PROVIDER_SANDBOX, .type = "payment.paid",
	    .id = arena_fmt(a, "event_%lld", (long long)payment[user]),
	    .paid_ref = arena_fmt(a, "paid_%lld", (long long)payment[user]),
	    .kind = PAYMENT_EVENT_PAID, .payment = payment[user],
	    .amount = 1000,
	    .currency = "INR" }, now, &again, &outcome, err);
}

static enum rc
talk(struct db *db, struct arena *a, const struct conf *conf, int64_t user,
    int64_t now, char *what, struct err *err)
{
	const struct session_request r = { .customer = user,
		.listener = user + PEOPLE, .call = INT64_MIN,
		.terms = { .expected_rate = INT64_MIN } };
	struct session_offer offer;
	struct session s;
	bool first;
	enum rc rc;

	if (session[user] == 0) {
		*what = 'S';
		rc = session_start(db, a, conf, &r, now, &s, &offer, err);
		session[user] = rc == RC_OK ? s.id : 0;
		return rc;
	}
	*what = 'E';
	return session_end(db, session[user], user, SESSION_CAUSE_CUSTOMER, now,
	    now, &s, &first, err);
}

/*
 * Runs one transaction. Returns false if it failed for other reasons than
 * insufficient money.
 */
static bool
move_one(struct db *db, struct arena *a, const struct conf *conf, int64_t n)
{
	int64_t user = random() % PEOPLE + 1, now = clock_now(), id;
	struct promotion code;
	int64_t expires_at;
	struct err err;
	char line[64], what = 'R';
	enum rc rc;
	int len;

	arena_reset(a);
	err_init(&err, a);
	if (db_write(db) != RC_OK)
		return false;
	switch (random() % 8) {
	case 0:
		rc = promotion_redeem(db, a, user, "FAULT", now, &code,
		    &expires_at, &err);
		break;
	case 1: case 2: case 3:
		rc = pay(db, a, conf, user, now, &what, &err);
		break;
	default:
		rc = talk(db, a, conf, user, now, &what, &err);
	}
	if (rc == RC_PAYMENT) {
		db_rollback(db);
		return true;
	}
	if (rc != RC_OK || db_commit(db) != RC_OK) {
		fprintf(stderr, "commits: %c: %d %s\n", what, rc,
		    err.message == NULL ? "" : err.message);
		return false;
	}
	id = what == 'P' || what == 'T' ? payment[user] :
	    what == 'R' ? ++redeemed[user] : session[user];
	if (what == 'T')
		payment[user] = 0;
	if (what == 'E')
		session[user] = 0;
	len = snprintf(line, sizeof(line), "ACK %lld %c %lld %lld\n",
	    (long long)n, what, (long long)user, (long long)id);
	return write(STDOUT_FILENO, line, (size_t)len) == len;
}

int
main(int argc, char **argv)
{
	struct conf *conf = NULL;
	struct arena arena;
	struct db *db;
	struct err err;
	int64_t n, seed, i;
	int left;

	if (argc < 5 || argc > 6 || !str_int(argv[3], &n) || !str_int(argv[4], &seed))
		return 2;
	log_init("commits", LOG_WARN);
	session_register(NULL);
	if (argc == 6 && (conf = conf_load(argv[5], stderr)) == NULL)
		return 2;
	arena_init(&arena, 1 << 20);
	err_init(&err, &arena);
	db = db_open(argv[1], argv[2], DB_SERVE, &err);
	if (db == NULL) {
		fprintf(stderr, "commits: %s\n", err.message);
		return 1;
	}
	srandom((unsigned)seed);
	for (i = 1; i <= n; i++) {
		if (conf != NULL ? !move_one(db, &arena, conf, i) :
		    !commit_one(db, i, random() % PEOPLE + 1,
		    random() % PEOPLE + 1)) {
			fprintf(stderr, "commits: commit %lld failed\n",
			    (long long)i);
			return 1;
		}
		if (i % PASSIVE == 0 &&
		    db_checkpoint(db, i % TRUNCATE < PASSIVE, &left) != RC_OK)
			return 1;
	}
	db_close(db);
	return 0;
}
