/*
 * ledger_verify: walks transfers, entries and wallet entries in parallel and
 * recomputes hashes and balances.
 */
#include "base/str.h"
#include "domain/money/ledger_walk.h"

/* Loads all accounts by number, and their users. */
static enum rc
load_accounts(struct ledger_walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_SIZE);
	struct ledger_walk_account *p;
	size_t max = stmt_row(q) ? (size_t)stmt_col_int(q, 0) : 0;
	enum rc rc = stmt_done(q);

	if (rc != RC_OK)
		return rc;
	w->accounts = arena_zalloc(&w->own, max, sizeof(*w->accounts));
	w->owners = arena_zalloc(&w->own, max, sizeof(*w->owners));
	q = stmt_get(w->db, Q_LEDGER_VERIFY_ACCOUNTS);
	while (w->naccounts < max && stmt_row(q)) {
		p = &w->accounts[w->naccounts];
		p->account = stmt_col_int(q, 0);
		p->stored = stmt_col_int(q, 1);
		if (p->account < LEDGER_WALLET ||
		    (p->account & 15) < LEDGER_WALLET ||
		    (p->account & 15) >= LEDGER_KINDS)
			ledger_walk_error(w, "account %lld is not possible",
			    (long long)p->account);
		if (w->nowners == 0 || w->owners[w->nowners - 1].user !=
		    p->account >> 4)
			w->owners[w->nowners++] = (struct ledger_walk_owner){
			    .user = p->account >> 4, .at = INT64_MIN,
			    .first = w->naccounts };
		p->owner = w->nowners - 1;
		w->naccounts++;
	}
	w->p->accounts = (int64_t)w->naccounts;
	return stmt_done(q);
}

/* Loads a user, its accounts, and its wallet entries up to transfer `from`. */
static enum rc
load_owner(struct ledger_walk *w, int64_t user, int64_t from)
{
	struct ledger_walk_owner *o = &w->owners[w->nowners++];
	int64_t stored[LEDGER_KINDS];
	struct stmt *q;
	enum rc rc = ledger_user(w->db, user, stored);

	*o = (struct ledger_walk_owner){ .user = user, .at = INT64_MIN,
	    .first = w->naccounts };
	for (int kind = LEDGER_WALLET; kind < LEDGER_KINDS; kind++)
		w->accounts[w->naccounts++] = (struct ledger_walk_account){
		    .account = LEDGER_ACCOUNT(user, kind),
		    .stored = stored[kind], .sum = stored[kind], .used = true,
		    .owner = w->nowners - 1 };
	if (rc != RC_OK || user == 0)
		return rc;
	q = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRY);
	stmt_int(q, ":user", user);
	stmt_int(q, ":id", from);
	if (stmt_row(q)) {
		o->at = stmt_col_int(q, 0);
		o->wallet_entries[0] = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	for (int type = WALLET_ENTRY_TOPUP;
	    type <= WALLET_ENTRY_ADJUSTMENT && rc == RC_OK; type++) {
		q = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRY_TYPE);
		stmt_int(q, ":user", user);
		stmt_int(q, ":type", type);
		stmt_int(q, ":id", from);
		o->wallet_entries[type] = stmt_row(q) ? stmt_col_int(q, 0) : 0;
		rc = stmt_done(q);
	}
	return rc;
}

/*
 * Loads all accounts of the users whose accounts changed after transfer
 * `from`, with the balances that they had then.
 */
static enum rc
load_changed(struct ledger_walk *w, int64_t from)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_MOVED);
	struct ledger_entry *changed = NULL, *grown;
	size_t n = 0, max = 0, i;
	struct ledger_walk_account *p;
	enum rc rc;

	stmt_int(q, ":id", from);
	for (; stmt_row(q); n++) {
		if (n == max) {
			max = max == 0 ? 256 : 2 * max;
			grown = arena_zalloc(&w->own, max, sizeof(*grown));
			if (n > 0)
				memcpy(grown, changed, n * sizeof(*grown));
			changed = grown;
		}
		changed[n].account = stmt_col_int(q, 0);
		changed[n].amount = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	w->accounts = arena_zalloc(&w->own, n * LEDGER_KINDS,
	    sizeof(*w->accounts));
	w->owners = arena_zalloc(&w->own, n, sizeof(*w->owners));
	for (i = 0; i < n && rc == RC_OK; i++) {
		if (w->nowners == 0 || w->owners[w->nowners - 1].user !=
		    changed[i].account >> 4)
			rc = load_owner(w, changed[i].account >> 4, from);
		p = ledger_walk_find(w, changed[i].account);
		if (p == NULL)
			ledger_walk_error(w, "account %lld is not stored",
			    (long long)changed[i].account);
		else
			p->sum -= changed[i].amount;
	}
	return rc;
}

