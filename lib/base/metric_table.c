/*
 * metric_table: what each family of metrics is, for whoever reads them.
 */
#include "base/metric.h"
#include "base/str.h"

static const struct family {
	const char *name, *type, *help;
} families[] = {
	{ "earmark_build_info", "gauge", "What is running." },
	{ "earmark_schema_version", "gauge",
	    "The database's schema that the program knows." },
	{ "earmark_http_requests_total", "counter", "Requests answered." },
	{ "earmark_http_request_duration_seconds", "histogram",
	    "How long requests took." },
	{ "earmark_db_commits_total", "counter",
	    "Write transactions committed." },
	{ "earmark_db_commit_seconds_total", "counter",
	    "How long committing took." },
	{ "earmark_db_write_lock_wait_seconds_total", "counter",
	    "How long writers waited for each other." },
	{ "earmark_db_wal_pages", "gauge",
	    "Pages in the database's log after the last commit." },
	{ "earmark_db_wal_copied_pages", "gauge",
	    "How many of them the last checkpoint has copied." },
	{ "earmark_db_wal_bytes", "gauge",
	    "Size of the database's log, as earmark-jobs saw it last." },
	{ "earmark_checkpoint_total", "counter", "Checkpoints made." },
	{ "earmark_outbox_total", "counter",
	    "Messages sent, tried again, and given up." },
	{ "earmark_outbox_pending", "gauge", "Messages that wait to be sent." },
	{ "earmark_outbox_oldest_seconds", "gauge",
	    "For how long the first of them has been due." },
	{ "earmark_refused_total", "counter",
	    "Requests and messages refused by a limit of ours." },
	{ "earmark_webhooks_total", "counter",
	    "Webhooks of payment providers, by what became of them." },
	{ "earmark_realtime_connections", "gauge",
	    "Connections that are open now." },
	{ "earmark_realtime_events_total", "counter",
	    "Events that were read for them." },
	{ "earmark_realtime_cut_total", "counter",
	    "Connections closed since their device was signed out." },
	{ "earmark_users", "gauge", "Accounts." },
	{ "earmark_listeners", "gauge", "Registered listeners." },
	{ "earmark_listed_listeners", "gauge",
	    "Listeners that are shown to others." },
	{ "earmark_job_last_run_timestamp_seconds", "gauge",
	    "When a job ran last." },
	{ "earmark_ledger_proof_failed", "gauge",
	    "Whether the last proof of the ledger found it broken." },
	{ "earmark_ledger_last_proof_timestamp_seconds", "gauge",
	    "When what was new in the ledger was proved, 0 if never." },
	{ "earmark_ledger_last_whole_proof_timestamp_seconds", "gauge",
	    "When all of the ledger was proved, 0 if never." },
	{ "earmark_ledger_transfers", "gauge",
	    "Transfers that the last proof has seen." },
	{ "earmark_audit_proof_failed", "gauge",
	    "Whether the last proof of the audit found it broken." },
	{ "earmark_audit_last_proof_timestamp_seconds", "gauge",
	    "When what was new in the audit was proved, 0 if never." },
	{ "earmark_audit_last_whole_proof_timestamp_seconds", "gauge",
	    "When all of the audit was proved, 0 if never." },
	{ "earmark_audit_rows", "gauge",
	    "Rows of the audit that the last proof has seen." },
	{ "earmark_backup_last_success_timestamp_seconds", "gauge",
	    "When the newest good backup was made, 0 if never." },
	{ "earmark_backup_failed", "gauge",
	    "Whether the newest backup failed." },
	{ "earmark_backup_last_duration_seconds", "gauge",
	    "How long the newest good backup took." },
	{ "earmark_backup_last_size_bytes", "gauge",
	    "How large the newest good backup is." },
	{ "earmark_restore_drill_last_success_timestamp_seconds", "gauge",
	    "When a backup was last restored for proof, 0 if never." },
	{ "earmark_restore_drill_failed", "gauge",
	    "Whether the newest of these proofs failed." },
	{ "earmark_restore_drill_last_duration_seconds", "gauge",
	    "How long the newest good one took." },
	{ "earmark_restore_drill_last_size_bytes", "gauge",
	    "How large what it restored was." },
	{ "earmark_metrics_overflow_total", "counter",
	    "Counts of series for which there was no place." },
};

/* Is that line, which ends with a newline, a series of it? */
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
		bool any = false;	/* told */

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
