/*
 * conf_keys: the table of the keys of earmark.conf, with their types, bounds,
 * defaults and documentation.
 */
#include "base/conf.h"

#define AT(member) offsetof(struct conf, member)

/* The bounds of TEXT are in characters. The bounds of INT are values. */
#define TEXT(sec, key, member, upper, text, about) \
	{ .section = sec, .dflt_text = text, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .max = upper } }
#define SECRET(sec, key, member, upper, text, about) \
	{ .section = sec, .dflt_text = text, .secret = true, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .max = upper } }
#define PATH(key, member, text, about) \
	{ .section = "paths", .dflt_text = text, .path = true, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .min = 1, .max = 1000 } }
/* A folder whose default depends on another key; see conf.c. */
#define FOLDER(key, member, about) \
	{ .section = "paths", .dflt_text = "", .path = true, .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .min = 1, .max = 1000 } }
#define INT(sec, key, member, lower, upper, number, about) \
	{ .section = sec, .doc = about, \
	    .field = { .name = key, .type = F_INT, .off = AT(member), \
	    .min = lower, .max = upper, .dflt = number } }
/* A file name, or "". */
#define FILE_OF(sec, key, member, about) \
	{ .section = sec, .dflt_text = "", .path = true, .loaded = true, \
	    .doc = about, \
	    .field = { .name = key, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = AT(member), .max = 1000 } }
#define POOL(name, id, workers_dflt, conns_dflt) \
	INT("pools", name "_workers", workers[id], 1, 64, workers_dflt, \
	    "Worker processes of the " name " pool."), \
	INT("pools", name "_conns", conns[id], 1, 4096, conns_dflt, \
	    "Maximum connections of one worker of the " name " pool.")

static const char *const levels[] = { "debug", "info", "warn", "error", NULL };
static const char *const rtcs[] = { "webrtc", "agora", NULL };
static const char *const directs[] = {
	"confirmed", "immediate", "off", NULL
};
static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const units[] = { "minute", "second", NULL };
static const char *const sms_by[] = { "file", "webhook", "twilio", "http",
	"none", NULL };
static const char *const email_by[] = { "file", "smtp", NULL };
static const char *const push_by[] = { "file", "fcm", "apns", NULL };
static const char *const algs[] = { "HS256", "ES256", NULL };
static const char *const staff_mfas[] = { "optional", "required", NULL };