/* Returns a user's balance, or earnings, after the entries so far. */
static int64_t
user_sum(const struct ledger_walk *w, const struct ledger_walk_owner *o, bool earned)
{
	int64_t sum = 0;

	for (size_t i = o->first; i < w->naccounts &&
	    w->accounts[i].account >> 4 == o->user; i++) {
		int64_t kind = w->accounts[i].account & 15;

		if (earned ? kind == LEDGER_EARNINGS : kind <= LEDGER_HELD)
			sum += w->accounts[i].sum;
	}
	return sum;
}

/* Adds an entry's amount to its account and checks the balance. */
static bool
apply_entry(struct ledger_walk *w, const struct transfer *t,
    const struct ledger_entry *e)
{
	struct ledger_walk_account *p = ledger_walk_find(w, e->account);

	if (p == NULL)
		return ledger_walk_error(w, "transfer %lld: account %lld is not stored",
		    (long long)t->id, (long long)e->account);
	p->used = true;
	if (__builtin_add_overflow(p->sum, e->amount, &p->sum) ||
	    p->sum != e->balance)
		return ledger_walk_error(w, "transfer %lld: the balance of %s is %lld, "
		    "the entry says %lld", (long long)t->id,
		    ledger_walk_name(w, e->account), (long long)p->sum,
		    (long long)e->balance);
	if (!ledger_sign_ok(t->type, e))
		return ledger_walk_error(w, "transfer %lld: the balance of %s is %lld",
		    (long long)t->id, ledger_walk_name(w, e->account),
		    (long long)p->sum);
	return true;
}

/* Reads the entries of a transfer and checks their sum. */
static bool
read_entries(struct ledger_walk *w, struct transfer *t)
{
	struct ledger_entry *e;
	int64_t id, sum = 0;

	for (t->n = 0; w->has_entry; w->has_entry = stmt_row(w->entries)) {
		id = stmt_col_int(w->entries, 0);
		if (id < t->id)
			return ledger_walk_error(w,
			    "an entry of transfer %lld, which is not stored",
			    (long long)id);
		if (id > t->id)
			break;
		if (t->n == LEDGER_ENTRIES ||
		    stmt_col_int(w->entries, 1) != (int64_t)t->n)
			return ledger_walk_error(w,
			    "transfer %lld: entry %lld is out of order",
			    (long long)t->id,
			    (long long)stmt_col_int(w->entries, 1));
		e = &t->entries[t->n++];
		e->account = stmt_col_int(w->entries, 2);
		e->amount = stmt_col_int(w->entries, 3);
		e->balance = stmt_col_int(w->entries, 4);
		w->p->entries++;
		if (!apply_entry(w, t, e))
			return false;
		if (__builtin_add_overflow(sum, e->amount, &sum))
			sum = INT64_MAX;
	}
	return sum == 0 && t->n > 0 ? true :
	    ledger_walk_error(w, "transfer %lld: its %zu entries sum to %lld",
	    (long long)t->id, t->n, (long long)sum);
}

/*
 * Checks a wallet entry against its transfer, which changed the sum by
 * `amount`.
 */
static bool
check_line(struct ledger_walk *w, const struct transfer *t, struct ledger_walk_owner *o,
    bool earned, int64_t amount)
{
	struct stmt *q = w->wallet_entries;
	enum wallet_entry_type type = wallet_entry_type_of(t->type);
	int64_t at = t->at > o->at ? t->at : o->at;

	if (!w->has_wallet_entry || stmt_col_int(q, 0) != t->id ||
	    stmt_col_int(q, 1) != o->user)
		return ledger_walk_error(w,
		    "transfer %lld: user %lld has no wallet entry of it",
		    (long long)t->id, (long long)o->user);
	if (stmt_col_int(q, 2) != at || stmt_col_int(q, 3) != (int64_t)type ||
	    stmt_col_int(q, 4) != earned || stmt_col_int(q, 7) != amount ||
	    stmt_col_int(q, 5) != o->wallet_entries[0] + 1 ||
	    stmt_col_int(q, 6) != o->wallet_entries[type] + 1 ||
	    stmt_col_int(q, 8) != user_sum(w, o, earned))
		return ledger_walk_error(w,
		    "transfer %lld: the wallet entry of user %lld does not "
		    "match it",
		    (long long)t->id, (long long)o->user);
	o->at = at;
	o->wallet_entries[0]++;
	o->wallet_entries[type]++;
	w->p->wallet_entries++;
	w->has_wallet_entry = stmt_row(q);
	return true;
}

