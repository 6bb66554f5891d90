/*
 * chain_check_log: how the last proofs of the chains went: the ledger's, the audit's.
 *
 * earmark-jobs proves what is new each minute, behind what was proved before,
 * and all of it each night, and after something was found to be wrong, until
 * it is well again. What it found is a row, so that everybody can ask for it
 * without proving anything.
 */
#ifndef DOMAIN_OPS_CHAIN_CHECK_LOG_H
#define DOMAIN_OPS_CHAIN_CHECK_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "db/db.h"

#define CHAIN_CHECK_LEDGER	"ledger"
#define CHAIN_CHECK_AUDIT	"audit"

struct chain_check {
	int64_t checked_at;		/* INT64_MIN: never */
	int64_t whole_at;		/* when all of it was; INT64_MIN */
	int64_t links;			/* transfers; rows of the audit */
	int64_t entries;		/* of the transfers */
	struct hash head;		/* of the last link */
	const char *wrong;		/* the first that is; NULL: all is well */
};

/* The last one. One that was never made is RC_OK too: see checked_at. */
enum rc	chain_check_log_get(struct db *, struct arena *, const char *name,
	    struct chain_check *);
/* Write it down, in a write transaction. */
enum rc	chain_check_log_put(struct db *, const char *name,
	    const struct chain_check *);

/* How they went, as metrics. */
enum rc	chain_check_log_gauges(struct db *, struct arena *, struct buf *out);

enum chain_check_need { CHAIN_CHECK_FRESH, CHAIN_CHECK_NEW, CHAIN_CHECK_WHOLE };
/* What is to be proved at that time. Nights begin at 03:00 UTC. */
enum chain_check_need chain_check_log_need(const struct chain_check *,
	    int64_t now);

#endif
