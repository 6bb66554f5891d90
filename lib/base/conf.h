/*
 * conf: earmark.conf, an INI file that libinih parses into one struct.
 *
 * Each key is a row of a table (conf_keys) with its type, default, bounds and a
 * sentence that earmark.conf(5) and `earmark config show` print. An unknown
 * key, a duplicate key or a value out of bounds is an error that names file and
 * line. Relative paths are relative to the folder of the file, which is the
 * state folder. The struct lives until the process ends.
 *
 * A file that is only read (a key, a secret) can be a systemd credential. If
 * $CREDENTIALS_DIRECTORY contains NAME or FOLDER_NAME, that file replaces
 * .../FOLDER/NAME.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdio.h>

#include "base/field.h"
#include "base/hash.h"

/* Pools of workers. Each pool has a program earmark-<name> and a socket. */
enum pool {
	POOL_AUTH, POOL_USER, POOL_LISTENERS, POOL_FAVORITES, POOL_CATALOG,
	POOL_CALLS, POOL_WALLET, POOL_PAYMENTS, POOL_ADMIN, POOL_SYSTEM, POOL_MAX
};

/* Payment providers. */
enum provider {
	PROVIDER_SANDBOX = 1, PROVIDER_RAZORPAY, PROVIDER_STRIPE, PROVIDER_MAX
};
extern const char *const provider_names[]; /* [0] is "", names begin at 1;
					    * NULL ends it */


/* sessions.direct: sessions without a call. */
enum conf_direct { CONF_DIRECT_CONFIRMED, CONF_DIRECT_IMMEDIATE,
	    CONF_DIRECT_OFF };

/* The values of delivery.sms. */
enum sms_by { SMS_FILE, SMS_WEBHOOK, SMS_TWILIO, SMS_HTTP, SMS_NONE };
enum staff_mfa { STAFF_MFA_OPTIONAL, STAFF_MFA_REQUIRED };

/*
 * [oidc.NAME] email: addresses of the provider that count as verified. GOOGLE:
 * only those of which Google is the mail provider (gmail.com, or "hd" is set).
 */
enum conf_oidc_email { CONF_OIDC_VERIFIED, CONF_OIDC_GOOGLE, CONF_OIDC_NEVER };

#define CONF_OIDC_MAX	8
#define CONF_OIDC_KEYS	5

/* An OpenID provider (base/conf_oidc.h). */
struct conf_oidc {
	const char *name;
	struct strv issuers;		/* the first one identifies accounts */
	struct strv audiences;		/* none: the provider is off */
	struct strv parties;		/* other values of azp */
	const char *jwks_url;
	int email;			/* enum conf_oidc_email */
	int line, lines[CONF_OIDC_KEYS]; /* of the file; 0: not given */
};

