#include "domain/money/bonus_reversal.h"

#include "base/int64.h"
#include "domain/money/returning_user.h"
#include "domain/money/wallet.h"
#include "domain/money/wallet_close.h"

enum rc
bonus_reversal_take(struct db *db, const struct bonus_grant *g, int64_t amount,
    int64_t now, int64_t *owed, struct err *err)
{
	int64_t has[LEDGER_KINDS], bonus, user;
	struct transfer t;
	enum rc rc;

	*owed = 0;
	if (amount == 0)
		return RC_OK;
	rc = returning_user_payer(db, g->user, now - RETURNING_USER_DEBT,
	    &user);
	if (rc == RC_OK)
		rc = ledger_user(db, user, has);
	if (rc != RC_OK)
		return rc;
	bonus = int64_min(amount, has[LEDGER_BONUS]);
	*owed = amount - bonus;
	ledger_transfer_init(&t, g->type, g->reference, now);
	t.note = g->note;
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_BONUS), -bonus);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_OWED), -*owed);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_PROMOTION), amount);
	rc = wallet_post(db, &t, err);
	return rc == RC_OK ? wallet_settle(db, user, now, err) : rc;
}

enum rc
bonus_reversal_return(struct db *db, const struct bonus_grant *g,
    int64_t bonus, int64_t owed, int64_t now, struct err *err)
{
	int64_t debt, paid, user;
	struct transfer t;
	enum rc rc;

	if (bonus + owed == 0)
		return RC_OK;
	rc = returning_user_payer(db, g->user, INT64_MIN, &user);
	if (rc == RC_OK)
		rc = ledger_balance(db, LEDGER_ACCOUNT(user, LEDGER_OWED),
		    &debt);
	if (rc != RC_OK)
		return rc;
	paid = int64_min(-debt, owed);
	ledger_transfer_init(&t, g->type, g->reference, now);
	t.note = g->note;
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_PROMOTION),
	    -bonus - owed);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_BONUS), bonus);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_OWED), paid);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(user, LEDGER_WALLET),
	    owed - paid);
	rc = wallet_post(db, &t, err);
	/* A deleted account gives up what it gets. */
	return rc == RC_OK ? wallet_close_sync(db, user, now, err) : rc;
}
