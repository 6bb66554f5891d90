#include "domain/money/wallet.h"

#include "base/int64.h"
#include "base/str.h"
#include "domain/common/event.h"

const char *const wallet_entry_type_names[] = {
	"topup", "session", "refund", "bonus", "payout", "adjustment", NULL
};

/* The type of the entry of each transfer; 0: it changes no balance. */
static const enum wallet_entry_type line_types[TRANSFER_TYPES] = {
	[TRANSFER_TOPUP] = WALLET_ENTRY_TOPUP,
	[TRANSFER_SESSION] = WALLET_ENTRY_SESSION,
	[TRANSFER_REFUND] = WALLET_ENTRY_REFUND,
	[TRANSFER_BONUS] = WALLET_ENTRY_BONUS,
	[TRANSFER_PAYOUT] = WALLET_ENTRY_PAYOUT,
	[TRANSFER_ADJUSTMENT] = WALLET_ENTRY_ADJUSTMENT,
	[TRANSFER_REVERSAL] = WALLET_ENTRY_REFUND,
	[TRANSFER_SETTLEMENT] = WALLET_ENTRY_REFUND,
	[TRANSFER_REFERRAL] = WALLET_ENTRY_BONUS,
};

enum wallet_entry_type
wallet_entry_type_of(enum transfer_type type)
{
	return line_types[type];
}

enum rc
wallet_get(struct db *db, int64_t user, struct wallet *w)
{
	struct stmt *q = stmt_get(db, Q_WALLET_GET);
	int64_t by_kind[LEDGER_KINDS] = { 0 };

	stmt_int(q, ":user", user);
	while (stmt_row(q))
		by_kind[stmt_col_int(q, 0) % LEDGER_KINDS] = stmt_col_int(q, 1);
	*w = (struct wallet){ .wallet = by_kind[LEDGER_WALLET],
	    .bonus = by_kind[LEDGER_BONUS], .held = by_kind[LEDGER_HELD],
	    .owed = -by_kind[LEDGER_OWED],
	    .earnings = by_kind[LEDGER_EARNINGS],
	    .free_minutes = by_kind[0] };
	w->balance = w->wallet + w->bonus + w->held;
	w->available = w->owed > 0 ? 0 : w->wallet + w->bonus;
	return stmt_done(q);
}

/* The user's last entry. */
struct last_line {
	int64_t at;			/* INT64_MIN: no entry */
	int64_t n, type_n;		/* its number, also by type */
	int64_t balance;		/* after the new transfer */
};

static enum rc
get_last_line(struct db *db, int64_t user, enum wallet_entry_type type,
    bool earned, struct last_line *b)
{
	struct stmt *q = stmt_get(db, Q_WALLET_ENTRY_BEFORE);

	stmt_int(q, ":user", user);
	stmt_int(q, ":type", type);
	stmt_int(q, ":first", LEDGER_ACCOUNT(user, earned ? LEDGER_EARNINGS :
	    LEDGER_WALLET));
	stmt_int(q, ":last", LEDGER_ACCOUNT(user, earned ? LEDGER_EARNINGS :
	    LEDGER_HELD));
	if (stmt_row(q))
		*b = (struct last_line){ stmt_col_opt(q, 0),
		    stmt_col_int(q, 1), stmt_col_int(q, 2),
		    stmt_col_int(q, 3) };
	return stmt_done(q);
}

/*
 * Adds a user's entry of a transfer, and its event. The time of an entry is
 * never before that of the previous entry.
 */
static enum rc
add_line(struct db *db, const struct transfer *t, int64_t user, bool earned,
    int64_t amount)
{
	enum wallet_entry_type type = line_types[t->type];
	struct last_line b = { 0 };
	struct stmt *q;
	enum rc rc;

	if (type == 0)
		BUG("a transfer of type %s changes the balance of user %lld",
		    ledger_transfer_type_names[t->type], (long long)user);
	rc = get_last_line(db, user, type, earned, &b);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_WALLET_ENTRY_ADD);
	stmt_int(q, ":transfer", t->id);
	stmt_int(q, ":user", user);
	stmt_int(q, ":at", t->at > b.at ? t->at : b.at);
	stmt_int(q, ":type", type);
	stmt_int(q, ":earned", earned);
	stmt_int(q, ":n", b.n + 1);
	stmt_int(q, ":type_n", b.type_n + 1);
	stmt_int(q, ":amount", amount);
	stmt_int(q, ":balance", b.balance);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	return event_add_object(db, user, EVENT_WALLET_CHANGED, t->at,
	    JSON_OBJECT(JSON_STR("account", earned ? "earnings" : "wallet"),
	    JSON_INT("balance", b.balance),
	    JSON_STR("type", wallet_entry_type_names[type - 1]),
	    JSON_INT("amount", amount)));
}

/* Sums up the changes of a user's balance and earnings by a transfer. */
static void
sum_changes(const struct transfer *t, int64_t user, int64_t *change,
    int64_t *earned)
{
	*change = *earned = 0;
	for (size_t i = 0; i < t->n; i++) {
		int64_t kind = t->entries[i].account & 15;

		if (t->entries[i].account >> 4 != user)
			continue;
		if (kind <= LEDGER_HELD)
			*change += t->entries[i].amount;
		else if (kind == LEDGER_EARNINGS)
			*earned += t->entries[i].amount;
	}
}

