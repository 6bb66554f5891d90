/*
 * image_upgrade: brings pictures that are stored already to what uploads are
 * stored as today: without metadata (base/image_strip.h). URLs stay the same.
 *
 * A job that ends: setting 'image_upgrade' is the last account that was looked
 * at, and INT64_MAX once all were. Each file is replaced in one step, so a job
 * that is killed continues.
 */
#ifndef DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H
#define DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H

#include "domain/common/job.h"

#define IMAGE_UPGRADE "image_upgrade"

/*
 * Rewrites the next few files, outside of a write transaction. Files that are
 * no pictures by today's rules stay, with a warning in the log.
 */
enum rc	image_upgrade_pending(struct job_run *);
/* Writes down how far look() came. */
enum rc	image_upgrade_run(struct job_run *);

#endif