const struct conf_key conf_keys[] = {
	TEXT("server", "base_url", base_url, 200, "http://127.0.0.1:3001",
	    "URL at which clients reach this service; prefix of links."),
	TEXT("server", "currency", currency, 3, "INR",
	    "Currency of this installation, an ISO 4217 code."),
	{ .section = "server", .doc = "Minimum level that is logged.",
	    .field = { .name = "log_level", .type = F_ENUM,
	    .off = AT(log_level), .dflt = 1, .words = levels } },
	TEXT("server", "cors_origins", cors_origins, 4000, "",
	    "Origins of allowed web pages, comma-separated; empty: none."),
	SECRET("server", "metrics_token", metrics_token, 200, "",
	    "Bearer token for /metrics; empty: loopback addresses only."),

	PATH("db_file", db_file, "earmark.db", "The database."),
	PATH("lock_file", lock_file, "writer.lock",
	    "Lock file of writers of the database."),
	PATH("run_dir", run_dir, "run",
	    "Status files of the workers, locks, shared counters."),
	FOLDER("socket_dir", socket_dir,
	    "Sockets that nginx connects to."),
	PATH("media_dir", media_dir, "media",
	    "Profile images, served by nginx."),
	{ .section = "paths", .dflt_text = "key", .path = true, .loaded = true,
	    .doc = "Key of the installation: 64 hexadecimal digits, mode 0600.",
	    .field = { .name = "key_file", .type = F_STR, .flags = FIELD_TRIM,
	    .off = AT(key_file), .min = 1, .max = 1000 } },
	PATH("outbox_file", outbox_file, "outbox.jsonl",
	    "File for messages that are not sent, one JSON line each."),
	PATH("openapi_file", openapi_file, "openapi.json",
	    "The description of the API that /openapi.json returns."),
	PATH("backup_dir", backup_dir, "backups",
	    "Where backups are made; best on another disk."),
	FOLDER("spool_dir", spool_dir,
	    "Unlinked temporary files of large responses."),
	{ .section = "paths", .dflt_text = "", .path = true,
	    .doc = "Folder of the operator's texts of messages; empty: none.",
	    .field = { .name = "template_dir", .type = F_STR,
	    .flags = FIELD_TRIM, .off = AT(template_dir), .max = 1000 } },

	{ .section = "auth", .doc = "Signature algorithm of access tokens.",
	    .field = { .name = "jwt_alg", .type = F_ENUM, .off = AT(jwt_alg),
	    .words = algs } },
	FILE_OF("auth", "jwt_private_key", jwt_private_key,
	    "ES256: private key (PEM), only for the auth pool."),
	FILE_OF("auth", "jwt_public_key", jwt_public_key,
	    "ES256: public key (PEM)."),
	{ .section = "auth", .doc = "Second factor of members of staff: optional "
	    "or required.",
	    .field = { .name = "staff_mfa", .type = F_ENUM,
	    .off = AT(staff_mfa), .words = staff_mfas } },
	INT("auth", "access_ttl", access_ttl, 30, 86400, 900,
	    "Lifetime of an access token in seconds."),
	INT("auth", "refresh_ttl", refresh_ttl, 60, 31536000, 2592000,
	    "Lifetime of a refresh token in seconds."),
	INT("auth", "refresh_grace", refresh_grace, 0, 120, 10,
	    "Seconds in which a repeated request with a used refresh token "
	    "returns the same pair, unless the new one was used."),
	INT("auth", "session_ttl", session_ttl, 0, 315360000, 0,
	    "Seconds after a sign-in until the user must sign in again, even "
	    "if the session is used; 0: no limit."),
	INT("auth", "argon_mem_kib", argon_mem_kib, 8, 1048576, 19456,
	    "Memory of a password hash (Argon2id) in KiB."),
	INT("auth", "argon_time", argon_time, 1, 20, 2,
	    "Passes of a password hash."),
	INT("auth", "otp_ttl", otp_ttl, 30, 3600, 300,
	    "Lifetime of a one-time code in seconds."),
	INT("auth", "otp_max_attempts", otp_max_attempts, 1, 20, 5,
	    "Failed attempts after which a one-time code is invalid."),
	INT("auth", "otp_max_attempts_per_network",
	    otp_max_attempts_per_network, 0, 1000000, 100,
	    "Maximum wrong codes that one network (IPv4 /24, IPv6 /64) sends "
	    "for all identifiers in login_window; an IPv6 /48 has four times "
	    "the limit; 0: no limit. Networks in limits.exempt_networks are "
	    "not counted."),
	INT("auth", "otp_resend_interval", otp_resend_interval, 0, 3600, 30,
	    "Minimum seconds between two codes for one account."),
	INT("auth", "otp_max_per_day", otp_max_per_day, 1, 1000, 10,
	    "Maximum codes for one account per day."),
	TEXT("auth", "default_country", default_country, 2, "",
	    "Country of phone numbers without country code (IN); empty: they "
	    "are rejected."),
	TEXT("auth", "otp_allowed_prefixes", otp_allowed_prefixes, 2000, "",
	    "Country prefixes that codes are sent to, comma-separated "
	    "(+91,+44); empty: all."),
	INT("auth", "otp_max_per_prefix_hour", otp_max_per_prefix_hour, 0,
	    10000000, 1000,
	    "Maximum codes to one country prefix per hour; 0: no limit."),
	INT("auth", "otp_max_total_per_day", otp_max_total_per_day, 0,
	    100000000, 20000,
	    "Maximum codes of the installation per day by SMS; 0: no "
	    "limit. Counted separately for registrations, further codes of "
	    "registrations, existing accounts, and existing accounts in "
	    "networks that they have signed in from."),
	INT("auth", "otp_max_total_email_per_day", otp_max_total_email_per_day,
	    0, 100000000, 50000,
	    "Maximum codes of the installation per day by e-mail; 0: no "
	    "limit. Counted separately like otp_max_total_per_day."),
	INT("auth", "otp_max_per_network_hour", otp_max_per_network_hour, 0,
	    1000000, 60,
	    "Maximum codes per hour that one network (IPv4 /24, IPv6 /64) "
	    "requests with a phone number or a username; 0: no limit. "
	    "Networks in limits.exempt_networks are not counted."),
	INT("auth", "otp_max_email_per_network_hour",
	    otp_max_email_per_network_hour, 0, 1000000, 240,
	    "Maximum codes per hour that one network requests with an e-mail "
	    "address; 0: no limit."),
	INT("auth", "otp_max_unverified_per_network",
	    otp_max_unverified_per_network, 0, 1000000, 10,
	    "Maximum unverified registrations by SMS of one network per hour, "
	    "if less than half were verified. Then the network cannot "
	    "register more by SMS in that hour; 0: no limit."),
	INT("auth", "otp_max_countries", otp_max_countries, 0, 300, 5,
	    "Maximum countries to which one address requests codes by SMS per "
	    "day; 0: no limit. Addresses in limits.exempt_networks are not "
	    "counted."),
	INT("auth", "otp_min_used_percent", otp_min_used_percent, 0, 100, 10,
	    "Minimum percentage of the codes to a country prefix that must be "
	    "used in an hour before more are sent; 0: no limit."),
	INT("auth", "otp_min_used_from", otp_min_used_from, 1, 1000000, 100,
	    "Codes to a prefix in an hour from which otp_min_used_percent "
	    "applies."),
	SECRET("auth", "otp_fixed_codes", otp_fixed_codes, 2000, "",
	    "Fixed codes for reviewers with an end date, comma-separated: "
	    "+15550100=123456@2027-01-01."),
	INT("auth", "login_max_attempts", login_max_attempts, 1, 1000, 10,
	    "Wrong passwords for one account before further ones must wait."),
	INT("auth", "login_window", login_window, 10, 86400, 900,
	    "Seconds in which wrong passwords are counted."),
	INT("auth", "login_max_attempts_per_network",
	    login_max_attempts_per_network, 0, 1000000, 100,
	    "Wrong passwords of one network (IPv4 /24, IPv6 /64) for all "
	    "accounts in that time; 0: no limit. Networks in "
	    "limits.exempt_networks are not counted."),
	INT("auth", "login_max_attempts_total", login_max_attempts_total, 0,
	    100000000, 10000,
	    "Wrong passwords of all networks for all accounts in that time. "
	    "If it is exceeded, passwords are accepted only from networks "
	    "that the account has signed in from; 0: no limit."),

	INT("limits", "write_rate", write_rate, 0, 60000000, 600,
	    "Writes of one account per minute; 0: no limit."),
	INT("limits", "search_rate", search_rate, 0, 60000000, 120,
	    "Searches of one account per minute; 0: no limit."),
	INT("limits", "picture_seconds", picture_seconds, 0, 1000000, 30,
	    "Seconds for which uploaded pictures of one account are decoded "
	    "a minute; 0: no limit."),
	INT("limits", "address_rate", address_rate, 1, 1000000, 50,
	    "Requests of one IPv4 address or IPv6 network (/64) per "
	    "second, limited by nginx."),
	TEXT("limits", "exempt_networks", exempt_networks, 2000,
	    "127.0.0.0/8,::1",
	    "Addresses and networks that nginx does not limit, "
	    "comma-separated."),
	INT("limits", "rows", quota_rows, 1, 1000000, 10000,
	    "Maximum flyers, styles, creatives and documents of one account."),
	INT("limits", "bytes", quota_bytes, 1000000, INT64_C(1) << 40,
	    67108864, "Maximum bytes of text in those rows."),
	INT("limits", "image_bytes", quota_image_bytes, 1, INT64_C(1) << 40,
	    268435456, "Maximum bytes of the images of one account's flyers."),
	INT("limits", "favorites", quota_favorites, 1, 1000000, 100000,
	    "Maximum favorites of one account, of all kinds together."),
	INT("limits", "blocks", quota_blocks, 1, 100000, 1000,
	    "Maximum users that one account has blocked."),
	INT("limits", "large_bytes", large_bytes, 0, INT64_C(1) << 40,
	    268435456, "Bytes of large responses that one account requests a "
	    "minute; 0: no limit."),
	INT("limits", "large_total", large_total, 4194304, INT64_C(1) << 44,
	    2147483648, "Maximum bytes of spool_dir. One response may have a "
	    "quarter of them."),

	INT("presence", "online_ttl", online_ttl, 5, 3600, 90,
	    "Seconds that a listener stays online without a renewal."),
	INT("presence", "disconnect_grace", disconnect_grace, 0, 600, 10,
	    "Seconds until a listener without a connection is offline."),
	INT("presence", "reachable_max", reachable_max, 0, 86400, 43200,
	    "Maximum seconds for which a listener can be reachable by push."),

	INT("calls", "ring_seconds", ring_seconds, 5, 300, 30,
	    "Seconds that a call rings."),
	INT("calls", "rings", rings, 0, 1000, 3, "Unanswered calls of a user "
	    "to one listener in 10 minutes; 0: no limit."),
	INT("calls", "rings_hour", rings_hour, 0, 1000, 10, "Unanswered calls "
	    "of a user to one listener in an hour; 0: no limit."),
	INT("calls", "rings_total", rings_total, 0, 1000, 30, "Unanswered "
	    "calls of a user in an hour; 0: no limit."),
	INT("calls", "lost_after", lost_after, 20, 86400, 60,
	    "Seconds without a proof of presence after which a party of a "
	    "session is lost."),
	INT("calls", "gap", gap, 10, 86400, 20,
	    "Seconds without a stored heartbeat that count as an outage."),

	{ .section = "sessions", .doc = "Sessions without a call: billed from "
	    "the listener's first request, or from the start, or not allowed.",
	    .field = { .name = "direct", .type = F_ENUM,
	    .off = AT(direct), .words = directs } },

	{ .section = "rtc", .doc = "Media transport of calls: peer-to-peer "
	    "WebRTC or the network of Agora.",
	    .field = { .name = "provider", .type = F_ENUM,
	    .off = AT(rtc_provider), .words = rtcs } },
	INT("rtc", "token_ttl", token_ttl, 60, 86400, 300,
	    "Seconds that a media credential is valid."),
	TEXT("rtc", "agora_app_id", agora_app_id, 32, "", "App ID of Agora."),
	FILE_OF("rtc", "agora_certificate_file", agora_certificate_file,
	    "File with Agora's app certificate."),
	FILE_OF("rtc", "agora_callback_file", agora_callback_file,
	    "File with the secret of Agora's notifications."),
	TEXT("rtc", "agora_url", agora_url, 200, "https://api.agora.io",
	    "Agora's REST API."),
	TEXT("rtc", "agora_customer_id", agora_customer_id, 100, "",
	    "Customer ID for Agora's REST API."),
	FILE_OF("rtc", "agora_customer_file", agora_customer_file,
	    "File with the customer secret for Agora's REST API."),
	TEXT("rtc", "stun_urls", stun_urls, 1000, "",
	    "STUN servers (stun:host:port), comma-separated."),
	TEXT("rtc", "turn_urls", turn_urls, 1000, "",
	    "TURN servers (turn:host:port?transport=udp), comma-separated."),
	FILE_OF("rtc", "turn_secret_file", turn_secret_file,
	    "File with the shared secret of the TURN servers."),

	INT("billing", "commission", commission, 0, 10000, 2000,
	    "Share of the operator in the price of a session, of 10,000."),
	INT("billing", "free_seconds", free_seconds, 0, 3600, 10,
	    "Seconds at the start of a session that are free."),
	{ .section = "billing", .doc = "Billing unit: each started minute or "
	    "second is charged.",
	    .field = { .name = "billing_unit", .type = F_ENUM,
	    .off = AT(billing_unit),
	    .words = units } },
	INT("billing", "low_balance_notice", low_balance_notice, 5, 3600, 60,
	    "Seconds before the balance is used up at which both sides are "
	    "notified."),
	INT("billing", "max_minutes", max_minutes, 1, 1440, 180,
	    "Maximum billed minutes of a session."),
	INT("billing", "daily_spend", daily_spend, 0, INT64_C(1000000000000), 0,
	    "Maximum cost of the sessions of a customer in 24 hours; 0: no "
	    "limit."),
	INT("billing", "free_per_day", free_per_day, 0, 1000, 3,
	    "Sessions of a customer and a listener in 24 hours that begin with "
	    "free seconds."),
	INT("billing", "lost_free", lost_free, 0, 1000, 3,
	    "Sessions of a customer in 24 hours that end without charge for "
	    "the time after a lost connection."),
	INT("billing", "min_rate", min_rate, 0, 1000000000, 0,
	    "Minimum rate of a listener per minute, in the currency's minor "
	    "unit."),
	INT("billing", "max_rate", max_rate, 0, 1000000000, 0,
	    "Maximum rate of a listener per minute, in the currency's minor "
	    "unit; 0: no limit."),
	INT("billing", "rate_changes", rate_changes, 1, 1000, 3,
	    "Changes of the rates of a listener in 24 hours."),

	INT("admin", "approval_limit", approval_limit, 0,
	    INT64_C(1000000000000), 0,
	    "Amount of adjustments and refunds of one administrator in 24 "
	    "hours, in the currency's minor unit. Further ones need an "
	    "approval; 0: no limit."),

	TEXT("payments", "providers", providers, 100, "sandbox",
	    "Payment providers, comma-separated: sandbox, razorpay, stripe. "
	    "The first is the default. Empty: payments are off."),
	INT("payments", "min_amount", pay_min_amount, 1, INT64_C(1000000000000),
	    1000, "Minimum amount of a payment in the currency's minor unit."),
	INT("payments", "max_amount", pay_max_amount, 1, INT64_C(1000000000000),
	    5000000, "Maximum amount of a payment in the currency's minor "
	    "unit."),
	INT("payments", "timeout", pay_timeout, 1, 14, 10,
	    "Maximum seconds to wait for a provider."),
	INT("payments", "poll_after", pay_poll_after, 10, 86400, 900,
	    "Seconds after which the provider of a pending payment is polled."),
	INT("payments", "expire_after", pay_expire_after, 60, 31536000, 86400,
	    "Seconds after which an unpaid payment expires."),
	TEXT("payments", "razorpay_url", razorpay_url, 200,
	    "https://api.razorpay.com", "URL of Razorpay's API."),
	TEXT("payments", "razorpay_key_id", razorpay_key_id, 200, "",
	    "Razorpay's key ID."),
	FILE_OF("payments", "razorpay_key_file", razorpay_key_file,
	    "File with Razorpay's key secret."),
	FILE_OF("payments", "razorpay_webhook_file", razorpay_hook_file,
	    "File with Razorpay's webhook secrets, one per line."),
	TEXT("payments", "stripe_url", stripe_url, 200,
	    "https://api.stripe.com", "URL of Stripe's API."),
	TEXT("payments", "stripe_publishable_key", stripe_publishable_key, 200,
	    "", "Stripe's publishable key, for clients."),
	FILE_OF("payments", "stripe_key_file", stripe_key_file,
	    "File with Stripe's secret key."),
	FILE_OF("payments", "stripe_webhook_file", stripe_hook_file,
	    "File with Stripe's webhook secrets, one per line."),
	TEXT("payments", "sandbox_webhook_url", sandbox_webhook_url, 200, "",
	    "URL for the sandbox's webhooks; empty: that of base_url."),

	{ .section = "delivery", .doc = "How SMS are sent.", .field = {
	    .name = "sms", .type = F_ENUM, .off = AT(sms_by),
	    .words = sms_by } },
	{ .section = "delivery", .doc = "How e-mail is sent.", .field = {
	    .name = "email", .type = F_ENUM, .off = AT(email_by),
	    .words = email_by } },
	{ .section = "delivery", .doc = "How push messages are sent.",
	    .field = { .name = "push", .type = F_ENUM, .off = AT(push_by),
	    .words = push_by } },
	TEXT("delivery", "app_name", app_name, 40, "Earmark",
	    "Name of the service in messages, of the sender of e-mail, and in "
	    "authenticator apps."),
	TEXT("delivery", "sms_url", sms_url, 500, "",
	    "URL of the SMS webhook (webhook) or of the provider (http)."),
	FILE_OF("delivery", "sms_secret_file", sms_secret_file,
	    "File with the secret: whsec_... that signs SMS webhooks, or "
	    "{{secret}} of http."),
	FILE_OF("delivery", "sms_ca_file", sms_ca_file,
	    "CA certificates (PEM) for the provider of SMS; empty: those of "
	    "the system."),
	TEXT("delivery", "sms_sender", sms_sender, 20, "",
	    "Sender ID of SMS for webhook and http."),
	TEXT("delivery", "sms_entity_id", sms_entity_id, 40, "",
	    "Entity ID of the sender in India (DLT)."),
	TEXT("delivery", "sms_app_hash", sms_app_hash, 11, "",
	    "Hash of the Android app, the last line of codes by SMS; empty: "
	    "none."),
	TEXT("delivery", "sms_web_host", sms_web_host, 100, "",
	    "Host of the website for WebOTP, in the last line of codes by SMS; "
	    "empty: none."),
	TEXT("delivery", "sms_http_headers", sms_http_headers, 1000, "",
	    "Headers of http, separated by '|', with variables."),
	TEXT("delivery", "sms_http_type", sms_http_type, 100,
	    "application/json", "Content type of the body of http."),
	TEXT("delivery", "sms_http_body", sms_http_body, 4000, "",
	    "Body of http with variables; empty: a GET request."),
	TEXT("delivery", "sms_http_success", sms_http_success, 200, "",
	    "Member and value of the response of http that mean success, such "
	    "as type=success; empty: any 2xx status."),
	TEXT("delivery", "twilio_url", twilio_url, 200,
	    "https://api.twilio.com", "URL of Twilio's API."),
	TEXT("delivery", "twilio_account", twilio_account, 100, "",
	    "Twilio's account SID."),
	FILE_OF("delivery", "twilio_token_file", twilio_token_file,
	    "File with Twilio's auth token."),
	TEXT("delivery", "twilio_from", twilio_from, 100, "",
	    "Sender of SMS: a number or messaging service (MG...)."),
	TEXT("delivery", "smtp_url", smtp_url, 200, "",
	    "Mail server: smtp://HOST:PORT or smtps://HOST:PORT."),
	TEXT("delivery", "smtp_user", smtp_user, 200, "",
	    "User name at the mail server; empty: no authentication."),
	FILE_OF("delivery", "smtp_password_file", smtp_password_file,
	    "File with the password at the mail server."),
	FILE_OF("delivery", "smtp_ca_file", smtp_ca_file,
	    "CA certificates (PEM) for the mail server; empty: those of the "
	    "system."),
	TEXT("delivery", "mail_from", mail_from, 200, "earmark@localhost",
	    "Sender address of e-mail."),
	TEXT("delivery", "bounce_domain", bounce_domain, 100, "",
	    "Domain whose mail `earmark bounce' reads; empty: bounces go to "
	    "mail_from."),
	TEXT("delivery", "fcm_url", fcm_url, 200,
	    "https://fcm.googleapis.com", "URL of Firebase Cloud Messaging."),
	TEXT("delivery", "fcm_token_url", fcm_token_url, 200,
	    "https://oauth2.googleapis.com/token",
	    "URL that issues access tokens for it."),
	FILE_OF("delivery", "fcm_key_file", fcm_key_file,
	    "Key file (JSON) of the service account."),
	FILE_OF("delivery", "fcm_ca_file", fcm_ca_file,
	    "CA certificates (PEM) for both URLs; empty: those of the "
	    "system."),
	TEXT("delivery", "apns_url", apns_url, 200,
	    "https://api.push.apple.com", "URL of Apple's push service."),
	TEXT("delivery", "apns_sandbox_url", apns_sandbox_url, 200,
	    "https://api.sandbox.push.apple.com",
	    "URL of Apple's push service for development builds."),
	FILE_OF("delivery", "apns_ca_file", apns_ca_file,
	    "CA certificates (PEM) for Apple's push service; empty: those of "
	    "the system."),
	FILE_OF("delivery", "apns_key_file", apns_key_file,
	    "File (.p8) with the key that signs provider tokens for Apple."),
	TEXT("delivery", "apns_key_id", apns_key_id, 20, "",
	    "ID of this key, 10 characters."),
	TEXT("delivery", "apns_team_id", apns_team_id, 20, "",
	    "ID of the team at Apple, 10 characters."),
	TEXT("delivery", "apns_topic", apns_topic, 200, "",
	    "Bundle ID of the iOS app."),

	INT("promotions", "referral_inviter", referral_inviter, 0, 1000000000,
	    5000, "Bonus of the inviting user."),
	INT("promotions", "referral_invited", referral_invited, 0, 1000000000,
	    5000, "Bonus of the invited user."),

	INT("referral", "min_commission", referral_min_commission, 0,
	    INT64_C(1000000000000), 0, "Commission on money that an invited "
	    "user spends before both bonuses are paid; 0: their sum."),
	INT("referral", "hold_days", referral_hold_days, 0, 365, 7,
	    "Days after the first top-up before the bonuses are paid."),
	INT("referral", "per_month", referral_per_month, 1, 1000000, 20,
	    "Invited users that one inviter is paid for in 30 days."),

	INT("accounts", "return_days", return_days, 0, 3650, 365,
	    "Days that keyed hashes of the addresses of deleted accounts are "
	    "kept; 0: not kept."),

	{ .section = "reviews", .doc = "Whether public reviews name their "
	    "authors, instead of an initial.",
	    .field = { .name = "names", .type = F_ENUM,
	    .off = AT(review_names), .words = no_yes } },

	INT("support", "tickets_daily", tickets_daily, 1, 100000, 10,
	    "Maximum tickets of one account per day."),
	INT("support", "replies_hourly", replies_hourly, 1, 100000, 60,
	    "Maximum replies of one account per hour."),
	INT("support", "feedback_daily", feedback_daily, 1, 100000, 10,
	    "Maximum feedback of one account per day."),
	INT("support", "reports_daily", reports_daily, 1, 100000, 20,
	    "Maximum reports of one account about others per day."),
	INT("support", "close_days", close_days, 1, 3650, 7,
	    "Days after which a solved ticket is closed."),

	POOL("auth", POOL_AUTH, 4, 1),
	POOL("user", POOL_USER, 2, 1024),
	POOL("listeners", POOL_LISTENERS, 2, 1024),
	POOL("favorites", POOL_FAVORITES, 2, 1024),
	POOL("catalog", POOL_CATALOG, 2, 1024),
	POOL("calls", POOL_CALLS, 2, 1024),
	POOL("wallet", POOL_WALLET, 1, 1024),
	POOL("payments", POOL_PAYMENTS, 4, 1),
	POOL("admin", POOL_ADMIN, 1, 1024),
	POOL("system", POOL_SYSTEM, 1, 1024),
	INT("pools", "recycle", recycle, 1, 1000000000, 1000000,
	    "Requests after which a worker is replaced."),

	INT("jobs", "checkpoint_pages", checkpoint_pages, 10, 1000000, 1000,
	    "Pages in the database's log that start a checkpoint."),
	INT("jobs", "wal_truncate_bytes", wal_truncate_bytes, 65536,
	    INT64_C(1) << 40, 16777216,
	    "Size above which the database's log is truncated, in bytes."),
	INT("jobs", "history_days", history_days, 1, 36500, 400,
	    "Days that the log of favorites is kept."),

	INT("backup", "keep", backup_keep, 0, 100000, 14,
	    "Number of backups that are kept; 0: all."),
	INT("backup", "max_age", backup_max_age, 60, 31536000, 93600,
	    "Seconds after which the last backup is too old."),
	INT("backup", "drill_max_age", drill_max_age, 60, 31536000, 691200,
	    "Seconds after which the last restore test is too old."),
	TEXT("backup", "copy_command", backup_copy_command, 1000, "",
	    "Shell command that copies each backup, the folder $1, to another "
	    "machine; empty: none."),

	TEXT("archive", "dir", archive_dir, 1000, "",
	    "Folder of the continuous archive, an absolute path on another "
	    "disk; empty: none."),
	TEXT("archive", "command", archive_command, 4000, "",
	    "Shell command that stores the file %p in the archive as %f; "
	    "empty: none."),
	TEXT("archive", "fetch", archive_fetch, 4000, "",
	    "Shell command that gets the file %f of the archive as %p, to "
	    "learn whether a standby was promoted; empty: none."),
	INT("archive", "interval", archive_interval, 1, 3600, 1,
	    "Seconds between two copies of the log."),
	INT("archive", "keep", archive_keep, 0, 36500, 30,
	    "Days back to which archive.dir can be restored; 0: any."),
	INT("archive", "base_hours", archive_base_hours, 1, 8760, 24,
	    "Hours after which a new base is made."),
	INT("archive", "max_log", archive_max_log, 16, 1048576, 1024,
	    "MiB of log that wait for the archive before a new base is "
	    "begun."),
	INT("archive", "timeout", archive_timeout, 1, 86400, 300,
	    "Seconds after which archive.command is ended."),
	FILE_OF("archive", "key_file", archive_key_file,
	    "Key that encrypts the archive: 64 hexadecimal digits; empty: no "
	    "encryption."),
};

const size_t conf_keys_n = NELEM(conf_keys);

/* Former names, to be removed in version 1.0. */
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
