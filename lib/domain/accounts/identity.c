#include "domain/accounts/identity.h"

#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/contact.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/mfa.h"
#include "domain/accounts/network.h"
#include "domain/accounts/security_log.h"
#include "domain/accounts/signup_open.h"
#include "domain/money/returning_user.h"

/* The first issuer identifies an account; a provider may have several. */
static const char *
issuer_of(const struct identity_token *t)
{
	return t->provider->issuers.v[0];
}

/*
 * Returns the text that returning_user.h keeps of an identity. Subjects differ
 * by case, so their digest is kept. No address contains a space.
 */
static const char *
former_text(struct arena *a, const char *issuer, const char *subject)
{
	const char *text = arena_fmt(a, "%s\n%s", issuer, subject);
	char hex[2 * sizeof(struct hash) + 1];
	struct hash hash = hash_sha256(text, strlen(text));

	hash_hex(hash.b, sizeof(hash.b), hex);
	return arena_fmt(a, "identity %s", hex);
}

/* Records that a token was used. */
static enum rc
use_token(struct db *db, const struct identity_token *t, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_IDENTITY_USE_TOKEN);
	enum rc rc;

	stmt_blob(q, ":hash", t->hash.b, sizeof(t->hash.b));
	stmt_int(q, ":expires", t->expires_at);
	rc = stmt_run(q);
	return rc == RC_CONFLICT ? err_set(err, RC_AUTH, "id_token_used",
	    "The ID token was used before. Sign in with the provider again") :
	    rc;
}

/*
 * *id and *user: 0: the identity is not linked. *from_password: as in
 * auth_session_issue().
 */
static enum rc
find(struct db *db, const struct identity_token *t, int64_t *id, int64_t *user,
    bool *from_password)
{
	struct stmt *q = stmt_get(db, Q_IDENTITY_FIND);

	*id = *user = 0;
	*from_password = false;
	stmt_text(q, ":issuer", issuer_of(t));
	stmt_text(q, ":subject", t->subject);
	if (stmt_row(q)) {
		*id = stmt_col_int(q, 0);
		*user = stmt_col_int(q, 1);
		*from_password = stmt_col_int(q, 2) != 0;
	}
	return stmt_done(q);
}

static enum rc
mark_used(struct db *db, int64_t id, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_IDENTITY_USED);

	stmt_int(q, ":id", id);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* Notifies the verified addresses of an account. */
static enum rc
notify(struct db *db, struct arena *a, const struct account *acc,
    const char *provider, bool linked, int64_t now)
{
	return contact_notice_owner(db, a, acc, linked ? "identity_linked" :
	    "identity_unlinked", TEXT_VARS({ "provider", provider }), now);
}

/*
 * Adds an identity. Without a session, from_password is that of the sign-in.
 * Returns RC_CONFLICT identity_limit.
 */
static enum rc
add(struct db *db, struct arena *a, const struct identity_token *t,
    int64_t user, int64_t session, bool from_password, int64_t now,
    int64_t *id, struct err *err)
{
	struct identity *v;
	struct stmt *q;
	size_t n;
	enum rc rc;

	rc = identity_list(db, a, user, &v, &n);
	if (rc == RC_OK && n == IDENTITY_MAX)
		return err_set(err, RC_CONFLICT, "identity_limit",
		    "The account has too many identities. Remove one first");
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_IDENTITY_ADD);
	stmt_int(q, ":user", user);
	stmt_text(q, ":provider", t->provider->name);
	stmt_text(q, ":issuer", issuer_of(t));
	stmt_text(q, ":subject", t->subject);
	stmt_int(q, ":session", session);
	stmt_int(q, ":password", from_password);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	*id = db_last_id(db);
	return rc == RC_OK ? security_log_add(db, user,
	    SECURITY_IDENTITY_LINKED, session, t->provider->name, now) : rc;
}