/* Checks that each user whose balance a transfer changed has one entry. */
static bool
check_lines(struct ledger_walk *w, const struct transfer *t)
{
	int64_t after = 0, user, amount, earned;
	struct ledger_walk_account *p;

	/* The entries are sorted by user. */
	for (;;) {
		user = INT64_MAX;
		for (size_t i = 0; i < t->n; i++)
			if (t->entries[i].account >> 4 > after &&
			    t->entries[i].account >> 4 < user)
				user = t->entries[i].account >> 4;
		if (user == INT64_MAX)
			break;
		amount = earned = 0;
		p = NULL;
		for (size_t i = 0; i < t->n; i++) {
			int64_t kind = t->entries[i].account & 15;

			if (t->entries[i].account >> 4 != user)
				continue;
			p = ledger_walk_find(w, t->entries[i].account);
			if (kind <= LEDGER_HELD)
				amount += t->entries[i].amount;
			else if (kind == LEDGER_EARNINGS)
				earned += t->entries[i].amount;
		}
		if ((amount != 0 || earned != 0) && !check_line(w, t,
		    &w->owners[p->owner], earned != 0, amount + earned))
			return false;
		after = user;
	}
	if (w->has_wallet_entry && stmt_col_int(w->wallet_entries, 0) <= t->id)
		return ledger_walk_error(w,
		    "transfer %lld: the wallet entry of user %lld has no "
		    "entries",
		    (long long)stmt_col_int(w->wallet_entries, 0),
		    (long long)stmt_col_int(w->wallet_entries, 1));
	return true;
}

/* Checks a top-up against its payment. */
static bool
check_topup(struct ledger_walk *w, const struct transfer *t)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_PAYMENT);
	bool good;

	stmt_int(q, ":id", t->reference);
	good = stmt_row(q) && t->n == 2 && !stmt_is_null(q, 2);
	for (size_t i = 0; good && i < t->n; i++)
		good = t->entries[i].account ==
		    LEDGER_OPERATOR(LEDGER_GATEWAY) ||
		    (t->entries[i].account == LEDGER_ACCOUNT(stmt_col_int(q, 0),
		    LEDGER_WALLET) && t->entries[i].amount ==
		    stmt_col_int(q, 1));
	if (stmt_done(q) != RC_OK)
		good = false;
	w->topups++;
	return good ? true : ledger_walk_error(w,
	    "transfer %lld: it does not match payment %lld",
	    (long long)t->id, (long long)t->reference);
}

/* Checks the transfer that follows the last one of the proof. */
static bool
check_transfer(struct ledger_walk *w, struct stmt *q)
{
	struct transfer t = { .id = stmt_col_int(q, 0),
	    .reference = stmt_col_opt(q, 2), .at = stmt_col_int(q, 3) };
	int64_t type = stmt_col_int(q, 1);
	struct hash hash;
	const void *stored;
	size_t len = 0;

	if (t.id != w->p->transfers + 1)
		return ledger_walk_error(w, "transfer %lld is missing",
		    (long long)w->p->transfers + 1);
	if (type < TRANSFER_TOPUP || type >= TRANSFER_TYPES)
		return ledger_walk_error(w,
		    "transfer %lld: unknown type %lld", (long long)t.id,
		    (long long)type);
	t.type = (enum transfer_type)type;
	t.note = stmt_col_peek(q, 4);
	stmt_col_blob(q, 4, &len);
	/* The hash covers the note only up to a NUL byte. */
	if (t.note != NULL && (len > LEDGER_NOTE_MAX || strlen(t.note) != len))
		return ledger_walk_error(w,
		    "transfer %lld: its note is too long or contains NUL",
		    (long long)t.id);
	if (!read_entries(w, &t))
		return false;
	hash = ledger_hash(&w->p->head, &t);
	stored = stmt_col_blob(q, 5, &len);
	if (len != sizeof(hash) || memcmp(stored, hash.b, len) != 0)
		return ledger_walk_error(w,
		    "transfer %lld: its hash does not match its contents",
		    (long long)t.id);
	w->p->head = hash;
	w->p->transfers++;
	return check_lines(w, &t) &&
	    (t.type != TRANSFER_TOPUP || check_topup(w, &t));
}

