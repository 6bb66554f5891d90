#include "crypto/totp.h"

#include <liboath/oath.h>
#include <string.h>

#include "base/log.h"

#define STEP_SECONDS	(TOTP_STEP_MS / 1000)
#define DRIFT		1		/* steps before and after */

bool
totp_init(void)
{
	int rc = oath_init();

	if (rc != OATH_OK)
		log_error("start", "liboath: %s", oath_strerror(rc));
	return rc == OATH_OK;
}

int64_t
totp_step(const uint8_t *secret, size_t n, const char *code, int64_t now)
{
	uint64_t step;
	int rc;

	/* liboath also accepts codes of 7 and 8 digits. */
	if (strlen(code) != TOTP_DIGITS ||
	    strspn(code, "0123456789") != TOTP_DIGITS)
		return -1;
	rc = oath_totp_validate4((const char *)secret, n, now / 1000,
	    STEP_SECONDS, 0, DRIFT, NULL, &step, 0, code);
	if (rc < 0 && rc != OATH_INVALID_OTP)
		log_error("totp", "liboath: %s", oath_strerror(rc));
	return rc < 0 ? -1 : (int64_t)step;
}

const char *
totp_text(struct arena *a, const uint8_t *secret, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char *text = arena_alloc(a, n * 8 / 5 + 2), *to = text;
	unsigned bits = 0, have = 0;
	size_t i;

	/* RFC 4648 section 6, without padding. */
	for (i = 0; i < n; i++) {
		bits = (bits << 8 | secret[i]) & 0xfff;
		for (have += 8; have >= 5; have -= 5)
			*to++ = digits[bits >> (have - 5) & 31];
	}
	if (have > 0)
		*to++ = digits[bits << (5 - have) & 31];
	*to = '\0';
	return text;
}

static const char *
percent(struct arena *a, const char *text)
{
	static const char hex[] = "0123456789ABCDEF", plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char *out = arena_alloc(a, strlen(text) * 3 + 1), *to = out;

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL) {
			*to++ = *text;
			continue;
		}
		*to++ = '%';
		*to++ = hex[(uint8_t)*text >> 4];
		*to++ = hex[(uint8_t)*text & 15];
	}
	*to = '\0';
	return out;
}

const char *
totp_uri(struct arena *a, const char *issuer, const char *account,
    const char *secret)
{
	return arena_fmt(a, "otpauth://totp/%s:%s?secret=%s&issuer=%s",
	    percent(a, issuer), percent(a, account), secret,
	    percent(a, issuer));
}
