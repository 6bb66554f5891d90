/*
 * image_removal: removes the files of images that no row refers to any more.
 *
 * Triggers on accounts and flyers insert the names of the files in the
 * transaction that replaces or deletes an image (image_removal). A job removes
 * the files after the commit. So a rollback keeps them, and no file remains if
 * a process ends after the commit.
 *
 * Another table that refers to such files needs these triggers, and a line in
 * the statement backup_log_images, so that backups and restores have its files.
 */
#ifndef DOMAIN_COMMON_IMAGE_REMOVAL_H
#define DOMAIN_COMMON_IMAGE_REMOVAL_H

#include "domain/common/job.h"

/* Removes some of the files and their thumbnails. */
enum rc	image_removal_pending(struct job_run *);
/* Deletes the rows of the files that image_removal_pending() removed. */
enum rc	image_removal_run(struct job_run *);

#endif
