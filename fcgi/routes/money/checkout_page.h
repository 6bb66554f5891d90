/*
 * checkout_page: renders the HTML pages of a payment.
 */
#ifndef FCGI_ROUTES_MONEY_CHECKOUT_PAGE_H
#define FCGI_ROUTES_MONEY_CHECKOUT_PAGE_H

#include "domain/money/payment.h"
#include "fcgi/core/req.h"

/*
 * Renders the page of the sandbox provider: buttons to pay or decline, or the
 * result if the payment is complete.
 */
void	checkout_page_checkout(struct req *, const struct payment *);
/*
 * Renders the page to which the payer returns: the state of the payment. It
 * reloads while the payment is pending. It does not show the balance, because
 * the payer may share the link.
 */
void	checkout_page_return(struct req *, const struct payment *);
/* Returns the URL of the page to which the payer returns. */
const char *checkout_page_return_url(struct req *, const struct payment *);

#endif
