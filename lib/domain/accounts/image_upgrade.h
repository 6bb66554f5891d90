/*
 * image_upgrade: removes the metadata of images that were stored by older
 * versions (base/image_strip.h), as for new uploads. URLs stay the same.
 *
 * The job runs once for each image. Setting 'image_upgrade' is the id of the
 * last account that was processed, and INT64_MAX at the end. Each file is
 * replaced atomically, so a job that was killed continues.
 */
#ifndef DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H
#define DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H

#include "domain/common/job.h"

#define IMAGE_UPGRADE "image_upgrade"

/*
 * Rewrites the next few files, outside of a write transaction. Files that are
 * not valid images remain unchanged and are logged as a warning.
 */
enum rc	image_upgrade_pending(struct job_run *);
/* Stores the progress of image_upgrade_pending(). */
enum rc	image_upgrade_run(struct job_run *);

#endif