/* Links an account to the deleted account that had an identity, if any. */
static enum rc
link_former(struct db *db, struct arena *a, const struct conf *conf,
    const struct identity_token *t, int64_t user, int64_t now, struct err *err)
{
	return returning_user_link(db, a, conf, user, former_text(a,
	    issuer_of(t), t->subject), now, err);
}

/*
 * Finds or creates the account of an identity that is not linked. *user: the
 * account; *existed: it was active before.
 */
static enum rc
open_account(struct db *db, struct arena *a, const struct conf *conf,
    const struct identity_token *t, int64_t now, int64_t *user, bool *existed,
    bool *created, struct err *err)
{
	struct otp_used used = { .user = OTP_OPEN, .channel = OUTBOX_EMAIL,
	    .kind = ID_EMAIL };
	struct account_new n = { .username = NULL };
	struct account owner;
	char *email = NULL;
	enum rc rc;

	*existed = false;
	if (t->email == NULL || identifier_read(a, conf->default_country,
	    t->email, &email) != ID_EMAIL) {
		rc = signup_open_add(db, a, conf, &n, now, err);
		*user = n.id;
		*created = rc == RC_OK;
		return rc;
	}
	rc = account_owner(db, a, OUTBOX_EMAIL, email, &owner);
	if (rc != RC_OK)
		return rc;
	*existed = owner.id != 0;
	used.identifier = email;
	return signup_open(db, a, conf, &used, 0, now, user, created, err);
}

/* Links an identity to the account that it has just found or created. */
static enum rc
link_found(struct db *db, struct arena *a, const struct conf *conf,
    const struct identity_token *t, const struct account *acc, bool existed,
    bool from_password, int64_t now, struct err *err)
{
	struct mfa_state factors;
	struct err unused;
	int64_t id;
	enum rc rc = mfa_state_get(db, acc->id, &factors);

	if (rc != RC_OK || factors.totp)
		return rc;
	err_init(&unused, a);
	rc = add(db, a, t, acc->id, 0, from_password, now, &id, &unused);
	/* A full account is signed in by its address. */
	if (rc == RC_CONFLICT)
		return RC_OK;
	if (rc == RC_OK)
		rc = link_former(db, a, conf, t, acc->id, now, err);
	return rc == RC_OK && existed ? notify(db, a, acc, t->provider->name,
	    true, now) : rc;
}

enum rc
identity_sign_in(struct db *db, struct arena *a, const struct conf *conf,
    struct identity_sign_in *in, int64_t now, struct token_pair *pair,
    struct err *err)
{
	const struct identity_token *t = &in->token;
	int64_t id = 0, user;
	struct account acc;
	bool existed = true, from_password;
	enum rc rc;

	in->created = false;
	rc = use_token(db, t, err);
	if (rc == RC_OK)
		rc = find(db, t, &id, &user, &from_password);
	if (rc == RC_OK && user == 0)
		rc = open_account(db, a, conf, t, now, &user, &existed,
		    &in->created, err);
	if (rc == RC_OK && id == 0)
		rc = contact_from_password(db, user, OUTBOX_EMAIL,
		    &from_password);
	if (rc == RC_OK)
		rc = account_get(db, a, user, &acc);
	if (rc != RC_OK)
		return rc;
	if (!account_active(&acc, now))
		return actor_inactive(db, acc.id, err);
	rc = id != 0 ? mark_used(db, id, now) :
	    link_found(db, a, conf, t, &acc, existed, from_password, now, err);
	if (rc == RC_OK)
		rc = auth_session_issue(db, a, conf, user, from_password,
		    in->user_agent, now, pair, err);
	return rc == RC_OK ? network_signed_in(db, conf, user, in->from, now) :
	    rc;
}

