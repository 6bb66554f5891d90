/*
 * Every key of earmark.conf: what it is called, where it lands, what it may be
 * and what it is for.
 */
#include "base/conf.h"

#define AT(member) offsetof(struct conf, member)

/* The bounds are in characters for TEXT, in the number itself for INT. */
#define TEXT(sec, key, member, most, text, about) \
	{ .section = sec, .dflt_text = text, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .max = most } }
#define SECRET(sec, key, member, most, text, about) \
	{ .section = sec, .dflt_text = text, .secret = true, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .max = most } }
#define PATH(key, member, text, about) \
	{ .section = "paths", .dflt_text = text, .path = true, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .min = 1, .max = 1000 } }
#define INT(sec, key, member, least, most, usual, about) \
	{ .section = sec, .doc = about, \
	    .field = { .name = key, .type = F_INT, .off = AT(member), \
	    .min = least, .max = most, .dflt = usual } }
/* A file's name, or nothing. */
#define FILE_OF(sec, key, member, about) \
	{ .section = sec, .dflt_text = "", .path = true, .loaded = true, \
	    .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .max = 1000 } }
#define POOL(name, id, workers_usual, conns_usual) \
	INT("pools", name "_workers", workers[id], 1, 64, workers_usual, \
	    "Worker processes of the " name " pool."), \
	INT("pools", name "_conns", conns[id], 1, 4096, conns_usual, \
	    "Connections that one worker of the " name " pool holds at once.")

static const char *const levels[] = { "debug", "info", "warn", "error", NULL };
static const char *const rtcs[] = { "webrtc", "agora", NULL };
static const char *const units[] = { "minute", "second", NULL };
static const char *const sms_by[] = { "file", "webhook", "twilio", NULL };
static const char *const email_by[] = { "file", "smtp", NULL };
static const char *const push_by[] = { "file", "fcm", NULL };
static const char *const algs[] = { "HS256", "ES256", NULL };