/* Walks transfers, entries and wallet entries, which are in the same order. */
static enum rc
walk_transfers(struct ledger_walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_TRANSFERS);
	/* A complete walk includes rows with invalid numbers. */
	int64_t first = w->p->transfers == 0 ? INT64_MIN :
	    w->p->transfers + 1;
	enum rc rc, entries, wallet_entries;

	w->entries = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRIES);
	w->wallet_entries = stmt_get(w->db, Q_LEDGER_VERIFY_WALLET_ENTRIES);
	stmt_int(q, ":first", first);
	stmt_int(w->entries, ":first", first);
	stmt_int(w->wallet_entries, ":first", first);
	w->has_entry = stmt_row(w->entries);
	w->has_wallet_entry = stmt_row(w->wallet_entries);
	while (w->p->wrong == NULL && stmt_row(q))
		check_transfer(w, q);
	if (w->has_entry)
		ledger_walk_error(w, "an entry of transfer %lld, which is not stored",
		    (long long)stmt_col_int(w->entries, 0));
	if (w->has_wallet_entry)
		ledger_walk_error(w,
		    "a wallet entry of transfer %lld, which is not stored",
		    (long long)stmt_col_int(w->wallet_entries, 0));
	rc = stmt_done(q);
	entries = stmt_done(w->entries);
	wallet_entries = stmt_done(w->wallet_entries);
	return rc != RC_OK ? rc : entries != RC_OK ? entries : wallet_entries;
}

/* Checks that an account's stored balance is the sum of its entries. */
static void
check_balance(struct ledger_walk *w, const struct ledger_walk_account *p)
{
	if (p->stored != p->sum)
		ledger_walk_error(w, "the balance of %s is %lld, its row says %lld",
		    ledger_walk_name(w, p->account), (long long)p->sum,
		    (long long)p->stored);
}

/* Checks the stored balances of all accounts, and their sum. */
static void
check_accounts(struct ledger_walk *w)
{
	for (size_t i = 0; i < w->naccounts; i++) {
		const struct ledger_walk_account *p = &w->accounts[i];

		if (!p->used)
			ledger_walk_error(w, "%s has no entries",
			    ledger_walk_name(w, p->account));
		else
			check_balance(w, p);
		w->p->sum += p->stored;
	}
	if (w->p->sum != 0)
		ledger_walk_error(w, "all balances sum to %lld",
		    (long long)w->p->sum);
}

enum rc
ledger_verify(struct db *db, struct arena *arena, struct ledger_proof *p)
{
	struct ledger_walk w = { .db = db, .arena = arena, .p = p };
	enum rc rc = db_read(db);

	*p = (struct ledger_proof){ 0 };
	if (rc != RC_OK)
		return rc;
	/* The accounts may need more memory than a request's arena allows. */
	arena_init(&w.own, SIZE_MAX);
	rc = load_accounts(&w);
	if (rc == RC_OK)
		rc = walk_transfers(&w);
	if (rc == RC_OK && p->wrong == NULL) {
		check_accounts(&w);
		rc = ledger_walk_held(&w);
	}
	if (rc == RC_OK && p->wrong == NULL)
		rc = ledger_walk_payments(&w);
	if (rc == RC_OK && p->wrong == NULL)
		rc = ledger_walk_closed(&w);
	arena_free(&w.own);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}

/* Checks that the last transfer of the earlier proof is unchanged. */
static enum rc
check_last(struct ledger_walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_HASH);
	const void *stored = NULL;
	size_t n = 0;

	stmt_int(q, ":id", w->p->transfers);
	if (stmt_row(q))
		stored = stmt_col_blob(q, 0, &n);
	if (n != sizeof(w->p->head) || memcmp(stored, w->p->head.b, n) != 0)
		ledger_walk_error(w,
		    "transfer %lld: its hash changed after it was verified",
		    (long long)w->p->transfers);
	return stmt_done(q);
}

enum rc
ledger_verify_new(struct db *db, struct arena *arena,
    const struct ledger_proof *since, struct ledger_proof *p)
{
	struct ledger_walk w = { .db = db, .arena = arena, .p = p };
	enum rc rc = db_read(db);

	*p = (struct ledger_proof){ .transfers = since->transfers,
	    .entries = since->entries, .head = since->head };
	if (rc != RC_OK)
		return rc;
	arena_init(&w.own, SIZE_MAX);
	if (p->transfers > 0)
		rc = check_last(&w);
	if (rc == RC_OK && p->wrong == NULL)
		rc = load_changed(&w, p->transfers);
	if (rc == RC_OK && p->wrong == NULL)
		rc = walk_transfers(&w);
	for (size_t i = 0; rc == RC_OK && i < w.naccounts; i++)
		check_balance(&w, &w.accounts[i]);
	arena_free(&w.own);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}
