/*
 * phone_upgrade: converts phone numbers that older versions stored to the form
 * in which numbers are looked up now (identifier_read()). Otherwise their owners
 * could not sign in.
 *
 * The job runs once over all accounts. Setting PHONE_UPGRADE is the id of the
 * last account that was processed, and INT64_MAX at the end.
 */
#ifndef DOMAIN_ACCOUNTS_PHONE_UPGRADE_H
#define DOMAIN_ACCOUNTS_PHONE_UPGRADE_H

#include "domain/common/job.h"

#define PHONE_UPGRADE		"phone_upgrade"
/* Setting: accounts whose number could not be converted. */
#define PHONE_UPGRADE_LEFT	"phone_upgrade_left"

enum rc	phone_upgrade_pending(struct job_run *);
/*
 * Converts a batch; each change is audited. A number remains unchanged if it is
 * impossible, or if another account has verified its normal form. The log names
 * these accounts, and `earmark doctor` their number.
 */
enum rc	phone_upgrade_run(struct job_run *);

#endif
