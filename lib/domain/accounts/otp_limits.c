#include "domain/accounts/otp_limits.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/ipaddr.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/network.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"

/* If fewer registrations of a network are verified, it is limited. */
#define NETWORK_PERCENT	50
#define SITE_UNPROVED	2	/* limit of a /48, in limits of a network */
#define NETWORKS_MIN	50	/* fewer cannot stop a prefix */

enum rc
otp_limits_refuse(struct err *err, int64_t wait)
{
	err_set(err, RC_LIMITED, NULL, "Too many codes were requested. Try "
	    "again later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

const char *
otp_limits_fixed(struct arena *a, const struct conf *conf, const char *address,
    int64_t now)
{
	char *list = arena_str(a, conf->otp_fixed_codes), *entry, *digits,
	    *date;
	int64_t end;

	while ((entry = strsep(&list, ",")) != NULL) {
		entry += strspn(entry, " ");
		digits = strchr(entry, '=');
		date = digits == NULL ? NULL : strchr(digits, '@');
		/* An e-mail address has its own '@', before the '='. */
		if (date == NULL)
			continue;
		*digits++ = '\0';
		*date++ = '\0';
		if (str_eq_nocase(entry, address) &&
		    strlen(digits) == OTP_DIGITS &&
		    clock_parse(date, &end) && now < end)
			return digits;
	}
	return NULL;
}

/*
 * Returns the configured prefix of a phone number, or its first three digits if
 * none is configured. Returns NULL if codes are not sent to its country.
 */
static const char *
prefix_of(const struct conf *conf, const char *phone, char out[32])
{
	const char *at = conf->otp_allowed_prefixes;
	size_t n, best = 0;

	while (at != NULL && *at != '\0') {
		at += strspn(at, ", ");
		n = strcspn(at, ", ");
		if (n > best && n < 32 && strncmp(phone, at, n) == 0)
			best = n;
		at += n;
	}
	if (best == 0 && conf->otp_allowed_prefixes != NULL &&
	    conf->otp_allowed_prefixes[0] != '\0')
		return NULL;
	snprintf(out, 32, "%.*s", best == 0 ? 4 : (int)best, phone);
	return out;
}

bool
otp_limits_check_phone(const struct conf *conf, const char *member,
    const char *phone, struct err *err)
{
	char prefix[32];

	if (conf->sms_by == SMS_NONE)
		err_field(err, member, "must be an e-mail address, because "
		    "this service sends no SMS");
	else if (prefix_of(conf, phone, prefix) == NULL)
		err_field(err, member, "is in a country that this service "
		    "does not support");
	else
		return true;
	return false;
}

/*
 * Writes the country code of a phone number (ITU-T E.164); +1 and +7 are shared
 * by several countries.
 */
static void
calling_code(const char *phone, char out[8])
{
	static const char two[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 "
	    "46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 "
	    "84 86 90 91 92 93 94 95 98 ";
	char first[4];
	int n = 3;

	snprintf(first, sizeof(first), "%.2s ", phone + 1);
	if (first[0] == '1' || first[0] == '7')
		n = 1;
	else if (strstr(two, first) != NULL)
		n = 2;
	snprintf(out, 8, "%.*s", n + 1, phone);
}

/* Returns a key for the present hour, so that counters can be compared. */
static struct hash
hour_key(const struct conf *conf, const char *scope, const char *name,
    int64_t now)
{
	char text[96];

	snprintf(text, sizeof(text), "%s %" PRId64, name, now / HOUR);
	return throttle_key(conf, scope, text);
}

struct otp_limits_net
otp_limits_network(const struct conf *conf, const char *from, int64_t now)
{
	struct otp_limits_net key;
	char net[IPADDR_NET];

	network_name(from, net);
	key.net = hour_key(conf, "otp_network", net, now);
	if (!ipaddr_network(from, 24, 48, net))
		net[0] = '\0';
	key.site = hour_key(conf, "otp_site", net, now);
	return key;
}

/* Returns the key of the contribution of a network to a prefix's counters. */
static struct hash
share_key(const struct otp_limits_net *net, const char *prefix)
{
	return hash_hmac(net->site.b, sizeof(net->site.b), prefix,
	    strlen(prefix));
}

/* Returns the maximum contribution of one network. */
static int64_t
share_max(const struct conf *conf)
{
	return conf->otp_min_used_from < NETWORKS_MIN ? 1 :
	    conf->otp_min_used_from / NETWORKS_MIN;
}

/* ---- networks */

/* Sets *unproved if too few of a network's registrations were verified. */
static enum rc
network_unproved(struct db *db, const struct hash *key, int64_t max,
    int64_t now, bool *unproved, int64_t *wait)
{
	int64_t sent, proved, until, unused;
	enum rc rc;

	rc = throttle_get(db, "otp_net_sent", key, now, &sent, &until);
	if (rc == RC_OK)
		rc = throttle_get(db, "otp_net_proved", key, now, &proved,
		    &unused);
	if (rc == RC_OK && sent - proved >= max &&
	    proved * 100 < sent * NETWORK_PERCENT) {
		*unproved = true;
		*wait = until;
	}
	return rc;
}

/* Checks and counts a network's registrations by SMS. */
static enum rc
take_network_unproved(struct db *db, const struct conf *conf,
    const char *from, int64_t now, int64_t *wait)
{
	struct otp_limits_net key = otp_limits_network(conf, from, now);
	int64_t max = conf->otp_max_unverified_per_network;
	bool unproved = false;
	enum rc rc;

	if (max == 0 || !network_counted(conf, from))
		return RC_OK;
	rc = network_unproved(db, &key.net, max, now, &unproved, wait);
	if (rc == RC_OK)
		rc = network_unproved(db, &key.site, max * SITE_UNPROVED, now,
		    &unproved, wait);
	if (rc != RC_OK)
		return rc;
	if (unproved) {
		refusal_count(REFUSED_NETWORK_UNPROVED);
		return RC_LIMITED;
	}
	rc = throttle_add(db, "otp_net_sent", &key.net, HOUR, now);
	if (rc != RC_OK)
		return rc;
	return throttle_add(db, "otp_net_sent", &key.site, HOUR, now);
}

enum rc
otp_limits_request(struct db *db, const struct conf *conf, bool phone,
    bool registration, const char *from, int64_t now, int64_t *wait)
{
	const char *what = phone ? "phone" : "email";
	int64_t max = phone ? conf->otp_max_per_network_hour :
	    conf->otp_max_email_per_network_hour;
	bool full;
	enum rc rc;

	rc = network_full(db, conf, "otp_net", what, from, max, now, &full,
	    wait);
	if (rc != RC_OK)
		return rc;
	if (full) {
		refusal_count(REFUSED_NETWORK);
		return RC_LIMITED;
	}
	if (phone && registration)
		rc = take_network_unproved(db, conf, from, now, wait);
	if (rc != RC_OK)
		return rc;
	return network_count(db, conf, "otp_net", what, from, HOUR, now);
}

/* Returns whether verified messages of a pool count for their prefix. */
static bool
pool_counts(enum otp_limits_pool pool)
{
	return pool == OTP_POOL_REGISTER || pool == OTP_POOL_RESEND ||
	    pool == OTP_POOL_OPEN;
}

/*
 * Writes the name of a prefix in the counters of verified messages. Open codes
 * have their own: no client may learn from the limits of registrations which of
 * its codes were open.
 */
static void
proved_name(enum otp_limits_pool pool, const char *prefix, char out[40])
{
	snprintf(out, 40, "%s%s", pool == OTP_POOL_OPEN ? "open " : "",
	    prefix);
}

enum rc
otp_limits_proved(struct db *db, const struct conf *conf,
    enum otp_limits_pool pool, const char *phone,
    const struct otp_limits_net *network, int64_t now)
{
	int64_t share = 0, wait;
	char prefix[32], name[40];
	struct hash key, part;
	enum rc rc = RC_OK;

	if (network != NULL)
		rc = throttle_add(db, "otp_net_proved", &network->net, HOUR,
		    now);
	if (rc == RC_OK && network != NULL)
		rc = throttle_add(db, "otp_net_proved", &network->site, HOUR,
		    now);
	if (rc != RC_OK || conf->otp_min_used_percent == 0 ||
	    !pool_counts(pool) || prefix_of(conf, phone, prefix) == NULL)
		return rc;
	proved_name(pool, prefix, name);
	if (network != NULL) {
		part = share_key(network, name);
		rc = throttle_get(db, "otp_share_proved", &part, now, &share,
		    &wait);
		if (rc == RC_OK && share < share_max(conf))
			rc = throttle_add(db, "otp_share_proved", &part, HOUR,
			    now);
	}
	if (rc != RC_OK || share >= share_max(conf))
		return rc;
	key = hour_key(conf, "otp_proved", name, now);
	return throttle_add(db, "otp_proved", &key, HOUR, now);
}

/* ---- messages */

/*
 * A counter of a message. All counters are read first, then each is
 * incremented. If the message is not sent, `dummy` is counted instead, so that
 * the statements are the same.
 */
struct counting {
	const char *scope;
	struct hash key;
	int64_t window;
	bool always;		/* counts even if the message is not sent */
};

#define COUNTERS 6

/* The check of a message against all limits. */
struct limit_check {
	struct db *db;
	const struct conf *conf;
	const struct otp_limits_message *m;
	int64_t now;
	struct hash dummy;
	struct counting counters[COUNTERS];
	size_t n;
	enum refusal why;
	bool held;
	enum rc rc;
};

/* Reads a counter; key NULL reads the dummy and returns 0. */
static int64_t
read_counter(struct limit_check *j, const char *scope, const struct hash *key)
{
	int64_t n = 0, wait;

	if (j->rc == RC_OK)
		j->rc = throttle_get(j->db, scope,
		    key != NULL ? key : &j->dummy, j->now, &n, &wait);
	return key != NULL ? n : 0;
}

/* Adds a counter to increment if the message is sent; key NULL: the dummy. */
static struct counting *
add_counter(struct limit_check *j, const char *scope, const struct hash *key,
    int64_t window)
{
	if (j->n == COUNTERS)
		BUG("more than %d counters", COUNTERS);
	j->counters[j->n++] = (struct counting){ .scope = scope,
	    .key = key != NULL ? *key : j->dummy, .window = window };
	return &j->counters[j->n - 1];
}

static void
hold(struct limit_check *j, enum refusal why)
{
	if (!j->held)
		j->why = why;
	j->held = true;
}

/* Returns the phone number whose country is counted, or NULL. */
static const char *
counted_phone(const struct otp_limits_message *m)
{
	if (m->phone != NULL)
		return m->phone;
	return m->channel == OUTBOX_SMS && m->real ? m->address : NULL;
}

/*
 * Limits the number of countries that one client has codes sent to. Countries
 * of phone numbers that the client sent are counted whether or not a message
 * follows. Countries of accounts that it named otherwise are counted
 * separately, so that a 429 for the first kind does not reveal the second.
 */
static void
check_countries(struct limit_check *j)
{
	const struct conf *conf = j->conf;
	const char *phone = counted_phone(j->m);
	char net[IPADDR_NET], code[8], both[IPADDR_NET + 8];
	bool typed = j->m->phone != NULL, counts, fresh, always;
	struct hash seen[2], all[2];
	int64_t was[2], n[2];

	counts = phone != NULL && network_counted(conf, j->m->from) &&
	    ipaddr_net(j->m->from, net);
	if (conf->otp_max_countries == 0)
		return;
	if (counts) {
		calling_code(phone, code);
		snprintf(both, sizeof(both), "%s %s", net, code);
		seen[0] = throttle_key(conf, "otp_country", both);
		all[0] = throttle_key(conf, "otp_countries", net);
		seen[1] = throttle_key(conf, "otp_country_named", both);
		all[1] = throttle_key(conf, "otp_countries_named", net);
	}
	was[0] = read_counter(j, "otp_country", counts ? &seen[0] : NULL);
	n[0] = read_counter(j, "otp_countries", counts ? &all[0] : NULL);
	was[1] = read_counter(j, "otp_country_named", counts ? &seen[1] :
	    NULL);
	n[1] = read_counter(j, "otp_countries_named", counts ? &all[1] :
	    NULL);
	if (typed)
		was[1] = n[1] = 0;
	fresh = counts && was[0] == 0 && was[1] == 0;
	if (fresh && n[0] + n[1] >= conf->otp_max_countries)
		hold(j, REFUSED_COUNTRIES);
	always = typed && !j->held;
	add_counter(j, typed ? "otp_country" : "otp_country_named",
	    fresh ? &seen[!typed] : NULL, DAY)->always = always;
	add_counter(j, typed ? "otp_countries" : "otp_countries_named",
	    fresh ? &all[!typed] : NULL, DAY)->always = always;
}

/*
 * Applies a limit of the message's pool. Further codes of registrations also
 * stop if the limit of first codes is reached. They are not counted as such,
 * because other responses would reveal pending registrations. name NULL or max
 * 0: no limit.
 */
static void
check_pool(struct limit_check *j, const char *scope, const char *name,
    int64_t max, int64_t window, enum refusal why)
{
	enum otp_limits_pool pools[] = { j->m->pool, j->m->pool };
	struct hash key[NELEM(pools)];
	char text[48];
	size_t i;

	if (max == 0)
		name = NULL;
	if (j->m->pool == OTP_POOL_RESEND)
		pools[1] = OTP_POOL_REGISTER;
	for (i = 0; i < NELEM(pools); i++) {
		snprintf(text, sizeof(text), "%d %s", pools[i],
		    name != NULL ? name : "");
		key[i] = throttle_key(j->conf, scope, text);
		if (read_counter(j, scope, name != NULL ? &key[i] :
		    NULL) >= max && name != NULL)
			hold(j, why);
	}
	add_counter(j, scope, name != NULL ? &key[0] : NULL, window);
}

/* Limits a prefix if too few of its registrations were verified. */
static void
check_unproved(struct limit_check *j, const char *prefix)
{
	const struct conf *conf = j->conf;
	struct hash key, used, part = j->dummy;
	struct otp_limits_net net;
	bool counts, first, known;
	int64_t sent, proved, share;
	char name[40];

	if (conf->otp_min_used_percent == 0)
		return;
	counts = prefix != NULL && pool_counts(j->m->pool);
	proved_name(j->m->pool, prefix == NULL ? "" : prefix, name);
	known = counts && network_counted(conf, j->m->from);
	if (known) {
		net = otp_limits_network(conf, j->m->from, j->now);
		part = share_key(&net, name);
	}
	if (counts) {
		key = hour_key(conf, "otp_sent", name, j->now);
		used = hour_key(conf, "otp_proved", name, j->now);
	}
	sent = read_counter(j, "otp_sent", counts ? &key : NULL);
	proved = read_counter(j, "otp_proved", counts ? &used : NULL);
	if (counts && sent >= conf->otp_min_used_from &&
	    proved * 100 < sent * conf->otp_min_used_percent)
		hold(j, REFUSED_UNPROVED);
	share = read_counter(j, "otp_share", known ? &part : NULL);
	first = counts && j->m->pool != OTP_POOL_RESEND &&
	    share < share_max(conf);
	add_counter(j, "otp_sent", first ? &key : NULL, HOUR);
	add_counter(j, "otp_share", first && known ? &part : NULL, HOUR);
}

bool
otp_limits_take(struct db *db, const struct conf *conf,
    const struct otp_limits_message *m, int64_t now, enum rc *rc)
{
	struct limit_check j = { .db = db, .conf = conf, .m = m, .now = now,
	    .dummy = throttle_key(conf, "nobody", ""), .rc = RC_OK };
	bool sms = m->channel == OUTBOX_SMS;
	const char *prefix = NULL;
	char text[32];
	size_t i;

	check_countries(&j);
	if (sms && m->real) {
		prefix = prefix_of(conf, m->address, text);
		if (prefix == NULL)
			hold(&j, REFUSED_COUNTRY);
	}
	check_pool(&j, "otp_prefix", prefix, conf->otp_max_per_prefix_hour,
	    HOUR, REFUSED_PREFIX);
	check_unproved(&j, prefix);
	check_pool(&j, "otp_day", !m->real ? NULL : sms ? "sms" : "email",
	    sms ? conf->otp_max_total_per_day :
	    conf->otp_max_total_email_per_day, DAY, REFUSED_CEILING);
	for (i = 0; i < j.n && j.rc == RC_OK; i++)
		j.rc = throttle_add(db, j.counters[i].scope,
		    j.held && !j.counters[i].always ? &j.dummy :
		    &j.counters[i].key,
		    j.counters[i].window, now);
	*rc = j.rc;
	if (j.rc != RC_OK || !j.held)
		return j.rc == RC_OK;
	if (!m->real)
		return false;
	if (m->pool == OTP_POOL_ACCOUNT || m->pool == OTP_POOL_KNOWN)
		j.why = REFUSED_ACCOUNT_CODE;
	refusal_count(j.why);
	log_warn("otp_shield", "a message was not sent: %s",
	    refusal_names[j.why]);
	return false;
}
