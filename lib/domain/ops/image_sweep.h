/*
 * image_sweep: removes files of images that no row refers to.
 *
 * A worker creates the files of an upload before the transaction that refers to
 * them (fcgi/core/image_upload.h). If it is killed in between, they remain. Once
 * a day, this job reads the folder in slices and looks up each file that is
 * older than IMAGE_SWEEP_AGE. It removes only files that the service names
 * (base/image_store.h).
 *
 * After a restore of an old database, no row refers to newer images, which
 * another restore may need. So there is no pass for IMAGE_SWEEP_HOLD after a
 * restore.
 *
 * Setting 'image_sweep' is the time of the last complete pass. A pass that a
 * restart interrupts begins again.
 */
#ifndef DOMAIN_OPS_IMAGE_SWEEP_H
#define DOMAIN_OPS_IMAGE_SWEEP_H

#include "domain/common/job.h"

#define IMAGE_SWEEP	"image_sweep"
/* ms between two passes */
#define IMAGE_SWEEP_EVERY DAY
/* ms that a file remains at least. An upload takes at most some minutes. */
#define IMAGE_SWEEP_AGE	HOUR
/* ms without a pass after a restore */
#define IMAGE_SWEEP_HOLD (30 * DAY)

/* Looks at the next files, outside of a write transaction. */
enum rc	image_sweep_pending(struct job_run *);
/* Stores that a pass is complete. */
enum rc	image_sweep_run(struct job_run *);

#endif