/* Returns whether an entry is the first one of its user. */
static bool
first_of_user(const struct transfer *t, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (t->entries[j].account >> 4 == t->entries[i].account >> 4)
			return false;
	return true;
}

enum rc
wallet_post(struct db *db, struct transfer *t, struct err *err)
{
	int64_t user, change, earned;
	enum rc rc = ledger_post(db, t, err);

	for (size_t i = 0; rc == RC_OK && i < t->n; i++) {
		user = t->entries[i].account >> 4;
		if (user == 0 || !first_of_user(t, i))
			continue;
		sum_changes(t, user, &change, &earned);
		if (change != 0 && earned != 0)
			BUG("a transfer changes balance and earnings of user "
			    "%lld", (long long)user);
		if (change != 0 || earned != 0)
			rc = add_line(db, t, user, earned != 0,
			    change + earned);
	}
	return rc;
}

/* Moves money from an account of the operator to one of a user. */
static enum rc
move_to_user(struct db *db, enum transfer_type type, int64_t reference,
    enum ledger_kind from, int64_t user, enum ledger_kind kind,
    int64_t amount, const char *note, int64_t now, struct err *err)
{
	struct transfer t;

	ledger_transfer_init(&t, type, reference, now);
	t.note = note;
	ledger_transfer_add(&t, LEDGER_OPERATOR(from), -amount);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, kind), amount);
	return wallet_post(db, &t, err);
}

enum rc
wallet_settle(struct db *db, int64_t user, int64_t now, struct err *err)
{
	struct transfer t;
	int64_t has[LEDGER_KINDS], n;
	enum rc rc = ledger_user(db, user, has);

	if (rc != RC_OK)
		return rc;
	n = int64_min(-has[LEDGER_OWED], has[LEDGER_WALLET]);
	if (n == 0)
		return RC_OK;
	ledger_transfer_init(&t, TRANSFER_SETTLEMENT, INT64_MIN, now);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_WALLET), -n);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_OWED), n);
	return wallet_post(db, &t, err);
}

enum rc
wallet_topup(struct db *db, int64_t user, int64_t amount, int64_t payment,
    int64_t now, struct err *err)
{
	enum rc rc = move_to_user(db, TRANSFER_TOPUP, payment, LEDGER_GATEWAY,
	    user, LEDGER_WALLET, amount, NULL, now, err);

	return rc == RC_OK ? wallet_settle(db, user, now, err) : rc;
}

enum rc
wallet_reverse(struct db *db, int64_t user, int64_t amount, int64_t payment,
    int64_t now, int64_t *bonus, struct err *err)
{
	int64_t has[LEDGER_KINDS], wallet;
	struct transfer t;
	enum rc rc = ledger_user(db, user, has);

	if (rc != RC_OK)
		return rc;
	wallet = int64_min(amount, has[LEDGER_WALLET]);
	*bonus = int64_min(amount - wallet, has[LEDGER_BONUS]);
	ledger_transfer_init(&t, TRANSFER_REVERSAL, payment, now);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_WALLET), -wallet);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_BONUS), -*bonus);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_OWED),
	    wallet + *bonus - amount);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_GATEWAY), amount);
	return wallet_post(db, &t, err);
}

enum rc
wallet_restore(struct db *db, int64_t user, int64_t amount, int64_t bonus,
    int64_t payment, int64_t now, struct err *err)
{
	int64_t owed, rest = amount - bonus;
	struct transfer t;
	enum rc rc;

	rc = ledger_balance(db, LEDGER_ACCOUNT(user, LEDGER_OWED), &owed);
	if (rc != RC_OK)
		return rc;
	owed = int64_min(-owed, rest);
	ledger_transfer_init(&t, TRANSFER_REVERSAL, payment, now);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_GATEWAY), -amount);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_BONUS), bonus);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_OWED), owed);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_WALLET),
	    rest - owed);
	return wallet_post(db, &t, err);
}

enum rc
wallet_lose(struct db *db, int64_t amount, int64_t payment, int64_t now,
    struct err *err)
{
	struct transfer t;

	if (amount == 0)
		return RC_OK;
	ledger_transfer_init(&t, TRANSFER_REVERSAL, payment, now);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_LOSS), -amount);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_GATEWAY), amount);
	return ledger_post(db, &t, err);
}

enum rc
wallet_bonus(struct db *db, int64_t user, int64_t amount, int64_t promotion,
    const char *note, int64_t now, struct err *err)
{
	return move_to_user(db, TRANSFER_BONUS, promotion, LEDGER_PROMOTION,
	    user, LEDGER_BONUS, amount, note, now, err);
}

enum rc
wallet_referral(struct db *db, int64_t user, int64_t amount, int64_t payment,
    int64_t now, struct err *err)
{
	return move_to_user(db, TRANSFER_REFERRAL, payment, LEDGER_PROMOTION,
	    user, LEDGER_BONUS, amount, NULL, now, err);
}

static wallet_watcher *watcher;

void
wallet_watch(wallet_watcher *f)
{
	watcher = f;
}

enum rc
wallet_credited(struct db *db, int64_t user, int64_t now, struct err *err)
{
	if (watcher == NULL)
		BUG("no function is registered by wallet_watch()");
	return watcher(db, user, now, err);
}