const struct conf_key conf_keys[] = {
	TEXT("server", "base_url", base_url, 200, "http://127.0.0.1:3001",
	    "How clients reach this service; links in answers begin with it."),
	TEXT("server", "currency", currency, 3, "INR",
	    "The one currency of this installation, an ISO 4217 code."),
	{ .section = "server", .doc = "The least level that is logged.",
	    .field = { .name = "log_level", .type = F_ENUM,
	    .off = AT(log_level), .dflt = 1, .words = levels } },
	TEXT("server", "cors_origins", cors_origins, 4000, "",
	    "Origins of web pages that may call, with commas; empty: none."),
	SECRET("server", "metrics_token", metrics_token, 200, "",
	    "Bearer token for /metrics; empty: loopback addresses only."),

	PATH("db_file", db_file, "earmark.db", "The database."),
	PATH("lock_file", lock_file, "writer.lock",
	    "What writers of the database queue on."),
	PATH("run_dir", run_dir, "run",
	    "Status files of the workers, locks, shared counters."),
	PATH("socket_dir", socket_dir, "run",
	    "Sockets that nginx connects to."),
	PATH("media_dir", media_dir, "media",
	    "Profile images, served by nginx."),
	{ .section = "paths", .dflt_text = "key", .path = true, .loaded = true,
	    .doc = "The installation's key: 64 hexadecimal digits, mode 0600.",
	    .field = { .name = "key_file", .type = F_STR, .flags = FIELD_TRIM,
	    .off = AT(key_file), .min = 1, .max = 1000 } },
	PATH("outbox_file", outbox_file, "outbox.jsonl",
	    "Where messages are written, one JSON line each."),
	PATH("openapi_file", openapi_file, "openapi.json",
	    "The description of the API that /openapi.json returns."),
	PATH("backup_dir", backup_dir, "backups",
	    "Where backups are made; best on another disk."),
	PATH("spool_dir", spool_dir, "spool",
	    "Unlinked temporary files of large responses."),

	{ .section = "auth", .doc = "How access tokens are signed.",
	    .field = { .name = "jwt_alg", .type = F_ENUM, .off = AT(jwt_alg),
	    .words = algs } },
	FILE_OF("auth", "jwt_private_key", jwt_private_key,
	    "ES256: private key (PEM), for the auth pool alone."),
	FILE_OF("auth", "jwt_public_key", jwt_public_key,
	    "ES256: public key (PEM)."),
	INT("auth", "access_ttl", access_ttl, 30, 86400, 900,
	    "Life of an access token, seconds."),
	INT("auth", "refresh_ttl", refresh_ttl, 60, 31536000, 2592000,
	    "Life of a refresh token, seconds."),
	INT("auth", "refresh_grace", refresh_grace, 0, 120, 10,
	    "For so many seconds a spent refresh token gives the same pair "
	    "again, unless the new one was used."),
	INT("auth", "argon_mem_kib", argon_mem_kib, 8, 1048576, 19456,
	    "Memory of a password hash (Argon2id), KiB."),
	INT("auth", "argon_time", argon_time, 1, 20, 2,
	    "Passes of a password hash."),
	INT("auth", "otp_ttl", otp_ttl, 30, 3600, 300,
	    "Life of a one-time code, seconds."),
	INT("auth", "otp_max_attempts", otp_max_attempts, 1, 20, 5,
	    "Wrong guesses that kill a one-time code."),
	INT("auth", "otp_max_attempts_per_network",
	    otp_max_attempts_per_network, 0, 1000000, 100,
	    "Wrong codes of one network (IPv4 /24, IPv6 /64) for all "
	    "identifiers in login_window, four times as many of an IPv6 /48; "
	    "0: no limit. Networks in limits.exempt_networks are not counted."),
	INT("auth", "otp_resend_interval", otp_resend_interval, 0, 3600, 30,
	    "Least seconds between two codes for one account."),
	INT("auth", "otp_max_per_day", otp_max_per_day, 1, 1000, 10,
	    "Most codes for one account a day."),
	TEXT("auth", "otp_allowed_prefixes", otp_allowed_prefixes, 2000, "",
	    "Country prefixes that codes are sent to, with commas (+91,+44); "
	    "empty: all."),
	INT("auth", "otp_max_per_prefix_hour", otp_max_per_prefix_hour, 0,
	    10000000, 1000,
	    "Most codes to one country prefix an hour; 0: no limit."),
	INT("auth", "otp_max_total_per_day", otp_max_total_per_day, 0,
	    100000000, 20000,
	    "Maximum codes of the whole installation a day by SMS; 0: no "
	    "limit. Counted separately for registrations, further codes of "
	    "registrations, existing accounts, and those in networks that "
	    "they have signed in from."),
	INT("auth", "otp_max_total_email_per_day", otp_max_total_email_per_day,
	    0, 100000000, 50000,
	    "Maximum codes of the whole installation a day by e-mail; 0: no "
	    "limit. Counted separately like otp_max_total_per_day."),
	INT("auth", "otp_max_per_network_hour", otp_max_per_network_hour, 0,
	    1000000, 60,
	    "Maximum codes an hour that one network (IPv4 /24, IPv6 /64) "
	    "requests with a phone number or a username; 0: no limit. Networks in "
	    "limits.exempt_networks are not counted."),
	INT("auth", "otp_max_email_per_network_hour",
	    otp_max_email_per_network_hour, 0, 1000000, 240,
	    "Maximum codes an hour that one network requests with an e-mail "
	    "address; 0: no limit."),
	INT("auth", "otp_max_unverified_per_network",
	    otp_max_unverified_per_network, 0, 1000000, 10,
	    "If so many registrations by SMS of one network in an hour were "
	    "not verified, and less than half were, it cannot register more "
	    "by SMS in that hour; 0: no limit."),
	INT("auth", "otp_max_countries", otp_max_countries, 0, 300, 5,
	    "Most countries to which one address has codes sent by SMS a day; "
	    "0: no limit. Addresses in limits.exempt_networks are not counted."),
	INT("auth", "otp_min_used_percent", otp_min_used_percent, 0, 100, 10,
	    "Least share of the codes to a country prefix that have to be "
	    "used in an hour for more to be sent in it; 0: no limit."),
	INT("auth", "otp_min_used_from", otp_min_used_from, 1, 1000000, 100,
	    "After how many codes to the prefix in that hour."),
	SECRET("auth", "otp_fixed_codes", otp_fixed_codes, 2000, "",
	    "Fixed codes for reviewers, with an end date: "
	    "+15550100=123456@2027-01-01, with commas."),
	INT("auth", "login_max_attempts", login_max_attempts, 1, 1000, 10,
	    "Wrong passwords for one account before it has to wait."),
	INT("auth", "login_window", login_window, 10, 86400, 900,
	    "The seconds in which wrong passwords are counted."),
	INT("auth", "login_max_attempts_per_network",
	    login_max_attempts_per_network, 0, 1000000, 100,
	    "Wrong passwords of one network (IPv4 /24, IPv6 /64) for all "
	    "accounts in that time; 0: no limit. Networks in limits.exempt_networks "
	    "are not counted."),
	INT("auth", "login_max_attempts_total", login_max_attempts_total, 0,
	    100000000, 10000,
	    "Wrong passwords of all networks for all accounts in that time. "
	    "Beyond it, passwords are accepted only from networks that the "
	    "account has signed in from; 0: no limit."),

	INT("limits", "write_rate", write_rate, 0, 60000000, 600,
	    "Writes of one account a minute; 0: no limit."),
	INT("limits", "search_rate", search_rate, 0, 60000000, 120,
	    "Searches of one account a minute; 0: no limit."),
	INT("limits", "address_rate", address_rate, 1, 1000000, 50,
	    "Requests of one IPv4 address or IPv6 network (/64) a "
	    "second, counted by nginx."),
	TEXT("limits", "exempt_networks", exempt_networks, 2000,
	    "127.0.0.0/8,::1",
	    "Addresses and networks that nginx does not count, with commas."),
	INT("limits", "rows", quota_rows, 1, 1000000, 10000,
	    "Maximum flyers, styles, creatives and documents of one account."),
	INT("limits", "bytes", quota_bytes, 1000000, INT64_C(1) << 40,
	    67108864, "Maximum bytes of text in them."),
	INT("limits", "favorites", quota_favorites, 1, 1000000, 100000,
	    "Maximum favorites of one account, of all kinds together."),

	INT("presence", "online_ttl", online_ttl, 5, 3600, 90,
	    "Seconds that a listener stays online without a renewal."),
	INT("presence", "disconnect_grace", disconnect_grace, 0, 600, 10,
	    "Seconds that somebody stays online whose last connection is gone."),
	INT("presence", "reachable_max", reachable_max, 0, 86400, 43200,
	    "Most seconds that a listener may ask to be reachable by push."),

	INT("calls", "ring_seconds", ring_seconds, 5, 300, 30,
	    "Seconds that a call rings."),

	{ .section = "rtc", .doc = "How callers hear each other: by WebRTC from "
	    "one to the other, or by Agora's network.",
	    .field = { .name = "provider", .type = F_ENUM,
	    .off = AT(rtc_provider), .words = rtcs } },
	TEXT("rtc", "agora_app_id", agora_app_id, 32, "", "Agora's app id."),
	FILE_OF("rtc", "agora_certificate_file", agora_certificate_file,
	    "File with Agora's app certificate."),
	FILE_OF("rtc", "agora_callback_file", agora_callback_file,
	    "File with the secret of Agora's notifications."),
	TEXT("rtc", "stun_urls", stun_urls, 1000, "",
	    "STUN servers (stun:host:port), with commas."),
	TEXT("rtc", "turn_urls", turn_urls, 1000, "",
	    "TURN servers (turn:host:port?transport=udp), with commas."),
	FILE_OF("rtc", "turn_secret_file", turn_secret_file,
	    "File with the secret that the TURN servers know."),

	INT("billing", "commission", commission, 0, 10000, 2000,
	    "The house's share of what a session costs, of 10,000."),
	INT("billing", "free_seconds", free_seconds, 0, 3600, 10,
	    "Seconds at the start of a session that cost nothing."),
	{ .section = "billing", .doc = "What is paid for: each started minute, "
	    "or each started second.",
	    .field = { .name = "billing_unit", .type = F_ENUM,
	    .off = AT(billing_unit),
	    .words = units } },
	INT("billing", "low_balance_notice", low_balance_notice, 5, 3600, 60,
	    "Seconds before the money ends that both sides are told."),

	TEXT("payments", "providers", providers, 100, "sandbox",
	    "Payment providers, with commas: sandbox, razorpay, stripe; the "
	    "first is the default. Empty: payments are off."),
	INT("payments", "min_amount", pay_min_amount, 1, INT64_C(1000000000000),
	    1000, "Least amount of a payment, in the currency's minor unit."),
	INT("payments", "max_amount", pay_max_amount, 1, INT64_C(1000000000000),
	    5000000, "Most amount of a payment, in the currency's minor unit."),
	INT("payments", "timeout", pay_timeout, 1, 14, 10,
	    "Seconds that a provider has to answer."),
	INT("payments", "poll_after", pay_poll_after, 10, 86400, 900,
	    "Seconds after which a provider is asked about a pending payment."),
	INT("payments", "expire_after", pay_expire_after, 60, 31536000, 86400,
	    "Seconds after which a payment that nobody paid has expired."),
	TEXT("payments", "razorpay_url", razorpay_url, 200,
	    "https://api.razorpay.com", "Where Razorpay's API is."),
	TEXT("payments", "razorpay_key_id", razorpay_key_id, 200, "",
	    "Razorpay's key id."),
	FILE_OF("payments", "razorpay_key_file", razorpay_key_file,
	    "File with Razorpay's key secret."),
	FILE_OF("payments", "razorpay_webhook_file", razorpay_hook_file,
	    "File with Razorpay's webhook secrets, one a line."),
	TEXT("payments", "stripe_url", stripe_url, 200,
	    "https://api.stripe.com", "Where Stripe's API is."),
	TEXT("payments", "stripe_publishable_key", stripe_publishable_key, 200,
	    "", "Stripe's publishable key, for clients."),
	FILE_OF("payments", "stripe_key_file", stripe_key_file,
	    "File with Stripe's secret key."),
	FILE_OF("payments", "stripe_webhook_file", stripe_hook_file,
	    "File with Stripe's webhook secrets, one a line."),
	TEXT("payments", "sandbox_webhook_url", sandbox_hook_url, 200, "",
	    "Where the sandbox sends its webhooks; empty: base_url's own."),

	{ .section = "delivery", .doc = "How SMS are sent.", .field = {
	    .name = "sms", .type = F_ENUM, .off = AT(sms_by),
	    .words = sms_by } },
	{ .section = "delivery", .doc = "How e-mail is sent.", .field = {
	    .name = "email", .type = F_ENUM, .off = AT(email_by),
	    .words = email_by } },
	{ .section = "delivery", .doc = "How push messages are sent.",
	    .field = { .name = "push", .type = F_ENUM, .off = AT(push_by),
	    .words = push_by } },
	TEXT("delivery", "sms_url", sms_url, 500, "",
	    "Where the SMS webhook is."),
	FILE_OF("delivery", "sms_secret_file", sms_secret_file,
	    "File with the secret (whsec_...) that SMS webhooks are signed "
	    "with."),
	TEXT("delivery", "twilio_url", twilio_url, 200,
	    "https://api.twilio.com", "Where Twilio's API is."),
	TEXT("delivery", "twilio_account", twilio_account, 100, "",
	    "Twilio's account SID."),
	FILE_OF("delivery", "twilio_token_file", twilio_token_file,
	    "File with Twilio's auth token."),
	TEXT("delivery", "twilio_from", twilio_from, 100, "",
	    "The number, or messaging service (MG...), that SMS come from."),
	TEXT("delivery", "smtp_url", smtp_url, 200, "",
	    "The mail server: smtp://HOST:PORT, smtps://HOST:PORT."),
	TEXT("delivery", "smtp_user", smtp_user, 200, "",
	    "Who signs in there; empty: nobody."),
	FILE_OF("delivery", "smtp_password_file", smtp_password_file,
	    "File with the password for that."),
	FILE_OF("delivery", "smtp_ca_file", smtp_ca_file,
	    "Whom to believe who the mail server is (PEM); empty: the "
	    "system's."),
	TEXT("delivery", "mail_from", mail_from, 200, "earmark@localhost",
	    "The address that e-mail comes from."),
	TEXT("delivery", "fcm_url", fcm_url, 200,
	    "https://fcm.googleapis.com", "Where Firebase Cloud Messaging is."),
	TEXT("delivery", "fcm_token_url", fcm_token_url, 200,
	    "https://oauth2.googleapis.com/token",
	    "Where access tokens for it are given."),
	FILE_OF("delivery", "fcm_key_file", fcm_key_file,
	    "The service account's key file (JSON)."),

	INT("promotions", "referral_inviter", referral_inviter, 0, 1000000000,
	    5000, "Bonus of who invited, after the first top-up of the invited "
	    "one."),
	INT("promotions", "referral_invited", referral_invited, 0, 1000000000,
	    5000, "Bonus of the invited one."),

	INT("support", "tickets_daily", tickets_daily, 1, 100000, 10,
	    "Most tickets of one account a day."),
	INT("support", "replies_hourly", replies_hourly, 1, 100000, 60,
	    "Most replies of one account an hour."),
	INT("support", "feedback_daily", feedback_daily, 1, 100000, 10,
	    "Most feedback of one account a day."),
	INT("support", "close_days", close_days, 1, 3650, 7,
	    "Days after which a solved ticket is closed."),

	POOL("auth", POOL_AUTH, 4, 1),
	POOL("user", POOL_USER, 2, 1024),
	POOL("listeners", POOL_LISTENERS, 2, 1024),
	POOL("favorites", POOL_FAVORITES, 2, 1024),
	POOL("catalog", POOL_CATALOG, 2, 1024),
	POOL("calls", POOL_CALLS, 2, 1024),
	POOL("wallet", POOL_WALLET, 2, 1024),
	POOL("payments", POOL_PAYMENTS, 4, 1),
	POOL("admin", POOL_ADMIN, 1, 1024),
	POOL("system", POOL_SYSTEM, 1, 1024),
	INT("pools", "recycle", recycle, 1, 1000000000, 100000,
	    "Requests after which a worker is renewed."),

	INT("jobs", "checkpoint_pages", checkpoint_pages, 10, 1000000, 1000,
	    "Pages in the database's log that start a checkpoint."),
	INT("jobs", "wal_truncate_bytes", wal_truncate_bytes, 65536,
	    INT64_C(1) << 40, 16777216,
	    "Size of the database's log over which it is cut to nothing."),
	INT("jobs", "history_days", history_days, 1, 36500, 400,
	    "Days that the log of saves and unsaves is kept."),

	INT("backup", "keep", backup_keep, 0, 100000, 14,
	    "Backups that are kept when another is made; 0: all."),
	INT("backup", "max_age", backup_max_age, 60, 31536000, 93600,
	    "Seconds after which the newest backup is too old."),
	INT("backup", "drill_max_age", drill_max_age, 60, 31536000, 691200,
	    "Seconds after which the newest restore drill is too old."),
};