enum rc
identity_link(struct db *db, struct arena *a, const struct conf *conf,
    const struct identity_token *t, int64_t user, int64_t session, int64_t now,
    int64_t *id, bool *added, struct err *err)
{
	bool from_password;
	struct account acc;
	int64_t owner;
	enum rc rc;

	*added = false;
	rc = use_token(db, t, err);
	if (rc == RC_OK)
		rc = find(db, t, id, &owner, &from_password);
	if (rc == RC_OK && owner != 0 && owner != user)
		return err_set(err, RC_CONFLICT, "identity_in_use",
		    "This identity belongs to another account");
	if (rc != RC_OK || owner == user)
		return rc;
	rc = add(db, a, t, user, session, false, now, id, err);
	*added = rc == RC_OK;
	if (rc == RC_OK)
		rc = link_former(db, a, conf, t, user, now, err);
	if (rc == RC_OK)
		rc = account_get(db, a, user, &acc);
	return rc == RC_OK ? notify(db, a, &acc, t->provider->name, true,
	    now) : rc;
}

/* Returns whether an identity of a configured provider exists besides `id`. */
static bool
has_other(const struct conf *conf, const struct identity *v, size_t n,
    int64_t id)
{
	const struct conf_oidc *p;
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; v[i].id != id && k < conf->oidc_n; k++) {
			p = &conf->oidc[k];
			if (p->audiences.n > 0 &&
			    str_eq(p->issuers.v[0], v[i].issuer))
				return true;
		}
	return false;
}

enum rc
identity_unlink(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, int64_t id, int64_t session, int64_t now, struct err *err)
{
	struct account acc;
	struct identity *v;
	struct stmt *q;
	size_t n, i;
	enum rc rc;

	rc = identity_list(db, a, user, &v, &n);
	if (rc == RC_OK)
		rc = account_get(db, a, user, &acc);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < n && v[i].id != id; i++)
		;
	if (i == n)
		return err_set(err, RC_NOT_FOUND, NULL, NULL);
	/*
	 * A password does not count: a user could make any number of accounts
	 * with one identity. It also cannot be reset without an address.
	 */
	if ((acc.email == NULL || !acc.email_ok) &&
	    (acc.phone == NULL || !acc.phone_ok) &&
	    !has_other(conf, v, n, id))
		return err_set(err, RC_CONFLICT, "last_sign_in_method",
		    "The account has no verified address and no other "
		    "identity. Add an address first");
	q = stmt_get(db, Q_IDENTITY_DROP);
	stmt_int(q, ":id", id);
	stmt_int(q, ":user", user);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = returning_user_keep(db, a, conf, user, former_text(a,
		    v[i].issuer, v[i].subject), now);
	if (rc == RC_OK)
		rc = security_log_add(db, user, SECURITY_IDENTITY_UNLINKED,
		    session, v[i].provider, now);
	return rc == RC_OK ? notify(db, a, &acc, v[i].provider, false, now) :
	    rc;
}

enum rc
identity_unlink_all(struct db *db, struct arena *a, int64_t user,
    const char *address, int64_t now)
{
	const char *names = address;
	struct account acc;
	struct identity *v;
	size_t n, i;
	enum rc rc;

	rc = identity_list(db, a, user, &v, &n);
	if (rc != RC_OK || (n == 0 && address == NULL))
		return rc;
	rc = account_get(db, a, user, &acc);
	if (rc == RC_OK)
		rc = identity_drop_all(db, user);
	for (i = 0; rc == RC_OK && i < n; i++) {
		names = names == NULL ? v[i].provider :
		    arena_fmt(a, "%s, %s", names, v[i].provider);
		rc = security_log_add(db, user, SECURITY_IDENTITY_UNLINKED, 0,
		    v[i].provider, now);
	}
	return rc == RC_OK ? notify(db, a, &acc, names, false, now) : rc;
}

enum rc
identity_keep_former(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, int64_t now)
{
	struct identity *v;
	size_t n, i;
	enum rc rc = identity_list(db, a, user, &v, &n);

	for (i = 0; rc == RC_OK && i < n; i++)
		rc = returning_user_keep(db, a, conf, user, former_text(a,
		    v[i].issuer, v[i].subject), now);
	return rc;
}

enum rc
identity_drop_all(struct db *db, int64_t user)
{
	struct stmt *q = stmt_get(db, Q_IDENTITY_DROP_ALL);

	stmt_int(q, ":user", user);
	return stmt_run(q);
}
