/*
 * returning_user: accounts that verify an address of a former account.
 *
 * The deletion of an account keeps a keyed hash of each verified address, and
 * of each identity of an OpenID provider (identity.h passes a text in place of
 * the address), for accounts.return_days. So do the change of an address and the
 * removal of an identity. Otherwise a change before the deletion would make any
 * number of new accounts with two addresses. If another account verifies one, it
 * is linked to the former one: redemptions of promotions count again, it is not
 * an invited user (referral.h), and the users that the former one was paid for
 * count for its maximum. If the former one is deleted, and gave up the address
 * at most RETURNING_USER_DEBT ago, its debt moves. Refunds and disputes of the deleted account's
 * payments and bonuses concern the account that returned. Later subjects, and
 * earlier ones, carry over their own rows (for example blocks) in a function
 * that they register by returning_user_watch() at program start. The rows of a
 * deleted account that such a function reads must be kept.
 *
 * An account that returns and is deleted again replaces its predecessor, so
 * only the last account of an address is stored.
 */
#ifndef DOMAIN_MONEY_RETURNING_USER_H
#define DOMAIN_MONEY_RETURNING_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

/*
 * Keeps the hash of a verified address that an account gives up. address: in
 * normal form (identifier.h); NULL does nothing.
 */
enum rc	returning_user_keep(struct db *, struct arena *, const struct conf *,
	    int64_t user, const char *address, int64_t now);
/*
 * Links an account to the former account that had an address, if any. Call it
 * in the transaction in which the account verifies the address. A repeated call
 * only moves a debt. Runs the same statements whether or not the address is known,
 * except for the link itself.
 */
enum rc	returning_user_link(struct db *, struct arena *, const struct conf *,
	    int64_t user, const char *address, int64_t now, struct err *);
/*
 * Deletes the hashes of the deleted account that had an address; audited.
 * Existing links remain. Returns RC_NOT_FOUND if no hash of it is stored.
 */
enum rc	returning_user_forget(struct db *, struct arena *, const struct conf *,
	    const char *address, const struct audit_by *, struct err *);

/* How long a debt of a deleted account is kept. */
#define RETURNING_USER_DEBT (90 * DAY)

/*
 * Returns the account that pays for a user: the one that returned for it if the
 * user was deleted after `since`, otherwise the user. A reversal that takes
 * money passes now - RETURNING_USER_DEBT; one that returns it passes INT64_MIN,
 * so that the account that paid receives it.
 */
enum rc	returning_user_payer(struct db *, int64_t user, int64_t since,
	    int64_t *payer);

#define RETURNING_USER_WATCHERS 4

/*
 * Carries over rows of a former account to an account. It is called
 * once for each pair, in the transaction of the link.
 */
typedef enum rc returning_user_watcher(struct db *, int64_t former,
    int64_t user, int64_t deleted_at, int64_t now, struct err *);
/*
 * Registers a function at program start. A function that is registered already
 * is not added. Calls BUG() if there are more than RETURNING_USER_WATCHERS.
 */
void	returning_user_watch(returning_user_watcher *);

#endif
