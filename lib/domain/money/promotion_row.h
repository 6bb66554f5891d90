/* promotion_row: reads rows of promotions, for the files of promotions only. */
#ifndef DOMAIN_MONEY_PROMOTION_ROW_H
#define DOMAIN_MONEY_PROMOTION_ROW_H

#include "domain/money/promotion.h"

/* Reads the current row of a statement with the columns of promotion_get. */
void	promotion_row(struct stmt *, struct arena *, struct promotion *);
/*
 * Reads the one row of a bound statement. Returns RC_NOT_FOUND
 * promotion_not_found if it has no row.
 */
enum rc	promotion_row_one(struct stmt *, struct arena *, struct promotion *,
	    struct err *);
/* Returns a code in capitals, in the arena; NULL if it is invalid. */
const char *promotion_row_code(struct arena *, const char *text);

#endif
