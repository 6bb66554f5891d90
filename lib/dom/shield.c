#include "dom/shield.h"

#include <inttypes.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/str.h"
#include "dom/throttle.h"

const char *
shield_fixed(struct arena *a, const struct conf *conf, const char *address,
    int64_t now)
{
	char *list = arena_str(a, conf->otp_fixed), *entry, *digits, *date;
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

/* The configured prefix of a phone number, else its first three digits. */
static const char *
prefix_of(const struct conf *conf, const char *phone, char out[32])
{
	const char *at = conf->otp_prefixes;
	size_t n, best = 0;

	while (at != NULL && *at != '\0') {
		at += strspn(at, ", ");
		n = strcspn(at, ", ");
		if (n > best && n < 32 && strncmp(phone, at, n) == 0)
			best = n;
		at += n;
	}
	if (best == 0 && conf->otp_prefixes != NULL &&
	    conf->otp_prefixes[0] != '\0')
		return NULL;
	snprintf(out, 32, "%.*s", best == 0 ? 4 : (int)best, phone);
	return out;
}

bool
shield_reaches(const struct conf *conf, const char *phone)
{
	char prefix[32];

	return prefix_of(conf, phone, prefix) != NULL;
}

/* The ITU's country code of a phone number; +1 and +7 are several countries. */
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

/* Is this one country more than one address may have codes sent to? */
static enum rc
take_country(struct db *db, const struct conf *conf, const char *phone,
    const char *from, int64_t now)
{
	char net[ADDRESS_NET], code[8], both[ADDRESS_NET + 8];
	struct hash seen, key;
	int64_t n, wait;
	enum rc rc;

	if (conf->otp_countries == 0 || !address_net(from, net) ||
	    address_in(conf->exempt, from))
		return RC_OK;
	calling_code(phone, code);
	snprintf(both, sizeof(both), "%s %s", net, code);
	seen = throttle_key(conf, "otp_country", both);
	rc = throttle_get(db, "otp_country", &seen, now, &n, &wait);
	if (rc != RC_OK || n > 0)
		return rc;
	key = throttle_key(conf, "otp_countries", net);
	rc = throttle_take(db, "otp_countries", &key, conf->otp_countries,
	    DAY, now, &wait);
	return rc != RC_OK ? rc :
	    throttle_add(db, "otp_country", &seen, DAY, now);
}

/* Both are counted by the hour of the clock, so that they can be compared. */
static struct hash
hour_key(const struct conf *conf, const char *scope, const char *prefix,
    int64_t now)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %" PRId64, prefix, now / HOUR);
	return throttle_key(conf, scope, text);
}

/* Are the codes sent to this prefix used at all? Counts one more. */
static enum rc
take_unproved(struct db *db, const struct conf *conf, const char *prefix,
    int64_t now)
{
	struct hash key = hour_key(conf, "otp_sent", prefix, now), used;
	int64_t sent, proved, wait;
	enum rc rc;

	if (conf->otp_proved_percent == 0)
		return RC_OK;
	rc = throttle_get(db, "otp_sent", &key, now, &sent, &wait);
	if (rc == RC_OK && sent >= conf->otp_proved_from) {
		used = hour_key(conf, "otp_proved", prefix, now);
		rc = throttle_get(db, "otp_proved", &used, now, &proved,
		    &wait);
		if (rc == RC_OK &&
		    proved * 100 < sent * conf->otp_proved_percent)
			return RC_LIMITED;
	}
	return rc != RC_OK ? rc : throttle_add(db, "otp_sent", &key, HOUR, now);
}

enum rc
shield_proved(struct db *db, const struct conf *conf, const char *phone,
    int64_t now)
{
	char prefix[32];
	struct hash key;

	if (conf->otp_proved_percent == 0 ||
	    prefix_of(conf, phone, prefix) == NULL)
		return RC_OK;
	key = hour_key(conf, "otp_proved", prefix, now);
	return throttle_add(db, "otp_proved", &key, HOUR, now);
}

static enum rc
take_prefix(struct db *db, const struct conf *conf, const char *prefix,
    int64_t now)
{
	struct hash key = throttle_key(conf, "otp_prefix", prefix);
	int64_t wait;

	return conf->otp_prefix_hour == 0 ? RC_OK : throttle_take(db,
	    "otp_prefix", &key, conf->otp_prefix_hour, HOUR, now, &wait);
}

static enum rc
take_ceiling(struct db *db, const struct conf *conf, int64_t now)
{
	struct hash key = throttle_key(conf, "otp_day", "");
	int64_t wait;

	return conf->otp_ceiling_day == 0 ? RC_OK : throttle_take(db,
	    "otp_day", &key, conf->otp_ceiling_day, DAY, now, &wait);
}

/* What an SMS costs somebody; *why: what RC_LIMITED is of. */
static enum rc
take_sms(struct db *db, const struct conf *conf, const char *phone,
    const char *from, int64_t now, enum refusal *why)
{
	char prefix[32];
	enum rc rc;

	*why = REFUSED_COUNTRY;
	if (prefix_of(conf, phone, prefix) == NULL)
		return RC_LIMITED;
	*why = REFUSED_COUNTRIES;
	rc = take_country(db, conf, phone, from, now);
	if (rc != RC_OK)
		return rc;
	*why = REFUSED_PREFIX;
	rc = take_prefix(db, conf, prefix, now);
	if (rc != RC_OK)
		return rc;
	*why = REFUSED_UNPROVED;
	return take_unproved(db, conf, prefix, now);
}

bool
shield_take(struct db *db, const struct conf *conf, enum outbox_lane lane,
    const char *address, const char *from, int64_t now, enum rc *rc)
{
	enum refusal why;

	*rc = lane != LANE_SMS ? RC_OK :
	    take_sms(db, conf, address, from, now, &why);
	if (*rc == RC_OK) {
		why = REFUSED_CEILING;
		*rc = take_ceiling(db, conf, now);
	}
	if (*rc != RC_LIMITED)
		return *rc == RC_OK;
	refusal_count(why);
	log_warn("otp_shield", "a message was held back: %s",
	    refusal_words[why]);
	*rc = RC_OK;
	return false;
}
