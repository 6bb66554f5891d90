/*
 * image_decoder: runs earmark-picture, which decodes an image and encodes it
 * again, upright, in sRGB, without metadata and at most IMAGE_DECODER_SIDE
 * pixels wide and high, plus a thumbnail.
 *
 * Decoders read what strangers upload, so they run in a process of their own
 * for each image. It has no permissions (cmd/picture/sandbox.h). It reads one
 * open file, and writes and syncs others, which are read only after the process
 * has ended. So no sync delays the process that waits for it. At most
 * IMAGE_DECODER_SLOTS of these processes run on a machine; files in run/ that
 * they hold locked count them.
 */
#ifndef BASE_IMAGE_DECODER_H
#define BASE_IMAGE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

#define IMAGE_DECODER_INPUT_SIDE 65500	/* maximum width and height, pixels */
#define IMAGE_DECODER_PIXELS	(8192 * 8192) /* maximum of the input */
#define IMAGE_DECODER_SIDE	1024	/* the same of the result */
#define IMAGE_DECODER_THUMB_SIDE 256	/* the same of thumbnails */
#define IMAGE_DECODER_SLOTS	2	/* processes per machine */
#define IMAGE_DECODER_OUT_MAX	(6 << 20) /* bytes of each file */

/* Exit statuses of earmark-picture. */
enum image_decoder_exit {
	IMAGE_DECODER_DONE,
	IMAGE_DECODER_INVALID = 10,	/* not an image that can be decoded */
	IMAGE_DECODER_TRUNCATED,	/* the end is missing */
	IMAGE_DECODER_SIDES,		/* too wide or too high */
	IMAGE_DECODER_MEMORY,		/* decoding needs too much memory */
	IMAGE_DECODER_SETUP,		/* no input or no sandbox */
	IMAGE_DECODER_FULL		/* the disk is full */
};

/* Descriptors of earmark-picture; 2 is the log. */
enum image_decoder_fd {
	IMAGE_DECODER_FD_INPUT = 0,
	IMAGE_DECODER_FD_FULL = 1,
	IMAGE_DECODER_FD_SLOT = 3,
	IMAGE_DECODER_FD_THUMB = 4,
	IMAGE_DECODER_FD_FOLDER = 5
};

/*
 * Open files for a decoder. Each descriptor is greater than
 * IMAGE_DECODER_FD_FOLDER.
 */
struct image_decoder_files {
	int input;			/* the image, from the position of the
					 * file to its end */
	int full, thumb;		/* empty files for the result */
	int folder;			/* synced after them */
};

struct image_decoder {
	pid_t pid;			/* 0: does not run */
	int exited;			/* pidfd, readable when it ended */
	int64_t began;			/* µs, monotonic */
	bool stopped;			/* took too long */
};

/*
 * Takes a slot. Returns its descriptor, which the caller closes after
 * image_decoder_start(); the decoder then keeps the slot until its end. Returns
 * -1 with RC_BUSY in *rc if all slots are taken, and with RC_FAULT (logged) for
 * other errors.
 */
int	image_decoder_slot(const struct conf *, enum rc *rc);
/* Returns a file in memory with n bytes as input, or -1 (logged). */
int	image_decoder_input(const void *, size_t n);
/*
 * Starts a decoder. The files belong to the caller. Returns RC_FAULT (logged) on
 * failure. After RC_OK, call image_decoder_end().
 */
enum rc	image_decoder_start(struct image_decoder *, int slot,
	    const struct image_decoder_files *);
/*
 * Returns whether the decoder has ended. Kills it after IMAGE_DECODER_TIME.
 * Does not wait.
 */
bool	image_decoder_ended(struct image_decoder *);
/*
 * Ends the decoder, if it runs. Returns RC_OK if the result was written and
 * synced, RC_MEDIA with a message if the image cannot be used, RC_BUSY if the
 * decoder was killed from outside or took too long, RC_FULL (logged) if the disk
 * is full, and RC_FAULT (logged) for other errors.
 */
enum rc	image_decoder_end(struct image_decoder *, struct err *);
/*
 * Checks a file of the result: the process may have been hostile. type is the
 * type of the input. Returns the number of its bytes, or 0 if it is not an image
 * of this type.
 */
size_t	image_decoder_check(int fd, const char *type);
/*
 * Decodes n bytes into the files f->full, f->thumb and f->folder. Does all of
 * this, and waits for a slot and for the end. For jobs.
 */
enum rc	image_decoder_run(const struct conf *, const char *type, const void *,
	    size_t n, struct image_decoder_files *f, struct err *);

#endif
