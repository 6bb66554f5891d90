/*
 * bounce: reads reports about mail that could not be delivered (RFC 3464). All
 * input may be forged; the caller checks the recipient.
 */
#ifndef NET_BOUNCE_H
#define NET_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define BOUNCE_BYTES	(256 * 1024)	/* maximum size that is read */

struct bounce {
	/* addresses of the headers To, Delivered-To and X-Original-To */
	const char *to[8];
	size_t n_to;
	bool report;			/* a delivery report */
	/* a recipient with the action "failed"; status is 5.x.x, or 0.0.0 */
	bool failed;
	int status[3];
};

/* Reads a message of n bytes. Texts are in the arena. */
void	bounce_read(struct arena *, const char *text, size_t n,
	    struct bounce *);

#endif
