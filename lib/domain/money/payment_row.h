/*
 * payment_row: rows of payments and their returns, for the files of this noun.
 */
#ifndef DOMAIN_MONEY_PAYMENT_ROW_H
#define DOMAIN_MONEY_PAYMENT_ROW_H

#include "domain/money/payment.h"

/* The columns of payment_get, and of payment_return_get. */
void	payment_row(struct stmt *, struct arena *, struct payment *);
void	payment_row_reversal_row(struct stmt *, struct arena *,
	    struct payment_reversal *);
/* The one row of a statement that was bound, and its end. */
enum rc	payment_row_reversal_one(struct stmt *, struct arena *,
	    struct payment_reversal *, bool *found);

/*
 * Add a return; ref may be NULL. RC_CONFLICT: there is one with that ref.
 */
enum rc	payment_row_reversal_add(struct db *, const struct payment_reversal *,
	    int64_t now, int64_t *id);
/* Move its state on, learn its ref (NULL: not known), keep why (NULL: no). */
enum rc	payment_row_reversal_state(struct db *, int64_t id,
	    enum payment_reversal_state, const char *ref, const char *why,
	    int64_t now);

#endif