const size_t conf_keys_n = NELEM(conf_keys);

/* To be removed with 1.0. */
const struct conf_alias conf_aliases[] = {
	{ "auth", "otp_tries", "otp_max_attempts" },
	{ "auth", "otp_resend", "otp_resend_interval" },
	{ "auth", "otp_daily", "otp_max_per_day" },
	{ "auth", "otp_prefixes", "otp_allowed_prefixes" },
	{ "auth", "otp_prefix_hour", "otp_max_per_prefix_hour" },
	{ "auth", "otp_ceiling_day", "otp_max_total_per_day" },
	{ "auth", "otp_countries", "otp_max_countries" },
	{ "auth", "otp_proved_percent", "otp_min_used_percent" },
	{ "auth", "otp_proved_from", "otp_min_used_from" },
	{ "auth", "otp_fixed", "otp_fixed_codes" },
	{ "auth", "login_tries", "login_max_attempts" },
	{ "limits", "exempt", "exempt_networks" },
	{ "presence", "grace", "disconnect_grace" },
	{ "billing", "unit", "billing_unit" },
	{ "billing", "low_notice", "low_balance_notice" },
	{ "payments", "least", "min_amount" },
	{ "payments", "most", "max_amount" },
	{ "payments", "ask", "poll_after" },
	{ "payments", "expire", "expire_after" },
	{ "backup", "late", "max_age" },
	{ "backup", "drill_late", "drill_max_age" },
};

const size_t conf_aliases_n = NELEM(conf_aliases);

const char *const pool_names[] = {
	[POOL_AUTH] = "auth", [POOL_USER] = "user",
	[POOL_LISTENERS] = "listeners", [POOL_FAVORITES] = "favorites",
	[POOL_CATALOG] = "catalog", [POOL_CALLS] = "calls", [POOL_WALLET] = "wallet",
	[POOL_PAYMENTS] = "payments", [POOL_ADMIN] = "admin",
	[POOL_SYSTEM] = "system", [POOL_MAX] = NULL
};

const char *const provider_names[] = {
	"", "sandbox", "razorpay", "stripe", NULL
};
