/*
 * image_decoder: runs earmark-picture, which decodes an image and encodes it
 * again, upright, in sRGB, without metadata and at most IMAGE_DECODER_SIDE
 * pixels wide and high, plus a thumbnail.
 *
 * Decoders read what strangers upload, so they run in a process of their own
 * for each image. It has no files and no permissions (cmd/picture/sandbox.h).
 * It gets the image in a file in memory and writes to another one, which is
 * read only after the process has ended. At most IMAGE_DECODER_SLOTS of these
 * processes run on a machine; files in run/ that they hold locked count them.
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

#define IMAGE_DECODER_INPUT_SIDE 8192	/* maximum width and height, pixels */
#define IMAGE_DECODER_SIDE	1024	/* the same of the result */
#define IMAGE_DECODER_THUMB_SIDE 256	/* the same of thumbnails */
#define IMAGE_DECODER_SLOTS	2	/* processes per machine */
#define IMAGE_DECODER_OUT_MAX	(6 << 20) /* bytes of the result */

/* Exit statuses of earmark-picture. */
enum image_decoder_exit {
	IMAGE_DECODER_DONE,
	IMAGE_DECODER_INVALID = 10,	/* not an image that can be decoded */
	IMAGE_DECODER_TRUNCATED,	/* the end is missing */
	IMAGE_DECODER_SIDES,		/* too wide or too high */
	IMAGE_DECODER_MEMORY,		/* decoding needs too much memory */
	IMAGE_DECODER_SETUP		/* no input or no sandbox */
};

/* The result begins with this. Image and thumbnail follow. */
struct image_decoder_head {
	uint64_t full, thumb;		/* bytes */
};

struct image_decoder {
	pid_t pid;			/* 0: does not run */
	int exited;			/* pidfd, readable when it ended */
	int out;			/* the result, a file in memory */
	int64_t began;			/* µs, monotonic */
	bool stopped;			/* took too long */
};

struct image_decoder_result {
	const uint8_t *full, *thumb;
	size_t nfull, nthumb;		/* bytes */
};

/*
 * Starts the decoder for an image of n bytes. Returns RC_BUSY if all slots are
 * taken, and RC_FAULT (logged) for other errors. After RC_OK, call
 * image_decoder_end().
 */
enum rc	image_decoder_start(struct image_decoder *, const struct conf *,
	    const void *, size_t n);
/*
 * Returns whether the decoder has ended. Kills it after IMAGE_DECODER_TIME.
 * Does not wait.
 */
bool	image_decoder_ended(struct image_decoder *);
/*
 * Ends the decoder, if it runs, and frees what belongs to it. If it has ended
 * with a result, reads it into the arena. type is the type of the image.
 * Returns RC_MEDIA with a message if the image cannot be used, RC_BUSY if the
 * decoder was killed from outside or took too long, and RC_FAULT (logged) for
 * other errors.
 */
enum rc	image_decoder_end(struct image_decoder *, struct arena *,
	    const char *type, struct image_decoder_result *, struct err *);
/* Does all of this and waits for a slot and for the end. For jobs. */
enum rc	image_decoder_run(const struct conf *, const char *type, const void *,
	    size_t n, struct arena *, struct image_decoder_result *,
	    struct err *);

#endif
