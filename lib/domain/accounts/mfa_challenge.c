#include "base/secret_token.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/mfa_code.h"
#include "domain/accounts/network.h"

/* Maximum number of challenges of an account; the oldest are deleted. */
#define CHALLENGES_MAX	20

struct challenge {
	struct hash hash;
	int64_t user, tries_left;
	bool from_password;
};

static enum rc
invalid(struct err *err)
{
	return err_set(err, RC_AUTH, "mfa_token_invalid",
	    "The sign-in has expired or had too many wrong codes. Sign in "
	    "again");
}

enum rc
mfa_challenge(struct db *db, struct arena *a, int64_t user,
    bool from_password, int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_MFA_CHALLENGE_ADD);
	char *token = arena_alloc(a, SECRET_TOKEN_TEXT);
	struct hash hash = secret_token_make(token);
	enum rc rc;

	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":user", user);
	stmt_int(q, ":tries", MFA_CODE_TRIES);
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", now + MFA_CHALLENGE_TTL);
	stmt_int(q, ":password", from_password);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_MFA_CHALLENGE_TRIM);
	stmt_int(q, ":user", user);
	stmt_int(q, ":max", CHALLENGES_MAX);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	err_set(err, RC_AUTH, "mfa_required",
	    "Enter the code of your authenticator app");
	err->mfa_token = token;
	return RC_AUTH;
}

static enum rc
find(struct db *db, const char *token, int64_t now, struct challenge *c,
    struct err *err)
{
	struct stmt *q;
	enum rc rc;

	*c = (struct challenge){ .user = 0 };
	if (!secret_token_hash(token, &c->hash))
		return invalid(err);
	q = stmt_get(db, Q_MFA_CHALLENGE_FIND);
	stmt_blob(q, ":hash", c->hash.b, sizeof(c->hash.b));
	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		c->user = stmt_col_int(q, 0);
		c->tries_left = stmt_col_int(q, 1);
		c->from_password = stmt_col_int(q, 2) != 0;
	}
	rc = stmt_done(q);
	return rc == RC_OK && c->user == 0 ? invalid(err) : rc;
}

enum rc
mfa_challenge_find(struct db *db, const char *token, int64_t now,
    int64_t *user, struct err *err)
{
	struct challenge c;
	enum rc rc = find(db, token, now, &c, err);

	*user = c.user;
	return rc;
}

/* Counts a wrong code, or deletes the challenge if `tries` is 0. */
static enum rc
set_tries(struct db *db, const struct hash *hash, int64_t tries)
{
	struct stmt *q = stmt_get(db, tries > 0 ? Q_MFA_CHALLENGE_TRIES :
	    Q_MFA_CHALLENGE_DROP);

	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	if (tries > 0)
		stmt_int(q, ":tries", tries);
	return stmt_run(q);
}

enum rc
mfa_sign_in(struct db *db, struct arena *a, const struct conf *conf,
    const char *token, const struct mfa_code *code, const char *user_agent,
    int64_t now, struct token_pair *pair, struct err *err)
{
	struct challenge c;
	struct account acc;
	enum rc rc = find(db, token, now, &c, err), counted;

	if (rc == RC_OK)
		rc = account_get(db, a, c.user, &acc);
	if (rc != RC_OK)
		return rc;
	if (!account_active(&acc, now))
		return actor_inactive(db, c.user, err);
	rc = mfa_code_check(db, conf, c.user, code, now, err);
	if (rc == RC_BAD) {
		counted = set_tries(db, &c.hash, c.tries_left - 1);
		if (counted != RC_OK)
			return counted;
		err->attempts_left = (int)c.tries_left - 1;
	}
	/* The factor was removed meanwhile: the sign-in must begin again. */
	if (rc == RC_CONFLICT)
		return invalid(err);
	if (rc == RC_OK)
		rc = set_tries(db, &c.hash, 0);
	if (rc == RC_OK)
		rc = auth_session_issue_verified(db, a, conf, c.user,
		    c.from_password, user_agent, now, pair);
	return rc == RC_OK ? network_signed_in(db, conf, c.user, code->from,
	    now) : rc;
}
