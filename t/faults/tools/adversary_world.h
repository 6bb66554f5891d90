/*
 * adversary_world: what an adversary can do, for adversary.c. It drives
 * lib/domain as workers and jobs do, and keeps its own books of real money.
 *
 * Real money moves in four ways: a top-up brings it in; a refund, a dispute and
 * a payout take it out. A bank returns at most what was paid for a payment.
 * Each function is one move in a savepoint, so a failure changes nothing. They
 * return false, or 0, if the service refused.
 */
#ifndef ADVERSARY_WORLD_H
#define ADVERSARY_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

#define PEOPLE		24		/* accounts of the adversary */
#define LISTENERS	6		/* the last ones are listeners */
#define FIRST_LISTENER	(PEOPLE - LISTENERS)
#define LEFT_MAX	100000		/* deleted accounts with debts */

struct person {
	int64_t id;			/* 0: no account */
	int64_t address;		/* number of the e-mail address */
	char referral[16];
};

/* A top-up, and what the bank knows about it. */
struct topup {
	int64_t id;			/* 0: none */
	int64_t amount;			/* of the payment */
	int64_t paid, back;		/* real money, in and out */
	int64_t disputes;		/* number of disputes */
	int64_t open;			/* amount of the open dispute */
};

struct world {
	struct db *db;
	const struct conf *conf;
	struct arena arena;		/* reset after each move */
	struct err err;
	int64_t now;
	int64_t in, out;		/* real money */
	int64_t granted;		/* maximum cost of redemptions */
	int64_t overdrawn;		/* paid out beyond the earnings */
	int64_t moves;
	int64_t addresses, events, promotions;
	uint64_t random;
	struct person people[PEOPLE];
	int64_t left[LEFT_MAX];		/* ids of deleted accounts */
	size_t nleft;
	struct topup last;		/* the last top-up */
	int64_t session;		/* the last session */
	bool failed;			/* a fault of the service */
};

/* Returns a number in [0, n) from the seed. */
int64_t	world_random(struct world *, int64_t n);

/* Creates the accounts. Commits. */
bool	world_setup(struct world *);
/* Commit the moves so far, and begin a transaction. */
bool	world_begin(struct world *);
bool	world_end(struct world *);

/* Credits a top-up of `amount`, for which `paid` is really paid. */
bool	world_topup(struct world *, int who, int64_t amount, int64_t paid);
/* Repeats the provider's event of the last top-up, with another id. */
bool	world_repeat(struct world *);
/* Asks for a refund of the last top-up. If `fails`, the provider refuses it. */
bool	world_refund(struct world *, int64_t amount, bool fails);
/* Disputes what is left of the last top-up, or wins the open dispute. */
bool	world_dispute(struct world *);
bool	world_win(struct world *);
/* A session of ms. The listener's rate changes to `later` during it; -1: no. */
bool	world_talk(struct world *, int who, int listener, int64_t ms,
	    int64_t later);
bool	world_refund_session(struct world *, bool charge_listener);
bool	world_rate(struct world *, int listener, int64_t rate);
bool	world_redeem(struct world *, int who, int64_t promotion);
bool	world_payout(struct world *, int listener);
/* Replaces an account by a new one. The old one is deleted. */
bool	world_join(struct world *, int who, int inviter, bool same_address);
/* Adds a promotion as the operator; returns its number, 0: refused. */
int64_t	world_promotion(struct world *, int kind, int64_t value,
	    int64_t redemptions);
/* Lets time pass and runs the jobs. */
bool	world_wait(struct world *, int64_t ms);

/*
 * Computes what was taken out in excess of what was paid in, granted by
 * promotions within their budgets, refunded by the operator, and is owed.
 */
bool	world_excess(struct world *, int64_t *excess);
/*
 * Computes what the accounts took out and could still take out, less what was
 * paid in or granted.
 */
int64_t	world_worth(struct world *);

#endif
