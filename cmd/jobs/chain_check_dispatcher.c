#include "cmd/jobs/chain_check_dispatcher.h"

#include "base/log.h"
#include "base/str.h"
#include "domain/common/audit.h"
#include "domain/money/ledger.h"
#include "domain/ops/chain_check_log.h"

#define MEMORY	(16 << 20)

static enum rc
check_ledger(struct db *db, struct arena *a, bool whole, struct chain_check *p)
{
	struct ledger_proof since = { .transfers = p->links,
	    .entries = p->entries, .head = p->head }, proof;
	enum rc rc = whole ? ledger_verify(db, a, &proof) :
	    ledger_verify_new(db, a, &since, &proof);

	p->links = proof.transfers;
	p->entries = proof.entries;
	p->head = proof.head;
	p->first_wrong = proof.wrong;
	return rc;
}

/*
 * Verifies the audit log, or only its new rows. `entries` counts rows that have
 * a hash.
 */
static enum rc
check_audit(struct db *db, struct arena *a, bool whole, struct chain_check *p)
{
	struct audit_proof since = { .rows = p->links, .chained = p->entries,
	    .head = p->head }, proof;
	enum rc rc = audit_verify(db, a, whole ? NULL : &since, &proof);

	p->links = proof.rows;
	p->entries = proof.chained;
	p->head = proof.head;
	p->first_wrong = proof.wrong;
	return rc;
}

static const struct chain {
	const char *name;
	enum rc (*prove)(struct db *, struct arena *, bool whole,
	    struct chain_check *);
} chains[] = {
	{ CHAIN_CHECK_LEDGER, check_ledger },
	{ CHAIN_CHECK_AUDIT, check_audit },
};

static enum rc
chain_check_last(struct db *db, struct arena *a, const struct chain *c,
    struct chain_check *p)
{
	enum rc rc = db_read(db);

	if (rc != RC_OK)
		return rc;
	rc = chain_check_log_get(db, a, c->name, p);
	db_read_end(db);
	return rc;
}

static enum rc
store_chain_check(struct db *db, const struct chain *c,
    const struct chain_check *p)
{
	enum rc rc = db_write(db);

	if (rc != RC_OK)
		return rc;
	rc = chain_check_log_put(db, c->name, p);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static enum rc
chain_check_one(struct db *db, struct arena *a, const struct chain *c,
    int64_t now, struct message_dispatcher_sum *sum)
{
	enum chain_check_need need;
	struct chain_check p;
	bool known;
	enum rc rc = chain_check_last(db, a, c, &p);

	need = chain_check_log_need(&p, now);
	if (rc != RC_OK || need == CHAIN_CHECK_FRESH)
		return rc;
	known = p.first_wrong != NULL;
	rc = c->prove(db, a, need == CHAIN_CHECK_WHOLE, &p);
	if (rc != RC_OK)
		return rc;
	p.checked_at = now;
	if (need == CHAIN_CHECK_WHOLE)
		p.whole_at = now;
	if (p.first_wrong != NULL && !known)
		log_error("proof", "the %s is broken: %s", c->name,
		    p.first_wrong);
	sum->sent++;
	return store_chain_check(db, c, &p);
}

enum rc
chain_check_dispatcher_run(struct db *db, const struct conf *conf,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct arena a;
	enum rc rc = RC_OK;
	size_t i;

	(void)conf;
	arena_init(&a, MEMORY);
	for (i = 0; i < NELEM(chains) && rc == RC_OK && !*stop; i++) {
		arena_reset(&a);
		rc = chain_check_one(db, &a, &chains[i], now(), sum);
	}
	arena_free(&a);
	return rc;
}