struct conf {
	/* [server] */
	const char *base_url;		/* no trailing slash */
	const char *currency;		/* ISO 4217 */
	int log_level;
	const char *cors_origins;	/* comma-separated, "" is off */
	const char *metrics_token;	/* "": only from the loopback */
	/* [paths] */
	const char *file;		/* the file itself */
	const char *state_dir;		/* folder of the file */
	const char *db_file, *lock_file, *run_dir, *media_dir, *key_file;
	const char *socket_dir;		/* where nginx connects */
	const char *outbox_file, *openapi_file, *backup_dir, *spool_dir;
	const char *template_dir;	/* "": none */
	/* [auth] */
	int jwt_alg;			/* 0 HS256, 1 ES256 */
	int staff_mfa;			/* enum staff_mfa */
	const char *jwt_private_key, *jwt_public_key;
	int64_t access_ttl, refresh_ttl, refresh_grace;	/* seconds */
	int64_t session_ttl;			/* seconds; 0: no limit */
	int64_t argon_mem_kib, argon_time;
	int64_t otp_ttl, otp_max_attempts, otp_resend_interval, otp_max_per_day;
	const char *otp_allowed_prefixes; /* allowed country prefixes, "" all */
	int64_t otp_max_per_prefix_hour, otp_max_total_per_day,
	    otp_max_countries;
	int64_t otp_min_used_percent, otp_min_used_from;
	int64_t otp_max_total_email_per_day, otp_max_per_network_hour,
	    otp_max_email_per_network_hour;
	int64_t otp_max_unverified_per_network, otp_max_attempts_per_network;
	const char *default_country;	/* of national phone numbers; "": none */
	const char *otp_fixed_codes;	/* "+15550100=123456@2027-01-01,…" */
	int64_t login_max_attempts, login_window;
	int64_t login_max_attempts_per_network, login_max_attempts_total;
	/* [limits] */
	int64_t write_rate, search_rate;	/* per account and minute */
	int64_t picture_seconds;	/* of decoders, the same */
	int64_t address_rate;		/* per address and second, at nginx */
	int64_t quota_rows, quota_bytes, quota_favorites; /* per account */
	int64_t quota_image_bytes;	/* of the images of flyers */
	int64_t quota_blocks;		/* blocked users per account */
	int64_t large_bytes;	/* of large responses: per account and minute */
	int64_t large_total;	/* of all workers together */
	const char *exempt_networks; /* addresses that nginx does not count */
	/* [presence] */
	int64_t online_ttl, reachable_max, disconnect_grace;
	/* [calls] */
	int64_t ring_seconds;
	int64_t lost_after, gap;	/* seconds */
	int64_t rings, rings_hour, rings_total;	/* unanswered; 0: no limit */
	/* [sessions] */
	int direct;			/* enum conf_direct */
	/* [rtc] */
	int rtc_provider;		/* 0 webrtc, 1 agora */
	int64_t token_ttl;		/* seconds */
	const char *agora_app_id, *agora_certificate_file,
	    *agora_callback_file;
	const char *agora_url, *agora_customer_id, *agora_customer_file;
	const char *stun_urls, *turn_urls, *turn_secret_file;
	/* [billing] */
	int64_t commission;		/* of 10,000 */
	int64_t free_seconds;
	int billing_unit;		/* 0 minute, 1 second */
	int64_t low_balance_notice;		/* seconds */
	int64_t max_minutes;		/* of a session */
	int64_t daily_spend;		/* of a customer; 0: no limit */
	int64_t free_per_day;		/* sessions of a pair with free time */
	int64_t lost_free;		/* lost sessions of a customer, per day */
	int64_t min_rate, max_rate;	/* per minute; max_rate 0: no limit */
	int64_t rate_changes;		/* per listener in 24 hours */
	/* [payments] */
	const char *providers;		/* comma-separated; the first is the
					 * default */
	int64_t approval_limit;		/* 0: none */
	int64_t pay_min_amount, pay_max_amount;
	int64_t pay_timeout, pay_poll_after, pay_expire_after;	/* seconds */
	const char *razorpay_url, *razorpay_key_id, *razorpay_key_file,
	    *razorpay_hook_file;
	const char *stripe_url, *stripe_publishable_key, *stripe_key_file,
	    *stripe_hook_file;
	const char *sandbox_webhook_url; /* "": the webhook URL of base_url */
	/* [delivery] */
	int sms_by, email_by, push_by;	/* providers/message.h */
	const char *app_name;		/* in texts and as sender of e-mail */
	const char *sms_url, *sms_secret_file, *sms_ca_file;
	const char *sms_sender, *sms_entity_id, *sms_app_hash, *sms_web_host;
	const char *sms_http_headers, *sms_http_type, *sms_http_body,
	    *sms_http_success;
	const char *twilio_url, *twilio_account, *twilio_token_file,
	    *twilio_from;
	const char *smtp_url, *smtp_user, *smtp_password_file, *smtp_ca_file,
	    *mail_from, *bounce_domain;
	const char *fcm_url, *fcm_token_url, *fcm_key_file, *fcm_ca_file;
	const char *apns_url, *apns_sandbox_url, *apns_ca_file;
	const char *apns_key_file, *apns_key_id, *apns_team_id, *apns_topic;
	/* [promotions] */
	int64_t referral_inviter, referral_invited;
	/* [referral] */
	int64_t referral_min_commission;	/* 0: both bonuses */
	int64_t referral_hold_days, referral_per_month;
	/* [accounts] */
	int64_t return_days;
	/* [reviews] */
	int review_names;		/* 0 initials, 1 usernames */
	/* [support] */
	int64_t tickets_daily, replies_hourly, feedback_daily, reports_daily;
	int64_t close_days;
	/* [pools] */
	int64_t workers[POOL_MAX];
	int64_t conns[POOL_MAX];
	int64_t recycle;		/* requests until a worker is
					 * replaced */
	/* [jobs] */
	int64_t checkpoint_pages, wal_truncate_bytes;
	int64_t history_days;		/* days that favorites history is
					 * kept */
	/* [backup] */
	int64_t backup_keep;
	int64_t backup_max_age, drill_max_age;	/* seconds */
	const char *backup_copy_command; /* for sh -c; "": none */
	/* [archive] */
	const char *archive_dir, *archive_command, *archive_key_file; /* or "" */
	const char *archive_fetch;	/* or "" */
	int64_t archive_interval, archive_timeout;	/* seconds */
	int64_t archive_keep;		/* days; 0: always */
	int64_t archive_base_hours;
	int64_t archive_max_log;	/* MiB */
	/* [oidc.NAME] */
	struct conf_oidc oidc[CONF_OIDC_MAX];
	size_t oidc_n;
	/* keys derived from key_file; not configuration */
	struct hash key_jwt, key_otp, key_cursor, key_limit, key_sandbox,
	    key_outbox, key_mail;
};

struct conf_key {
	const char *section;
	struct field field;		/* name, type, bounds, default number */
	const char *dflt_text;		/* default of a text key */
	bool path;			/* relative paths are made absolute */
	bool loaded;			/* a credential can replace the file */
	bool secret;			/* masked by config show */
	const char *doc;
};

/* A former name of a key. It is still accepted, with a warning. */
struct conf_alias {
	const char *section, *old, *name;
};

extern const struct conf_alias conf_aliases[];
extern const size_t conf_aliases_n;
extern const struct conf_key conf_keys[];
extern const size_t conf_keys_n;
extern const char *const pool_names[];	/* POOL_MAX names; NULL at the end */

/*
 * Reads a configuration file. Former names of keys cause a warning on errs. If
 * the file has errors, writes a message such as "earmark.conf:12: ..." for each
 * of them to errs, and returns NULL. The keys are loaded too, and each must
 * have 32 bytes.
 */
struct conf	*conf_load(const char *file, FILE *errs);
/* Returns whether the continuous archive is configured. */
bool		 conf_archives(const struct conf *);
/*
 * Writes the effective configuration in the form of the file. Secrets are
 * masked.
 */
void		 conf_show(const struct conf *, FILE *);
/*
 * Writes one value in the form of the file, including secrets. name is
 * "section.key". Returns false if the key does not exist.
 */
bool		 conf_get(const struct conf *, const char *name, FILE *);

#endif
