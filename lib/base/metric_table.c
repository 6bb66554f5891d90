/* metric_table: the description of each family of metrics. */
#include "base/metric.h"
#include "base/str.h"

static const struct family {
	const char *name, *type, *help;
} families[] = {
	{ "earmark_build_info", "gauge", "Version and commit of the program." },
	{ "earmark_schema_version", "gauge",
	    "Schema level of the program." },
	{ "earmark_http_requests_total", "counter", "HTTP requests." },
	{ "earmark_http_request_duration_seconds", "histogram",
	    "Duration of requests." },
	{ "earmark_db_commits_total", "counter",
	    "Committed write transactions." },
	{ "earmark_db_commit_seconds_total", "counter",
	    "Duration of commits." },
	{ "earmark_db_write_lock_wait_seconds_total", "counter",
	    "Time that writers waited for the writer lock." },
	{ "earmark_db_wal_pages", "gauge",
	    "Pages in the database's log after the last commit." },
	{ "earmark_db_wal_copied_pages", "gauge",
	    "Pages that the last checkpoint copied." },
	{ "earmark_db_wal_bytes", "gauge",
	    "Size of the database's log at the last check of earmark-jobs." },
	{ "earmark_checkpoint_total", "counter", "Checkpoints." },
	{ "earmark_outbox_total", "counter",
	    "Messages that were sent, retried and abandoned." },
	{ "earmark_outbox_pending", "gauge",
	    "Messages that are waiting to be sent." },
	{ "earmark_outbox_oldest_seconds", "gauge",
	    "Time since the oldest of them was due." },
	{ "earmark_smtp_rejected_total", "counter",
	    "Rejections of the mail server." },
	{ "earmark_oidc_key_fetches_total", "counter",
	    "Requests for the public keys of OpenID providers." },
	{ "earmark_refused_total", "counter",
	    "Requests and messages that a limit rejected." },
	{ "earmark_webhooks_total", "counter",
	    "Webhooks of payment providers by result." },
	{ "earmark_realtime_connections", "gauge",
	    "Open connections." },
	{ "earmark_realtime_events_total", "counter",
	    "Events that were read for these connections." },
	{ "earmark_realtime_cut_total", "counter",
	    "Connections that were closed because their session ended." },
	{ "earmark_users", "gauge", "Accounts." },
	{ "earmark_listeners", "gauge", "Registered listeners." },
	{ "earmark_listed_listeners", "gauge",
	    "Listeners that are visible to callers." },
	{ "earmark_listeners_online", "gauge",
	    "Listeners that callers see as online." },
	{ "earmark_listeners_busy", "gauge",
	    "Those of them that are in a call or session." },
	{ "earmark_calls_live", "gauge", "Calls that ring or are accepted." },
	{ "earmark_sessions_live", "gauge", "Sessions that have not ended." },
	{ "earmark_verifications_pending", "gauge",
	    "Listeners that wait for verification." },
	{ "earmark_tickets_open", "gauge",
	    "Support tickets that wait for the staff." },
	{ "earmark_payments_flagged", "gauge",
	    "Payments that an administrator must check." },
	{ "earmark_today", "gauge",
	    "Events of the current day (UTC)." },
	{ "earmark_today_amount", "gauge",
	    "Amounts of the current day (UTC) in units of the currency." },
	{ "earmark_database_size_bytes", "gauge",
	    "Size of the database without its log." },
	{ "earmark_disk_free_bytes", "gauge",
	    "Space on the disk of the database that the service can use." },
	{ "earmark_disk_size_bytes", "gauge",
	    "Size of the disk of the database." },
	{ "earmark_job_last_run_timestamp_seconds", "gauge",
	    "Time of the last run of a job." },
	{ "earmark_ledger_proof_failed", "gauge",
	    "Whether the last check of the ledger found an error." },
	{ "earmark_ledger_last_proof_timestamp_seconds", "gauge",
	    "Time of the last check of new transfers, 0 if never." },
	{ "earmark_ledger_last_whole_proof_timestamp_seconds", "gauge",
	    "Time of the last full check of the ledger, 0 if never." },
	{ "earmark_ledger_transfers", "gauge",
	    "Transfers in the last check." },
	{ "earmark_audit_proof_failed", "gauge",
	    "Whether the last check of the audit log found an error." },
	{ "earmark_audit_last_proof_timestamp_seconds", "gauge",
	    "Time of the last check of new audit rows, 0 if never." },
	{ "earmark_audit_last_whole_proof_timestamp_seconds", "gauge",
	    "Time of the last full check of the audit log, 0 if never." },
	{ "earmark_audit_rows", "gauge",
	    "Audit rows in the last check." },
	{ "earmark_archive_lag_seconds", "gauge",
	    "Age of the oldest file that waits for the archive." },
	{ "earmark_archive_copied_timestamp_seconds", "gauge",
	    "Time up to which all transactions wait for the archive or are in "
	    "it." },
	{ "earmark_archive_pending_bytes", "gauge",
	    "Size of the files that wait for the archive." },
	{ "earmark_standby_complete_timestamp_seconds", "gauge",
	    "Time up to which the standby has all transactions." },
	{ "earmark_standby_failing", "gauge",
	    "Whether the standby cannot read the archive." },
	{ "earmark_archive_failures_total", "counter",
	    "Failed attempts to store files in the archive." },
	{ "earmark_archive_files_total", "counter",
	    "Files stored in the archive." },
	{ "earmark_archive_segments_total", "counter",
	    "Segments of the log copied for the archive." },
	{ "earmark_archive_bases_total", "counter",
	    "Bases made for the archive." },
	{ "earmark_archive_broken", "gauge",
	    "Whether the archive has a gap and waits for a new base." },
	{ "earmark_backup_last_success_timestamp_seconds", "gauge",
	    "Time of the last successful backup, 0 if never." },
	{ "earmark_backup_failed", "gauge",
	    "Whether the last backup failed." },
	{ "earmark_backup_last_duration_seconds", "gauge",
	    "Duration of the last successful backup." },
	{ "earmark_backup_last_size_bytes", "gauge",
	    "Size of the last successful backup." },
	{ "earmark_restore_drill_last_success_timestamp_seconds", "gauge",
	    "Time of the last successful restore test, 0 if never." },
	{ "earmark_restore_drill_failed", "gauge",
	    "Whether the last restore test failed." },
	{ "earmark_restore_drill_last_duration_seconds", "gauge",
	    "Duration of the last successful restore test." },
	{ "earmark_restore_drill_last_size_bytes", "gauge",
	    "Size of the restored backup." },
	{ "earmark_metrics_overflow_total", "counter",
	    "Counts of series that did not fit in the table." },
};

/*
 * Returns whether a line, which ends with a newline, is a series of the family.
 */
static bool
belongs(const char *line, const struct family *f)
{
	static const char *const parts[] = { "_bucket", "_sum", "_count" };
	size_t n = strlen(f->name);

	if (strncmp(line, f->name, n) != 0)
		return false;
	line += n;
	for (size_t i = 0; i < NELEM(parts) && *f->type == 'h'; i++)
		if (str_prefix(line, parts[i]))
			line += strlen(parts[i]);
	return *line == '{' || *line == ' ';
}

void
metric_expose(const char *lines, struct buf *out)
{
	for (size_t i = 0; i < NELEM(families); i++) {
		const struct family *f = &families[i];
		const char *line, *end;
		bool any = false;	/* HELP and TYPE were written */

		for (line = lines; *line != '\0'; line = end) {
			end = strchr(line, '\n');
			if (end++ == NULL)
				break;
			if (!belongs(line, f))
				continue;
			if (!any)
				buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n",
				    f->name, f->help, f->name, f->type);
			any = true;
			buf_add(out, line, (size_t)(end - line));
		}
	}
}
