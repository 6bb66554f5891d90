/*
 * adversary: tries to take more money out of the service than was paid in.
 *
 *	adversary DATABASE LOCK CONF MOVES SEED
 *
 * The adversary controls customers, listeners and any number of accounts. Each
 * play is a sequence of moves that was an attack on an earlier version, with
 * random parameters. Half of the plays are random; the others are the ones that
 * gained most so far. The excess is
 *
 *	refunds + disputes + payouts
 *	- top-ups - what promotions granted within their budgets
 *	- what the operator refunded at its own expense - recorded debts
 *
 * A debt counts because a dispute after the payout is always possible: the
 * service can only record it. Bonuses of referrals are not granted money, so
 * the commission must cover them. Exit status: 0, or 3 if the excess was
 * positive, or 1 if the service failed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "adversary_world.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/money/promotion.h"

#define PLAYS_PER_COMMIT 20
#define COMMITS_PER_CHECKPOINT 50
#define START		INT64_C(1800000000000)	/* time of the first move */

static int
customer(struct world *w)
{
	return (int)world_random(w, FIRST_LISTENER);
}

static int
listener(struct world *w)
{
	return FIRST_LISTENER + (int)world_random(w, LISTENERS);
}

/* Returns a recent promotion of a kind; the kinds alternate. */
static int64_t
recent(struct world *w, int kind)
{
	int64_t rounds = w->promotions / 3 < 4 ? w->promotions / 3 : 4;

	return w->promotions - w->promotions % 3 - 3 * world_random(w, rounds)
	    - 3 + kind;
}

static void
new_promotions(struct world *w)
{
	world_promotion(w, PROMOTION_BONUS, 300, 10);
	world_promotion(w, PROMOTION_MINUTES, 4, 10);
	world_promotion(w, PROMOTION_TOPUP_PERCENT, 50, 10);
}

/* Spends all money and free minutes of an account at a listener. */
static void
spend(struct world *w, int who, int at, int64_t rate)
{
	world_rate(w, at, rate);
	world_talk(w, who, at, 50 * MINUTE, -1);
}

static void
random_money(struct world *w)
{
	int who = customer(w), at = listener(w);
	int64_t amount = 10 + world_random(w, 100);

	world_topup(w, who, amount, amount);
	if (world_random(w, 3) == 0)
		world_repeat(w);
	world_rate(w, at, world_random(w, 30));
	world_talk(w, who, at, world_random(w, 5 * MINUTE), -1);
	world_refund(w, world_random(w, 2) * world_random(w, amount),
	    world_random(w, 4) == 0);
	if (world_random(w, 4) == 0)
		world_dispute(w);
	world_payout(w, at);
}

/* Free minutes at the highest possible rate. */
static void
minutes_at_any_rate(struct world *w)
{
	int who = customer(w), at = listener(w);

	world_redeem(w, who, recent(w, PROMOTION_MINUTES));
	spend(w, who, at, world_random(w, 2) == 0 ? 200 : 1000000);
	spend(w, who, at, 200);
	world_payout(w, at);
}

/* A rate that rises during a session with free minutes. */
static void
rate_rises(struct world *w)
{
	int who = customer(w), at = listener(w);

	world_redeem(w, who, recent(w, PROMOTION_MINUTES));
	world_rate(w, at, 1);
	world_talk(w, who, at, 4 * MINUTE, 1000000);
	world_payout(w, at);
}

/* More redemptions than a budget pays for. */
static void
many_redemptions(struct world *w)
{
	int64_t promotion = recent(w, 1 + (int)world_random(w, 2));
	int at = listener(w);

	for (int i = 0; i < FIRST_LISTENER; i++)
		world_redeem(w, i, promotion);
	for (int i = 0; i < FIRST_LISTENER; i++)
		spend(w, i, at, 100);
	world_payout(w, at);
}

/* A large top-up with a bonus, which is refunded or disputed. */
static void
topup_bonus(struct world *w)
{
	int who = customer(w), at = listener(w);

	world_redeem(w, who, recent(w, PROMOTION_TOPUP_PERCENT));
	world_topup(w, who, 100000, 100000);
	if (world_random(w, 2) == 0) {
		spend(w, who, at, 3000);
	} else {
		world_refund(w, 0, false);
		world_dispute(w);
	}
	spend(w, who, at, 100);
	world_payout(w, at);
	if (world_random(w, 2) == 0)
		world_win(w);
}

/* Refunds that fail, and disputes that are won, more than once. */
static void
reversals(struct world *w)
{
	int who = customer(w);

	world_topup(w, who, 1000, 1000);
	for (int i = 0; i < 3; i++) {
		world_refund(w, 1000, true);
		world_dispute(w);
		world_win(w);
	}
	world_refund(w, 0, false);
	world_refund(w, 0, false);
	if (world_random(w, 2) == 0)
		world_topup(w, who, 5000, 10);
	spend(w, who, FIRST_LISTENER, 100);
	world_payout(w, FIRST_LISTENER);
}

/*
 * A bonus for a new account that pays. refunds: the session that earned the
 * bonus and the top-up are refunded, before or after the bonus is paid.
 */
