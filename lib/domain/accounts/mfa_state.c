#include "domain/accounts/mfa.h"

enum rc
mfa_state_get(struct db *db, int64_t user, struct mfa_state *s)
{
	struct stmt *q = stmt_get(db, Q_MFA_STATE);

	*s = (struct mfa_state){ 0 };
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		s->totp = stmt_col_int(q, 0) != 0;
		s->recovery_codes = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}
