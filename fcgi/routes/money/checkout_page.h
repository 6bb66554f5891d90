/*
 * checkout_page: what the pages of a payment say.
 */
#ifndef FCGI_ROUTES_MONEY_CHECKOUT_PAGE_H
#define FCGI_ROUTES_MONEY_CHECKOUT_PAGE_H

#include "domain/money/payment.h"
#include "fcgi/core/req.h"

/* The sandbox's: pay or decline; what became of it, when something has. */
void	checkout_page_checkout(struct req *, const struct payment *);
/*
 * Where a payer comes back to: how it stands, and it looks again by itself
 * while it is pending. It has no balance: the link may be shown to others.
 */
void	checkout_page_return(struct req *, const struct payment *);
/* The address of the latter. */
const char *checkout_page_return_url(struct req *, const struct payment *);

#endif