static void
referral(struct world *w, int64_t amount, bool refunds)
{
	int inviter = listener(w), who = customer(w), at = listener(w);
	int other = inviter == PEOPLE - 1 ? FIRST_LISTENER : inviter + 1;
	bool before = world_random(w, 2) == 0;

	spend(w, who, at, 100);
	if (!world_join(w, who, inviter, world_random(w, 4) == 0))
		return;
	world_topup(w, who, amount, amount);
	world_rate(w, at, 10000);
	world_talk(w, who, at, 290 * SECOND, -1);
	if (refunds && before)
		world_refund_session(w, true);
	world_wait(w, 8 * DAY);
	if (refunds) {
		world_refund_session(w, true);
		world_refund_session(w, true);
		world_refund(w, 0, false);
	}
	spend(w, inviter, other, 100);
	spend(w, who, at, 100);
	world_payout(w, at);
	world_payout(w, other);
}

static void
referral_without_spending(struct world *w)
{
	referral(w, 10, false);
}

static void
referral_with_spending(struct world *w)
{
	referral(w, 60000, false);
}

static void
referral_with_refund(struct world *w)
{
	referral(w, 60000, true);
}

/* Redeems again with a new account. */
static void
return_and_redeem(struct world *w)
{
	int who = customer(w), at = listener(w);

	for (int kind = 1; kind <= 3; kind++)
		world_redeem(w, who, recent(w, kind));
	spend(w, who, at, 100);
	world_join(w, who, who, true);
	for (int kind = 1; kind <= 3; kind++)
		world_redeem(w, who, recent(w, kind));
	spend(w, who, at, 100);
	world_payout(w, at);
}

static void
wait_a_day(struct world *w)
{
	world_wait(w, world_random(w, DAY));
}

struct play {
	const char *name;
	void (*run)(struct world *);
	int64_t gain, times;
};

static struct play plays[] = {
	{ "random_money", random_money, 0, 0 },
	{ "minutes_at_any_rate", minutes_at_any_rate, 0, 0 },
	{ "rate_rises", rate_rises, 0, 0 },
	{ "many_redemptions", many_redemptions, 0, 0 },
	{ "topup_bonus", topup_bonus, 0, 0 },
	{ "reversals", reversals, 0, 0 },
	{ "referral_without_spending", referral_without_spending, 0, 0 },
	{ "referral_with_spending", referral_with_spending, 0, 0 },
	{ "referral_with_refund", referral_with_refund, 0, 0 },
	{ "return_and_redeem", return_and_redeem, 0, 0 },
	{ "wait_a_day", wait_a_day, 0, 0 },
};

/* Returns a random play, or the one with the highest mean gain. */
static struct play *
choose(struct world *w)
{
	struct play *best = &plays[world_random(w, NELEM(plays))];

	if (world_random(w, 2) == 0)
		return best;
	for (size_t i = 0; i < NELEM(plays); i++)
		if (plays[i].times > 0 && plays[i].gain / plays[i].times >
		    (best->times > 0 ? best->gain / best->times : 0))
			best = &plays[i];
	return best;
}

static void
play_one(struct world *w)
{
	struct play *p = choose(w);
	int64_t before = world_worth(w);

	p->run(w);
	p->gain += world_worth(w) - before;
	p->times++;
}

/* Runs the moves. Returns the exit status. */
static int
run(struct world *w, int64_t moves)
{
	int64_t every = moves / 20000 + 1, excess = 0, max = INT64_MIN;
	int left;

	for (int64_t n = 0; w->moves < moves; n++) {
		if (!world_begin(w))
			return 1;
		new_promotions(w);
		for (int i = 0; i < PLAYS_PER_COMMIT && !w->failed; i++)
			play_one(w);
		if (w->failed || !world_end(w) || db_read(w->db) != RC_OK)
			return 1;
		if (n % every == 0 && !world_excess(w, &excess))
			return 1;
		db_read_end(w->db);
		/* Otherwise the WAL grows, and reading it becomes slow. */
		if (n % COMMITS_PER_CHECKPOINT == 0 &&
		    db_checkpoint(w->db, true, &left) != RC_OK)
			return 1;
		if (excess > max)
			max = excess;
		if (excess > 0)
			break;
	}
	printf("%" PRId64 " moves: in %" PRId64 ", out %" PRId64
	    ", highest excess %" PRId64 "\n", w->moves, w->in, w->out, max);
	for (size_t i = 0; i < NELEM(plays); i++)
		printf("%s: %" PRId64 " times, mean gain %" PRId64 "\n",
		    plays[i].name, plays[i].times, plays[i].times > 0 ?
		    plays[i].gain / plays[i].times : 0);
	return excess > 0 ? 3 : 0;
}

int
main(int argc, char **argv)
{
	static struct world w;
	int64_t moves, seed;
	int status;

	if (argc != 6 || !str_int(argv[4], &moves) || !str_int(argv[5], &seed))
		return 2;
	log_init("adversary", LOG_WARN);
	w.conf = conf_load(argv[3], stderr);
	if (w.conf == NULL)
		return 2;
	session_register(w.conf);
	w.now = START;
	w.random = (uint64_t)seed * 2 + 1;
	arena_init(&w.arena, 4 << 20);
	err_init(&w.err, &w.arena);
	w.db = db_open(argv[1], argv[2], DB_SERVE, &w.err);
	if (w.db == NULL) {
		fprintf(stderr, "adversary: %s\n", w.err.message);
		return 1;
	}
	status = world_setup(&w) ? run(&w, moves) : 1;
	if (status == 1)
		fprintf(stderr, "adversary: the service failed: %s\n",
		    w.err.message == NULL ? "" : w.err.message);
	db_close(w.db);
	return status;
}
