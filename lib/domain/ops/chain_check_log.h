/*
 * chain_check_log: the results of the last verification of the hash chains of
 * the ledger and of the audit log.
 *
 * earmark-jobs verifies new rows each minute. It verifies a chain completely
 * each night, and every 10 minutes after an error until the chain is valid. The
 * result is stored in a row, so that reports need no verification.
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
	int64_t whole_at;		/* the last complete check */
	int64_t links;			/* transfers, or audit rows */
	int64_t entries;		/* of the transfers */
	struct hash head;		/* of the last link */
	const char *first_wrong;	/* the first error; NULL: no error */
};

/* Reads the last result. RC_OK also if the check never ran: see checked_at. */
enum rc	chain_check_log_get(struct db *, struct arena *, const char *name,
	    struct chain_check *);
/* Stores a result, in a write transaction. */
enum rc	chain_check_log_put(struct db *, const char *name,
	    const struct chain_check *);

/* Appends the results as Prometheus gauges. */
enum rc	chain_check_log_gauges(struct db *, struct arena *, struct buf *out);

enum chain_check_need {
	CHAIN_CHECK_FRESH,		/* nothing to do */
	CHAIN_CHECK_NEW,		/* verify new rows */
	CHAIN_CHECK_WHOLE		/* verify all rows */
};
/* Returns the verification that is due. A complete one starts at 03:00 UTC. */
enum chain_check_need chain_check_log_need(const struct chain_check *,
	    int64_t now);

#endif
