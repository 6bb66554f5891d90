#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "base/str.h"
#include "cmd/earmark/doctor_launch.h"
#include "net/url_policy.h"
#include "providers/provider.h"

/* File systems of other machines that <linux/magic.h> does not name. */
#define CIFS_MAGIC	0xff534d42
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xfe534d42
#endif
#define FUSE_MAGIC	0x65735546	/* sshfs, rclone mount */

static void
check_address(struct checkup *v)
{
	const char *url = v->conf->base_url;

	if (url_policy_private(url))
		report(v, "address", WARN, "%s is not a public address: set "
		    "server.base_url to the https address of this server", url);
	else if (!str_prefix(url, "https://"))
		report(v, "address", BAD, "%s is not encrypted: install a "
		    "certificate and set server.base_url to an https address",
		    url);
	else
		report(v, "address", GOOD, "%s", url);
}

static void
check_sandbox(struct checkup *v)
{
	if (!provider_on(v->conf, PROVIDER_SANDBOX))
		report(v, "sandbox", GOOD, "not enabled");
	else if (url_policy_private(v->conf->base_url))
		report(v, "sandbox", WARN, "enabled, and %s is a private "
		    "address: remove sandbox from payments.providers before "
		    "you publish the server", v->conf->base_url);
	else
		report(v, "sandbox", BAD, "it adds money without a payment: "
		    "set payments.providers to razorpay or stripe, or leave "
		    "it empty to disable payments");
}

/* Checks the three ways of messages. The value 0 of each key is "file". */
static void
check_messages(struct checkup *v)
{
	const struct {
		const char *name, *what, *fix;
		int by;
		enum level level;
	} ways[] = {
		{ "codes by SMS", "one-time codes by SMS are",
		    "delivery.sms to a provider, or to none if accounts have "
		    "e-mail addresses only", v->conf->sms_by, BAD },
		{ "codes by e-mail", "one-time codes by e-mail are",
		    "delivery.email to smtp, and smtp_url to a mail server",
		    v->conf->email_by, BAD },
		{ "push", "rings and other pushes are",
		    "delivery.push to a provider", v->conf->push_by, WARN },
	};
	size_t i = 0;

	if (v->conf->sms_by == SMS_NONE)
		report(v, ways[i++].name, GOOD, "not sent: accounts have "
		    "e-mail addresses only");
	for (; i < NELEM(ways); i++)
		if (ways[i].by == 0)
			report(v, ways[i].name, ways[i].level, "%s written to "
			    "%s instead of sent: set %s", ways[i].what,
			    v->conf->outbox_file, ways[i].fix);
		else
			report(v, ways[i].name, GOOD, "sent by a provider");
}

static void
check_media(struct checkup *v)
{
	const char *turn = v->conf->turn_urls;

	if (v->conf->rtc_provider != 0)
		report(v, "turn", GOOD, "not needed, calls use Agora");
	else if (turn[0] == '\0')
		report(v, "turn", BAD, "WebRTC calls between some networks, "
		    "such as mobile ones, have no sound: run a TURN server "
		    "such as coturn and set rtc.turn_urls and "
		    "rtc.turn_secret_file, or set rtc.provider to agora");
	else
		report(v, "turn", GOOD, "%s", turn);
}

/* Returns whether a folder is on another machine, or -1 with errno set. */
static int
is_remote(const char *dir)
{
	struct statfs fs;

	if (statfs(dir, &fs) != 0)
		return -1;
	switch ((unsigned)fs.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CIFS_MAGIC:
	case SMB2_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case CEPH_SUPER_MAGIC:
	case V9FS_MAGIC:
	case FUSE_MAGIC:
		return 1;
	default:
		return 0;
	}
}

static void
check_copies(struct checkup *v)
{
	const char *dir = v->conf->backup_dir;

	if (v->conf->backup_copy_command[0] != '\0')
		report(v, "backup copy", GOOD, "%s",
		    v->conf->backup_copy_command);
	else if (is_remote(dir) == 1)
		report(v, "backup copy", GOOD, "%s is on another machine", dir);
	else if (v->conf->archive_command[0] != '\0')
		report(v, "backup copy", GOOD, "archive.command stores all "
		    "changes");
	else if (v->conf->archive_dir[0] != '\0' &&
	    is_remote(v->conf->archive_dir) == 1)
		report(v, "backup copy", GOOD, "%s is on another machine",
		    v->conf->archive_dir);
	else
		report(v, "backup copy", BAD, "all backups are on this "
		    "machine, in %s: set archive.command or backup.copy_command "
		    "to a command that copies to another one, or "
		    "paths.backup_dir or archive.dir to a folder that is "
		    "mounted from there", dir);
}

static void
check_rates(struct checkup *v)
{
	if (v->conf->max_rate == 0)
		report(v, "maximum rate", BAD, "listeners can demand any "
		    "price: set billing.max_rate to the highest rate per "
		    "minute, in the minor unit of %s", v->conf->currency);
	else
		report(v, "maximum rate", GOOD, "%lld per minute",
		    (long long)v->conf->max_rate);
}

static void
check_staff(struct checkup *v)
{
	if (v->conf->staff_mfa == STAFF_MFA_REQUIRED)
		report(v, "second factor", GOOD, "a second factor is required");
	else
		report(v, "second factor", WARN, "a stolen password is enough "
		    "to sign in as an administrator: set auth.staff_mfa to "
		    "required. Each member of staff then sets up a second "
		    "factor before other pages can be used");
}

void
doctor_launch(struct checkup *v)
{
	check_address(v);
	check_sandbox(v);
	check_messages(v);
	check_media(v);
	check_copies(v);
	check_rates(v);
	check_staff(v);
}
