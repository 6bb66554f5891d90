/*
 * image_upgrade: encodes images of accounts that were stored by older versions
 * like new uploads (base/image_decoder.h), and makes their thumbnails.
 *
 * The job runs once for each image. Setting 'image_encoding' is the id of the
 * last account that was processed, and INT64_MAX at the end. Images with a
 * thumbnail are not encoded again.
 *
 * The encoded image gets a new name, and the account refers to it from then on.
 * Files of images never change, so backups, the archive and caches need not
 * compare them. If the job is killed, image_sweep removes files that no account
 * refers to.
 */
#ifndef DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H
#define DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H

#include "domain/common/job.h"

#define IMAGE_UPGRADE "image_encoding"

/*
 * Encodes the next few images, outside of a write transaction. Returns RC_BUSY
 * if no decoder was free; the next run tries again.
 */
enum rc	image_upgrade_pending(struct job_run *);
/*
 * Stores the names of the new images and the progress of
 * image_upgrade_pending().
 */
enum rc	image_upgrade_run(struct job_run *);

#endif
