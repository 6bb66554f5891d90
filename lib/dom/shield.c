#include "dom/shield.h"

#include "base/clock.h"
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

bool
shield_take(struct db *db, const struct conf *conf, enum outbox_lane lane,
    const char *address, int64_t now, enum rc *rc)
{
	struct hash key;
	char text[32];
	int64_t wait;

	*rc = RC_OK;
	if (lane == LANE_SMS) {
		if (prefix_of(conf, address, text) == NULL)
			return false;
		key = throttle_key(conf, "otp_prefix", text);
		if (conf->otp_prefix_hour > 0)
			*rc = throttle_take(db, "otp_prefix", &key,
			    conf->otp_prefix_hour, HOUR, now, &wait);
	}
	key = throttle_key(conf, "otp_day", "");
	if (*rc == RC_OK && conf->otp_ceiling_day > 0)
		*rc = throttle_take(db, "otp_day", &key,
		    conf->otp_ceiling_day, DAY, now, &wait);
	if (*rc == RC_LIMITED) {
		log_warn("otp_shield", "a message was held back");
		*rc = RC_OK;
		return false;
	}
	return *rc == RC_OK;
}
