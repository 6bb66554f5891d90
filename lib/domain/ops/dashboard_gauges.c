#include "domain/ops/dashboard_gauges.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/money.h"
#include "base/str.h"
#include "domain/ops/analytics.h"
#include "domain/ops/dashboard.h"

/* Appends an amount in units of the currency: 123456 is 1234.56 in INR. */
static void
add_amount(struct buf *out, int64_t amount, const char *currency)
{
	int digits = money_exponent(currency);
	int64_t unit = 1;

	for (int i = 0; i < digits; i++)
		unit *= 10;
	buf_fmt(out, "%s%" PRId64, amount < 0 && amount > -unit ? "-" : "",
	    amount / unit);
	if (digits > 0)
		buf_fmt(out, ".%0*" PRId64, digits,
		    (int64_t)llabs(amount % unit));
}

/* Appends the sums of the current day, except those that overlap. */
static void
add_today(struct buf *out, const struct dashboard *d, const char *currency)
{
	for (int m = METRIC_REGISTRATIONS; m <= METRIC_PROMOTIONS; m++) {
		const char *name = metric_names[m - 1];

		if (m == METRIC_SUPPLY || m == METRIC_DEMAND)
			continue;
		if (analytics_metric_unit((enum metric_id)m) != UNIT_MONEY) {
			buf_fmt(out, "earmark_today{metric=\"%s\"} %" PRId64
			    "\n", name, d->today[m]);
			continue;
		}
		buf_fmt(out, "earmark_today_amount{metric=\"%s\","
		    "currency=\"%s\"} ", name, currency);
		add_amount(out, d->today[m], currency);
		buf_str(out, "\n");
	}
}

static void
add_sizes(struct buf *out, const struct conf *conf)
{
	struct statvfs fs;
	struct stat st;

	if (stat(conf->db_file, &st) == 0)
		buf_fmt(out, "earmark_database_size_bytes %" PRId64 "\n",
		    (int64_t)st.st_size);
	if (statvfs(conf->db_file, &fs) == 0)
		buf_fmt(out, "earmark_disk_free_bytes %" PRIu64 "\n"
		    "earmark_disk_size_bytes %" PRIu64 "\n",
		    (uint64_t)fs.f_bavail * fs.f_frsize,
		    (uint64_t)fs.f_blocks * fs.f_frsize);
}

enum rc
dashboard_gauges(struct db *db, const struct conf *conf, int64_t now,
    struct buf *out)
{
	struct dashboard d;
	enum rc rc = dashboard_read(db, now, &d);
	const struct {
		const char *name;
		int64_t n;
	} gauges[] = {
		{ "earmark_listeners_online", d.listeners_online },
		{ "earmark_listeners_busy", d.listeners_busy },
		{ "earmark_calls_live", d.calls_live },
		{ "earmark_sessions_live", d.sessions_live },
		{ "earmark_verifications_pending", d.verifications_pending },
		{ "earmark_tickets_open", d.tickets_open },
		{ "earmark_payments_flagged", d.payments_flagged },
	};

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < NELEM(gauges); i++)
		buf_fmt(out, "%s %" PRId64 "\n", gauges[i].name, gauges[i].n);
	add_today(out, &d, conf->currency);
	add_sizes(out, conf);
	return RC_OK;
}
