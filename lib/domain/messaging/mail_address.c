#include "domain/messaging/mail_address.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"

#define SUPPRESSED	(90 * DAY)
#define MAC		10		/* bytes */
#define KEY_HEX		(2 * sizeof(((struct mail_key *)0)->b))
#define ADDRESS_MAX	320		/* bytes */

/* Returns the keyed hash of a text for a purpose. */
static struct hash
keyed_hash(const struct conf *conf, const char *purpose, const void *p,
    size_t n)
{
	struct hash key = hash_derive(&conf->key_mail, purpose);

	return hash_hmac(key.b, sizeof(key.b), p, n);
}

struct mail_key
mail_address_key(const struct conf *conf, const char *address)
{
	char text[ADDRESS_MAX + 1];
	struct mail_key key;
	struct hash h;

	snprintf(text, sizeof(text), "%s", address);
	str_lower(text);
	h = keyed_hash(conf, "address", text, strlen(text));
	memcpy(key.b, h.b, sizeof(key.b));
	return key;
}

enum rc
mail_address_suppress(struct db *db, const struct mail_key *key,
    enum mail_reason reason, const char *status, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_MAIL_ADDRESS_SUPPRESS);

	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":reason", reason);
	stmt_text(q, ":status", status);
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", now + SUPPRESSED);
	return stmt_run(q);
}

enum rc
mail_address_allow(struct db *db, const struct mail_key *key, bool *found)
{
	struct stmt *q = stmt_get(db, Q_MAIL_ADDRESS_ALLOW);
	enum rc rc;

	stmt_blob(q, ":key", key->b, sizeof(key->b));
	rc = stmt_run(q);
	*found = rc == RC_OK && db_changes(db) > 0;
	return rc;
}

enum rc
mail_address_suppressed(struct db *db, const struct mail_key *key, int64_t now,
    bool *suppressed)
{
	struct stmt *q = stmt_get(db, Q_MAIL_ADDRESS_SUPPRESSED);

	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":now", now);
	*suppressed = stmt_row(q);
	return stmt_done(q);
}

/* ---- envelope senders */

/* Writes the MAC of a key in hex. */
static void
write_mac(const struct conf *conf, const struct mail_key *key,
    char out[2 * MAC + 1])
{
	struct hash h = keyed_hash(conf, "sender", key->b, sizeof(key->b));

	hash_hex(h.b, MAC, out);
}

const char *
mail_address_sender(struct arena *a, const struct conf *conf, const char *to)
{
	struct mail_key key = mail_address_key(conf, to);
	char hex[KEY_HEX + 1], mac[2 * MAC + 1];

	if (conf->bounce_domain[0] == '\0')
		return conf->mail_from;
	hash_hex(key.b, sizeof(key.b), hex);
	write_mac(conf, &key, mac);
	return arena_fmt(a, "b+%s.%s@%s", hex, mac, conf->bounce_domain);
}

bool
mail_address_read_sender(const struct conf *conf, const char *address,
    struct mail_key *key)
{
	char text[ADDRESS_MAX + 1], mac[2 * MAC + 1];
	size_t n = strcspn(address, "@");

	if (n != 2 + KEY_HEX + 1 + 2 * MAC)
		return false;
	memcpy(text, address, n);
	text[n] = '\0';
	str_lower(text);
	if (!str_prefix(text, "b+") || text[2 + KEY_HEX] != '.')
		return false;
	text[2 + KEY_HEX] = '\0';
	if (!hash_unhex(text + 2, key->b, sizeof(key->b)))
		return false;
	write_mac(conf, key, mac);
	return hash_eq(mac, text + 3 + KEY_HEX, 2 * MAC);
}

/* ---- links */

static void
write_token_mac(const struct conf *conf, const char *user,
    char out[2 * MAC + 1])
{
	struct hash h = keyed_hash(conf, "unsubscribe", user, strlen(user));

	hash_hex(h.b, MAC, out);
}

const char *
mail_address_token(struct arena *a, const struct conf *conf, int64_t user)
{
	const char *text = arena_fmt(a, "%" PRId64, user);
	char mac[2 * MAC + 1];

	write_token_mac(conf, text, mac);
	return arena_fmt(a, "%s.%s", text, mac);
}

int64_t
mail_address_read_token(const struct conf *conf, const char *token)
{
	char user[24], mac[2 * MAC + 1];
	size_t n = strcspn(token, ".");
	int64_t id;

	if (n >= sizeof(user) || strlen(token) != n + 1 + 2 * MAC)
		return 0;
	memcpy(user, token, n);
	user[n] = '\0';
	write_token_mac(conf, user, mac);
	return hash_eq(mac, token + n + 1, 2 * MAC) && str_int(user, &id) ?
	    id : 0;
}
