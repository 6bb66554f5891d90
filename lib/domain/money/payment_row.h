/*
 * payment_row: reads and writes rows of payments and of their reversals, for
 * the files of payments only.
 */
#ifndef DOMAIN_MONEY_PAYMENT_ROW_H
#define DOMAIN_MONEY_PAYMENT_ROW_H

#include "domain/money/payment.h"

/*
 * Read the current row: the columns of the statements payment_get and
 * payment_reversal_get. Texts are copied to the arena.
 */
void	payment_row(struct stmt *, struct arena *, struct payment *);
void	payment_row_reversal_row(struct stmt *, struct arena *,
	    struct payment_reversal *);
/* Reads the one row, if any, of a bound statement and resets the statement. */
enum rc	payment_row_reversal_one(struct stmt *, struct arena *,
	    struct payment_reversal *, bool *found);

/*
 * Inserts a reversal; ref may be NULL. Returns RC_CONFLICT if another reversal
 * has that ref.
 */
enum rc	payment_row_reversal_add(struct db *, const struct payment_reversal *,
	    int64_t now, int64_t *id);
/*
 * Updates a reversal. Its state never decreases, and a known ref does not
 * change. NULL for ref or why keeps the stored value.
 */
enum rc	payment_row_reversal_state(struct db *, int64_t id,
	    enum payment_reversal_state, const char *ref, const char *why,
	    int64_t now);

#endif
