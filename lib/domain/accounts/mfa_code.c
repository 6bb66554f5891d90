#include "domain/accounts/mfa_code.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "domain/accounts/network.h"
#include "domain/common/throttle.h"

#define SCOPE		"mfa"
#define RECOVERY_CHARS	10		/* about 49 bits */

/*
 * Returns the key of the counter for the network of a client. Each factor has
 * its own, so that a new one can be set up if the limit was reached with the
 * former one.
 */
static enum rc
counter_key(struct db *db, const struct conf *conf, int64_t user,
    const char *from, int64_t now, struct hash *key)
{
	struct mfa_factor f = { .confirmed_at = 0 };
	char name[48];
	bool known = false;
	enum rc rc = mfa_factor_get(db, user, &f);

	if (rc == RC_OK)
		rc = network_known(db, conf, user, from, now, &known);
	snprintf(name, sizeof(name), "%" PRId64 " %" PRId64, user,
	    f.confirmed_at);
	*key = network_key(conf, SCOPE, name, known ? from : NULL);
	return rc;
}

enum rc
mfa_code_limit(struct db *db, const struct conf *conf, int64_t user,
    const char *from, int64_t now, struct err *err)
{
	struct hash key;
	int64_t n = 0, wait = 0;
	enum rc rc = counter_key(db, conf, user, from, now, &key);

	if (rc == RC_OK)
		rc = throttle_get(db, SCOPE, &key, now, &n, &wait);
	if (rc != RC_OK || n < MFA_WRONG_MAX)
		return rc;
	err_set(err, RC_LIMITED, NULL, "Too many wrong codes. Try again later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

enum rc
mfa_code_wrong(struct db *db, const struct conf *conf, int64_t user,
    const char *from, int64_t now, struct err *err)
{
	struct hash key;
	enum rc rc = counter_key(db, conf, user, from, now, &key);

	if (rc == RC_OK)
		rc = throttle_add(db, SCOPE, &key, DAY, now);
	return rc == RC_OK ? err_set(err, RC_BAD, "mfa_invalid",
	    "The code is wrong or was used before") : rc;
}

/* Returns the keyed hash of a recovery code, of which only text counts. */
static struct hash
recovery_hash(const struct conf *conf, int64_t user, const char *code)
{
	struct hash key = hash_derive(&conf->key_otp, "recovery code");
	char text[24 + RECOVERY_CHARS + 2];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%" PRId64 ":", user);
	for (; *code != '\0' && n < sizeof(text); code++)
		if (*code >= 'A' && *code <= 'Z')
			text[n++] = (char)(*code - 'A' + 'a');
		else if (*code != '-' && *code != ' ')
			text[n++] = *code;
	return hash_hmac(key.b, sizeof(key.b), text, n);
}

enum rc
mfa_code_recovery(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *codes[MFA_RECOVERY_CODES])
{
	/* Without characters that look like each other. */
	static const char chars[] = "23456789abcdefghjkmnpqrstuvwxyz";
	struct stmt *q = stmt_get(db, Q_MFA_DROP_RECOVERY);
	struct hash hash;
	enum rc rc;
	int i, k;

	stmt_int(q, ":user", user);
	rc = stmt_run(q);
	for (i = 0; i < MFA_RECOVERY_CODES && rc == RC_OK; i++) {
		char *code = arena_alloc(a, RECOVERY_CHARS + 2), *to = code;

		for (k = 0; k < RECOVERY_CHARS; k++) {
			if (k == RECOVERY_CHARS / 2)
				*to++ = '-';
			*to++ = chars[random_below(sizeof(chars) - 1)];
		}
		*to = '\0';
		codes[i] = code;
		hash = recovery_hash(conf, user, code);
		q = stmt_get(db, Q_MFA_RECOVERY_ADD);
		stmt_int(q, ":user", user);
		stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
		rc = stmt_run(q);
	}
	return rc;
}

/* Stores the step of a time-based code. *used: it is later than the last. */
static enum rc
take_step(struct db *db, const struct mfa_code *c, bool *used)
{
	struct stmt *q = stmt_get(db, Q_MFA_TOTP_USED);
	enum rc rc;

	stmt_int(q, ":user", c->factor.user);
	stmt_int(q, ":created", c->factor.created_at);
	stmt_int(q, ":step", c->step);
	rc = stmt_run(q);
	*used = db_changes(db) > 0;
	return rc;
}

static enum rc
take_recovery(struct db *db, const struct conf *conf, int64_t user,
    const char *text, bool *used)
{
	struct hash hash = recovery_hash(conf, user, text);
	struct stmt *q = stmt_get(db, Q_MFA_RECOVERY_USE);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	rc = stmt_run(q);
	*used = db_changes(db) > 0;
	return rc;
}

enum rc
mfa_code_check(struct db *db, const struct conf *conf, int64_t user,
    const struct mfa_code *c, int64_t now, struct err *err)
{
	struct mfa_state state;
	bool used = false;
	enum rc rc = mfa_state_get(db, user, &state);

	if (rc == RC_OK && !state.totp)
		return err_set(err, RC_CONFLICT, "mfa_not_enabled",
		    "The account has no second factor");
	if (rc == RC_OK)
		rc = mfa_code_limit(db, conf, user, c->from, now, err);
	if (rc == RC_OK)
		rc = c->step >= 0 ? take_step(db, c, &used) :
		    take_recovery(db, conf, user, c->text, &used);
	if (rc != RC_OK || used)
		return rc;
	return mfa_code_wrong(db, conf, user, c->from, now, err);
}
