/*
 * image_upgrade: encodes images of accounts that were stored by older versions
 * like new uploads (base/image_decoder.h), and makes their thumbnails. URLs stay
 * the same.
 *
 * The job runs once for each image. Setting 'image_encoding' is the id of the
 * last account that was processed, and INT64_MAX at the end. Each file is
 * replaced atomically and its thumbnail written afterwards. Images with a
 * thumbnail are not encoded again, so a job that was killed continues.
 */
#ifndef DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H
#define DOMAIN_ACCOUNTS_IMAGE_UPGRADE_H

#include "domain/common/job.h"

#define IMAGE_UPGRADE "image_encoding"

/*
 * Rewrites the next few files, outside of a write transaction. Returns RC_BUSY
 * if no decoder was free; the next run tries again.
 */
enum rc	image_upgrade_pending(struct job_run *);
/* Stores the progress of image_upgrade_pending(). */
enum rc	image_upgrade_run(struct job_run *);

#endif
