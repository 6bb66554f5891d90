/*
 * epoch: numbers the histories of an installation, as timelines do in
 * PostgreSQL.
 *
 * The first history has the number 1. Promoting a standby begins the next one.
 * The database and the archive contain the number, so that a machine learns
 * that another one has taken over. Two machines that were promoted at the same
 * time have the same number, but not the same id.
 */
#ifndef BASE_EPOCH_H
#define BASE_EPOCH_H

#include <stdint.h>

struct epoch {
	int64_t number;			/* from 1 */
	int64_t id;			/* random; 0: the first history */
	/* Where the history before ended; base_at 0: not known. */
	int64_t base_at;		/* of its last base, ms */
	int64_t generation, frames;
};

#endif
