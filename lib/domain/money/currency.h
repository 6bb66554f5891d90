/*
 * currency: the currency of the database.
 *
 * All amounts are in its minor unit, so it never changes after the database was
 * created. The configuration must name it (server.currency).
 */
#ifndef DOMAIN_MONEY_CURRENCY_H
#define DOMAIN_MONEY_CURRENCY_H

#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

/*
 * Stores the currency of the configuration if the database has none. Needs a
 * write transaction.
 */
enum rc	currency_fix(struct db *, const struct conf *);
/* Reads the currency, in the arena. A database without one has "". */
enum rc	currency_get(struct db *, struct arena *, const char **code);
/*
 * Returns RC_CONFLICT, with a message for the operator, if the configuration
 * names another currency than the database. A database without a currency
 * matches. Opens a read transaction of its own.
 */
enum rc	currency_check(struct db *, const struct conf *, struct err *);

#endif
